"""The works that wait, found with the time since when: the board asks of every campaign, and need not look at each work for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WAITING = sa.text("state in ('received', 'unshowable', 'ready')")


def upgrade() -> None:
    """Make it again with the time."""
    op.drop_index("ix_contribution_waiting", "contribution")
    op.create_index(
        "ix_contribution_waiting", "contribution", ["campaign_id", "state"], postgresql_where=WAITING, postgresql_include=["state_since"]
    )


def downgrade() -> None:
    """As it was."""
    op.drop_index("ix_contribution_waiting", "contribution")
    op.create_index("ix_contribution_waiting", "contribution", ["campaign_id", "state"], postgresql_where=WAITING)

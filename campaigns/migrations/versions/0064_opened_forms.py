"""When somebody last opened the form on which it is changed where their money goes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0064"
down_revision: str | None = "0063"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Nobody has yet."""
    op.add_column("payout_account", sa.Column("form_opened_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Nobody knows."""
    op.drop_column("payout_account", "form_opened_at")

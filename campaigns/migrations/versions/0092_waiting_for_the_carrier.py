"""How long the carrier's word on a letter of unknown fate is waited for, in the time of the machines and not of the business."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0092"
down_revision: str | None = "0090"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """What waits now waits no longer than it would from now on."""
    for table in ("mail", "mail_chunk"):
        op.add_column(table, sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True))
    op.execute("update mail set wait_until = now() + interval '2 minutes' where state = 'unknown' and chunk_id is null")


def downgrade() -> None:
    """Without it."""
    for table in ("mail_chunk", "mail"):
        op.drop_column(table, "wait_until")

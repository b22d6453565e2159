"""The digest of a payout run's file, under which people approve it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add it."""
    op.add_column("payout_run", sa.Column("file_hash", sa.String(64), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("payout_run", "file_hash")

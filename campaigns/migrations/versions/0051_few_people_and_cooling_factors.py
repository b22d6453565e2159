"""A brief that says that few people run the platform; a first factor that counts only later."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0051"
down_revision: str | None = "0050"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """What is there already says nothing of the kind, and counts."""
    op.add_column("brief", sa.Column("few_people", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    for table in ("passkey", "code_app"):
        op.add_column(table, sa.Column("counts_from", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """As it was."""
    for table in ("passkey", "code_app"):
        op.drop_column(table, "counts_from")
    op.drop_column("brief", "few_people")

"""How many anchors were written outside the database is remembered in it, with the last one's signature."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0077"
down_revision: str | None = "0076"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """A file that was begun before is remembered from its next line on."""
    op.create_table(
        "anchor_file",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(length=10), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.CheckConstraint("lines > 0", name=op.f("ck_anchor_file_has_lines")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_anchor_file")),
    )


def downgrade() -> None:
    """A file that was cut off is found by nobody."""
    op.drop_table("anchor_file")

"""What people have put aside of what needs them and of what they were told; whether there is money for them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add both."""
    op.create_table(
        "put_aside",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notice", sa.String(length=160), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_put_aside_person_id")),
        sa.PrimaryKeyConstraint("person_id", "notice", name=op.f("pk_put_aside")),
    )
    op.add_column("attention", sa.Column("earns", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("attention", "earns", server_default=None)


def downgrade() -> None:
    """Take both away."""
    op.drop_column("attention", "earns")
    op.drop_table("put_aside")

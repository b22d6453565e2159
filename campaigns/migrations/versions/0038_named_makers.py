"""Makers whom the sender of a work named by an address, and when they said that they made it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Begin with nobody: how those of before were named was never kept."""
    op.create_table(
        "named_maker",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id", "person_id"],
            ["maker.contribution_id", "maker.person_id"],
            name=op.f("fk_named_maker_contribution_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", "person_id", name=op.f("pk_named_maker")),
    )


def downgrade() -> None:
    """Forget how they were named."""
    op.drop_table("named_maker")

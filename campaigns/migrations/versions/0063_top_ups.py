"""Money that finance draws from our bank onto our balance; and which refunds gave back first what lay in the bank."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0063"
down_revision: str | None = "0062"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Room for top-ups; the refunds that there are were divided by the rule before."""
    op.create_table(
        "top_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        sa.Column("provider_id", sa.String(120)),
        sa.Column("expected_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.String(80)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_up")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_top_up_asked_by_person")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_top_up_provider_id")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_top_up_amount")),
        sa.CheckConstraint("state in ('promised', 'pending', 'succeeded', 'failed', 'canceled')", name=op.f("ck_top_up_state")),
    )
    op.add_column("refund", sa.Column("wired_first", sa.Boolean(), nullable=False, server_default=sa.text("true")))
    op.execute("update refund set wired_first = false")


def downgrade() -> None:
    """Without top-ups."""
    op.drop_column("refund", "wired_first")
    op.drop_table("top_up")

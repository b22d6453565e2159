"""Our balance at Stripe by its kinds and parts, as Stripe said last; a transfer takes from one kind."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0089"
down_revision: str | None = "0088"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Every transfer so far took from the kind that is meant where none is said."""
    op.add_column("payout_item", sa.Column("source_type", sa.String(12), server_default="card", nullable=False))
    op.create_check_constraint(op.f("ck_payout_item_source_type"), "payout_item", "source_type in ('card', 'bank_account', 'fpx')")
    op.create_table(
        "stripe_balance",
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("by_source", JSONB(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_stripe_balance")),
    )


def downgrade() -> None:
    """Without it: every transfer takes from the balance of cards."""
    op.drop_table("stripe_balance")
    op.drop_constraint(op.f("ck_payout_item_source_type"), "payout_item")
    op.drop_column("payout_item", "source_type")

"""By how much payees' accounts at Stripe are below zero, as Stripe said when it was last asked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0096"
down_revision: str | None = "0095"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """The table, empty: the next whole comparison with Stripe fills it."""
    op.create_table(
        "negative_balance",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("payout_account.id"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("account_id", "currency"),
        sa.CheckConstraint("amount < 0", name="amount"),
    )


def downgrade() -> None:
    """Without it; Stripe still says it."""
    op.drop_table("negative_balance")

"""A rate that Stripe does not say, and where the search for accounts below zero left off."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0097_payee_schedules"
down_revision: str | None = "0096"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Every rate so far is Stripe's: without one nothing was booked. The first search makes its row."""
    op.add_column("provider_conversion", sa.Column("rate_is_ours", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "shortfall_search",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("left_off", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name="one"),
    )


def downgrade() -> None:
    """Without both."""
    op.drop_table("shortfall_search")
    op.drop_column("provider_conversion", "rate_is_ours")

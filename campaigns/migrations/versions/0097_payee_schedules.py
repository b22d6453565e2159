"""What Stripe does not say: a rate that is ours."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0097_payee_schedules"
down_revision: str | None = "0096"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Every rate so far is Stripe's: without one nothing was booked."""
    op.add_column("provider_conversion", sa.Column("rate_is_ours", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Without it."""
    op.drop_column("provider_conversion", "rate_is_ours")

"""A top-up that our bank took back is reversed, and until when Stripe waits for what it asks of a payee."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0095"
down_revision: str | None = "0094"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BEFORE = ("promised", "pending", "succeeded", "failed", "canceled")


def upgrade() -> None:
    """What is asked of payees now has its date once their accounts are looked at again."""
    _constrain((*BEFORE, "reversed"))
    op.add_column("payout_account", sa.Column("due_by", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Without it: what was taken back did not come."""
    op.drop_column("payout_account", "due_by")
    op.execute("update top_up set state = 'failed' where state = 'reversed'")
    _constrain(BEFORE)


def _constrain(states: Sequence[str]) -> None:
    op.drop_constraint(op.f("ck_top_up_state"), "top_up")
    op.create_check_constraint(op.f("ck_top_up_state"), "top_up", f"state in {tuple(states)}")

"""A refund that Stripe does not send on is stuck, until finance has it tried again or has sent it in Stripe's dashboard."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0094"
down_revision: str | None = "0093"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BEFORE = ("promised", "sent", "asked", "on_cash", "settled", "by_hand", "uncertain")
STATES = ("promised", "sent", "asked", "on_cash", "stuck", "settled", "by_hand", "uncertain")
# What is on the balance and is not promised to be sent on was refused: nobody tries it any more.
STUCK = """
    update refund_part set state = 'stuck' where state = 'on_cash' and not exists (
        select from outbox where kind = 'brief_refund_on' and key = concat(refund_part.id, ':', refund_part.asks) and kept_at is null
    )
"""


def upgrade() -> None:
    """What finance has sent so far came from our bank account; what Stripe has refused to send on is stuck."""
    op.add_column("refund_part", sa.Column("sent_from_stripe", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_check_constraint(op.f("ck_refund_part_sent_from_stripe"), "refund_part", "not sent_from_stripe or settled_by is not null")
    _constrain(STATES)
    op.execute(STUCK)


def _constrain(states: Sequence[str]) -> None:
    op.drop_constraint(op.f("ck_refund_part_state"), "refund_part")
    op.create_check_constraint(op.f("ck_refund_part_state"), "refund_part", f"state in {tuple(states)}")


def downgrade() -> None:
    """Without it: what is stuck lies on the brand's balance."""
    op.execute("update refund_part set state = 'on_cash' where state = 'stuck'")
    _constrain(BEFORE)
    op.drop_constraint(op.f("ck_refund_part_sent_from_stripe"), "refund_part")
    op.drop_column("refund_part", "sent_from_stripe")

"""A refund of a bank transfer is settled when the brand's bank has it: until then Stripe asks the brand where to, or keeps it for them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0088"
down_revision: str | None = "0087"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STATES = ("promised", "sent", "asked", "on_cash", "settled", "by_hand", "uncertain")
BEFORE = ("promised", "sent", "settled", "by_hand", "uncertain")


def upgrade() -> None:
    """What was settled stays so: where it ended cannot be seen here, and Stripe's dashboard shows what lies on cash balances."""
    op.add_column("refund_part", sa.Column("asks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("refund_part", sa.Column("asked_of", sa.String(320), nullable=True))
    op.add_column("refund_part", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("refund_part", sa.Column("asked_until", sa.DateTime(timezone=True), nullable=True))
    _constrain(STATES)
    op.create_check_constraint(op.f("ck_refund_part_asked"), "refund_part", "state <> 'asked' or asked_until is not null")


def _constrain(states: Sequence[str]) -> None:
    op.drop_constraint(op.f("ck_refund_part_state"), "refund_part")
    op.create_check_constraint(op.f("ck_refund_part_state"), "refund_part", f"state in {tuple(states)}")


def downgrade() -> None:
    """Without it: what Stripe asks for is on its way."""
    op.drop_constraint(op.f("ck_refund_part_asked"), "refund_part")
    op.execute("update refund_part set state = 'sent' where state in ('asked', 'on_cash')")
    _constrain(BEFORE)
    for column in ("asked_until", "asked_at", "asked_of", "asks"):
        op.drop_column("refund_part", column)

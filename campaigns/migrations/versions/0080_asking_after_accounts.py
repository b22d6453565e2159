"""Accounts that are under way are asked after, should the provider's word never come."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0080"
down_revision: str | None = "0079"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Whoever is under way is asked after from now on: the word may have been missed long ago."""
    op.add_column("payout_account", sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payout_account", sa.Column("asks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("payout_account", sa.Column("asked_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("update payout_account set ask_at = now(), asked_since = now() where state = 'onboarding'")
    op.create_check_constraint(
        op.f("ck_payout_account_asks"), "payout_account", "asks >= 0 and (ask_at is null or asked_since is not null)"
    )
    due = sa.text("state = 'onboarding' and ask_at is not null")
    op.create_index("ix_payout_account_ask", "payout_account", ["ask_at", "id"], postgresql_where=due)


def downgrade() -> None:
    """Without it: only the provider's word tells that an account is ready."""
    op.drop_index("ix_payout_account_ask", "payout_account")
    op.drop_constraint(op.f("ck_payout_account_asks"), "payout_account")
    for column in ("asked_since", "asks", "ask_at"):
        op.drop_column("payout_account", column)

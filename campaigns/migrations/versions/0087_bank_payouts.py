"""A payment is sent when Stripe has transferred it, and paid when it has arrived at the payee's bank."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0087"
down_revision: str | None = "0084"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STATES = ("ready", "sending", "unknown", "sent", "paid", "bank_returned", "failed", "returned", "discarded")
BEFORE = ("ready", "sending", "unknown", "paid", "failed", "returned", "discarded")
AWAITED = sa.text("state in ('sent', 'bank_returned')")


def upgrade() -> None:
    """What was transferred before is taken to have arrived, as its payees were told; a bank that sends it back still changes that."""
    op.alter_column("payout_item", "state", type_=sa.String(20), existing_type=sa.String(12), existing_nullable=False)
    op.add_column("payout_item", sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update payout_item set arrived_at = settled_at where state = 'paid'")
    _constrain(STATES, "('sent', 'paid', 'bank_returned', 'returned')")
    op.create_check_constraint(op.f("ck_payout_item_arrived"), "payout_item", "(arrived_at is not null) = (state = 'paid')")
    op.create_index("ix_payout_item_awaited", "payout_item", ["settled_at"], postgresql_where=AWAITED)
    _add_tables()
    op.add_column("payout_account", sa.Column("pays_out", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("payout_account", sa.Column("arrivals_ask_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payout_account", sa.Column("arrivals_asks", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("ix_payout_account_ask", "payout_account")
    op.create_index("ix_payout_account_ask", "payout_account", ["ask_at", "id"], postgresql_where=sa.text("ask_at is not null"))
    op.execute("update mail set notice = 'sent' where notice = 'paid'")


def _constrain(states: Sequence[str], transferred: str) -> None:
    for name, rule in (("state", f"state in {tuple(states)}"), ("transfer", f"(transfer_id is not null) = (state in {transferred})")):
        op.drop_constraint(op.f(f"ck_payout_item_{name}"), "payout_item")
        op.create_check_constraint(op.f(f"ck_payout_item_{name}"), "payout_item", rule)


def _add_tables() -> None:
    op.create_table(
        "bank_payout",
        sa.Column("id", sa.String(120), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("failure", sa.String(80), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('pending', 'in_transit', 'paid', 'failed', 'canceled')", name=op.f("ck_bank_payout_state")),
        sa.ForeignKeyConstraint(["account_id"], ["payout_account.id"], name=op.f("fk_bank_payout_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_payout")),
    )
    op.create_index(op.f("ix_bank_payout_account_id"), "bank_payout", ["account_id"])
    op.create_table(
        "bank_payout_item",
        sa.Column("bank_payout_id", sa.String(120), nullable=False),
        sa.Column("item_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["bank_payout_id"], ["bank_payout.id"], name=op.f("fk_bank_payout_item_bank_payout_id")),
        sa.ForeignKeyConstraint(["item_id"], ["payout_item.id"], name=op.f("fk_bank_payout_item_item_id")),
        sa.PrimaryKeyConstraint("bank_payout_id", "item_id", name=op.f("pk_bank_payout_item")),
    )
    op.create_index(op.f("ix_bank_payout_item_item_id"), "bank_payout_item", ["item_id"])


def downgrade() -> None:
    """Without it: transferred is paid again, and nobody asks what became of it."""
    op.execute("update mail set notice = 'paid' where notice = 'sent'")
    op.drop_index("ix_payout_account_ask", "payout_account")
    due = sa.text("state = 'onboarding' and ask_at is not null")
    op.create_index("ix_payout_account_ask", "payout_account", ["ask_at", "id"], postgresql_where=due)
    for column in ("arrivals_asks", "arrivals_ask_at", "pays_out"):
        op.drop_column("payout_account", column)
    op.drop_table("bank_payout_item")
    op.drop_table("bank_payout")
    op.drop_index("ix_payout_item_awaited", "payout_item")
    op.drop_constraint(op.f("ck_payout_item_arrived"), "payout_item")
    for name in ("state", "transfer"):
        op.drop_constraint(op.f(f"ck_payout_item_{name}"), "payout_item")
    op.execute("update payout_item set state = 'paid' where state in ('sent', 'bank_returned')")
    op.create_check_constraint(op.f("ck_payout_item_state"), "payout_item", f"state in {BEFORE}")
    op.create_check_constraint(
        op.f("ck_payout_item_transfer"), "payout_item", "(transfer_id is not null) = (state in ('paid', 'returned'))"
    )
    op.drop_column("payout_item", "arrived_at")
    op.alter_column("payout_item", "state", type_=sa.String(12), existing_type=sa.String(20), existing_nullable=False)

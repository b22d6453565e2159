"""Payments that a customer's bank questions, and its early warnings of fraud."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0084"
down_revision: str | None = "0083"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CLOSED = ("won", "lost", "warning_closed", "prevented")
STATUSES = ("warning_needs_response", "warning_under_review", "needs_response", "under_review", *CLOSED)
MOMENT = sa.DateTime(timezone=True)


def _about() -> list[sa.Column[object]]:
    """What both are about: the provider's names for it, and the payment of ours where it is known."""
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("provider_id", sa.String(120), nullable=False, unique=True),
        sa.Column("charge", sa.String(120), nullable=False),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("invoice_payment.id"), nullable=True, index=True),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=True, index=True),
        sa.Column("looked_at", MOMENT, nullable=False),
    ]


def _word(name: str) -> list[sa.Column[object]]:
    """Somebody's word on it, and when."""
    return [
        sa.Column(f"{name}_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=True),
        sa.Column(f"{name}_at", MOMENT, nullable=True),
    ]


def upgrade() -> None:
    """Both tables, empty: what was disputed before is brought in by the next comparison with the provider."""
    op.create_table(
        "dispute",
        *_about(),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("due_by", MOMENT, nullable=True),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        *_word("drafted"),
        *_word("handed_in"),
        *_word("accepted"),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("kept_back", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.CheckConstraint("amount >= 0 and submissions >= 0 and lost >= 0 and kept_back >= 0", name="amounts"),
        sa.CheckConstraint(f"status in {STATUSES}", name="status"),
        sa.CheckConstraint(f"(closed_at is not null) = (status in {CLOSED})", name="closed"),
        sa.CheckConstraint("(payment_id is null) = (campaign_id is null)", name="payment"),
        sa.CheckConstraint("(drafted_by is null) = (drafted_at is null)", name="drafted"),
        sa.CheckConstraint("(handed_in_by is null) = (handed_in_at is null)", name="handed_in"),
        sa.CheckConstraint("(accepted_by is null) = (accepted_at is null)", name="accepted"),
        sa.CheckConstraint("handed_in_at is null or accepted_at is null", name="one_answer"),
    )
    op.create_index("ix_dispute_open", "dispute", ["due_by", "id"], postgresql_where=sa.text("closed_at is null"))
    op.create_index("ix_dispute_charge", "dispute", ["charge"])
    op.create_table(
        "fraud_warning",
        *_about(),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("is_actionable", sa.Boolean(), nullable=False),
        sa.Column("warned_at", MOMENT, nullable=False),
        sa.CheckConstraint("(payment_id is null) = (campaign_id is null)", name="payment"),
    )


def downgrade() -> None:
    """Without them; what they moved stays in the books."""
    op.drop_table("fraud_warning")
    op.drop_table("dispute")

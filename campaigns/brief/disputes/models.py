"""Disputes and early fraud warnings about payments, as the provider last told of them, and what we answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Amount, Base, Currency, Id

INQUIRIES = ("warning_needs_response", "warning_under_review")
ANSWERABLE = ("warning_needs_response", "needs_response")
# `prevented` is what Stripe's own alerts have settled before it became a dispute.
CLOSED = ("won", "lost", "warning_closed", "prevented")
# While a bank has the money, Stripe gives none of it back a second time.
NOT_REFUNDABLE = ("needs_response", "under_review", "lost")
# What a bank takes as files of a service; Stripe has one more, about parcels (https://docs.stripe.com/api/disputes/update).
FILE_FIELDS = (
    "customer_signature", "customer_communication", "service_documentation", "receipt", "cancellation_policy", "refund_policy",
    "duplicate_charge_documentation", "uncategorized_file",
)  # fmt: skip
MIMES = ("application/pdf", "image/jpeg", "image/png")
# All files of one dispute together (https://docs.stripe.com/disputes/best-practices); the largest of 5 MB
# (https://docs.stripe.com/file-upload) is more than that.
MOST_BYTES, MOST_PAGES = 4_500_000, 49
STATUSES = (*INQUIRIES, "needs_response", "under_review", *CLOSED)


class Dispute(Base):
    """A payment that the customer's bank questions: an inquiry, which moves no money, or a chargeback, which takes it at once.

    `payment_id` is empty where nothing of ours was paid; `looked_at`, process time, keeps an older answer that comes late from counting.
    `evidence` is the text that is handed in. `lost` is what of it became the brand's debt, in the `turns`-th journal; `kept_back` what of a
    campaign's rest was not given back to the brand while it was undecided.
    """

    __tablename__ = "dispute"

    id: Mapped[Id]
    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    charge: Mapped[str] = mapped_column(String(120))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice_payment.id"), index=True)
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    reason: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(24))
    due_by: Mapped[datetime | None]
    submissions: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    looked_at: Mapped[datetime]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    drafted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[datetime | None]
    handed_in_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    handed_in_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None]
    refusal: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    lost: Mapped[Amount] = mapped_column(default=0)
    turns: Mapped[int] = mapped_column(default=0)
    kept_back: Mapped[Amount] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount >= 0 and submissions >= 0 and lost >= 0 and kept_back >= 0", name="amounts"),
        CheckConstraint(f"status in {STATUSES}", name="status"),
        CheckConstraint(f"(closed_at is not null) = (status in {CLOSED})", name="closed"),
        CheckConstraint("(payment_id is null) = (campaign_id is null)", name="payment"),
        CheckConstraint("(drafted_by is null) = (drafted_at is null)", name="drafted"),
        CheckConstraint("(handed_in_by is null) = (handed_in_at is null)", name="handed_in"),
        CheckConstraint("(accepted_by is null) = (accepted_at is null)", name="accepted"),
        CheckConstraint("handed_in_at is null or accepted_at is null", name="one_answer"),
        Index("ix_dispute_open", "due_by", "id", postgresql_where="closed_at is null"),
        Index("ix_dispute_charge", "charge"),
    )

    @property
    def is_inquiry(self) -> bool:
        """Whether the bank only asks, so that nothing has been taken."""
        return self.status in INQUIRIES or self.status == "warning_closed"

    @property
    def is_answerable(self) -> bool:
        """Whether evidence can still be handed in, or the dispute accepted: nobody has done either."""
        return self.status in ANSWERABLE and self.handed_in_at is None and self.accepted_at is None


class DisputeFile(Base):
    """A file of a dispute's evidence, one for each of the bank's fields; a trigger keeps it as it is once the evidence is handed in.

    `provider_id` is what the provider calls it since it has it; `tries` how often it was to be sent under another key than before.
    """

    __tablename__ = "dispute_file"

    id: Mapped[Id]
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    field: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))
    mime: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[Amount]
    pages: Mapped[int]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    provider_id: Mapped[str | None] = mapped_column(String(120))
    tries: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("dispute_id", "field"),
        CheckConstraint(f"field in {FILE_FIELDS}", name="field"),
        CheckConstraint(f"mime in {MIMES}", name="mime"),
        CheckConstraint(f"bytes between 1 and {MOST_BYTES} and pages between 1 and {MOST_PAGES} and tries >= 0", name="amounts"),
    )


class FraudWarning(Base):
    """A bank's early word that a payment may be fraud: nothing has been taken, and a refund now keeps it from becoming a dispute."""

    __tablename__ = "fraud_warning"

    id: Mapped[Id]
    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    charge: Mapped[str] = mapped_column(String(120))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice_payment.id"), index=True)
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    is_actionable: Mapped[bool]
    warned_at: Mapped[datetime]
    looked_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("(payment_id is null) = (campaign_id is null)", name="payment"),)

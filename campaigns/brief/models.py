"""What a brand asks for, who has signed it, and the money that came for it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import TypeAliasType

from campaigns.brief.licenses import NEWEST_LICENCE
from campaigns.core.confirmations import Confirmable
from campaigns.core.db import Amount, Base, Currency, Id
from campaigns.core.names import Name, one_line

DATES = ("call_closes_at", "collaboration_closes_at", "curation_due_at", "delivery_due_at", "go_live_at")
InvoiceState = TypeAliasType("InvoiceState", Literal["promised", "open", "paid", "void", "refused", "uncertain", "credited"])
INVOICE_STATES = get_args(InvoiceState.__value__)
RefundState = TypeAliasType("RefundState", Literal["promised", "sent", "asked", "on_cash", "stuck", "settled", "by_hand", "uncertain"])
REFUND_STATES = get_args(RefundState.__value__)

FEE_BPS = 1_500
# Covers every kill fee that falls due before an approval; from the approval on the price itself is owed.
RESERVE_BPS = 3_300
WHOLE_BPS = 10_000
# What the platform keeps of its fee when the campaign is cancelled: nothing, as large a fraction as the kill fee is, or all of it.
CancellationFee = TypeAliasType("CancellationFee", Literal["none", "share", "full"])
CANCELLATION_FEES = get_args(CancellationFee.__value__)
Fraction = Numeric(5, 4)


class Brief(Base):
    """What binds the brand and the platform; `moved_on` holds the seconds that pauses and extensions have added to each date.

    `brand_name` is what the brand was called when it was launched: what was signed stays signed when the brand is called otherwise.
    """

    __tablename__ = "brief"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    brand_name: Mapped[str | None] = mapped_column(String(120))
    story: Mapped[str] = mapped_column(Text, default="")
    asked_for: Mapped[str] = mapped_column(Text, default="")
    do_list: Mapped[list[Any]] = mapped_column(default=list)
    dont_list: Mapped[list[Any]] = mapped_column(default=list)

    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    call_closes_at: Mapped[datetime | None]
    collaboration_closes_at: Mapped[datetime | None]
    curation_due_at: Mapped[datetime | None]
    delivery_due_at: Mapped[datetime | None]
    go_live_at: Mapped[datetime | None]
    moved_on: Mapped[dict[str, Any]] = mapped_column(default=dict)

    currency: Mapped[Currency] = mapped_column(default="USD")
    assembly: Mapped[Decimal] = mapped_column(Fraction, default=Decimal(0))
    contains: Mapped[Decimal] = mapped_column(Fraction, default=Decimal("0.3"))
    influenced_by: Mapped[Decimal] = mapped_column(Fraction, default=Decimal("0.1"))
    staff_ids: Mapped[list[Any]] = mapped_column(default=list)
    fee_bps: Mapped[int] = mapped_column(default=FEE_BPS)
    reserve_bps: Mapped[int] = mapped_column(default=RESERVE_BPS)
    kill_fee_before_changes_bps: Mapped[int] = mapped_column(default=2_500)
    kill_fee_after_changes_bps: Mapped[int] = mapped_column(default=3_300)
    kill_fee_approved_bps: Mapped[int] = mapped_column(default=WHOLE_BPS)
    cancellation_fee: Mapped[str] = mapped_column(String(10), default="share")

    licence_version: Mapped[str] = mapped_column(String(20), default=NEWEST_LICENCE)
    ai_training: Mapped[bool] = mapped_column(default=False)
    credit_names: Mapped[bool] = mapped_column(default=True)
    exclusivity: Mapped[str] = mapped_column(String(20), default="none")
    few_people: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    edited_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (
        CheckConstraint("assembly >= 0 and assembly < 1", name="assembly"),
        CheckConstraint("contains >= 0 and influenced_by >= 0 and contains + influenced_by < 1", name="pass_on"),
        CheckConstraint("fee_bps between 0 and 10000 and reserve_bps between 0 and 10000", name="budget"),
        CheckConstraint("kill_fee_before_changes_bps >= 0 and kill_fee_approved_bps <= 10000", name="kill_fees"),
        CheckConstraint("kill_fee_before_changes_bps <= kill_fee_after_changes_bps", name="kill_fee_after_changes"),
        CheckConstraint("kill_fee_after_changes_bps <= kill_fee_approved_bps", name="kill_fee_approved"),
        CheckConstraint(f"cancellation_fee in {CANCELLATION_FEES}", name="cancellation_fee"),
        CheckConstraint("exclusivity = 'none'", name="exclusivity"),
        Index("ix_brief_staff", "staff_ids", postgresql_using="gin"),
    )


class SignOff(Base):
    """One person's signature under one sign-off role on exactly one text, which stays as history; Signature says whether it holds."""

    __tablename__ = "sign_off"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    sign_off_role: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]]
    signed_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("campaign_id", "sign_off_role", "hash", "person_id"),)


class BilledParty(Base):
    """Who a brand's invoices are made out to, in which country, and the customer that the provider knows them as."""

    __tablename__ = "billed_party"

    id: Mapped[Id]
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    name: Mapped[str] = mapped_column(Name(160, is_company=True))
    email: Mapped[str] = mapped_column(String(254))
    customer: Mapped[str | None] = mapped_column(String(120))
    country: Mapped[str | None] = mapped_column(String(2))

    __table_args__ = (UniqueConstraint("brand_id", "name", "email"), one_line("name"))


class Invoice(Base):
    """A sum that the brand is asked for through the provider, who was first asked at `tried_at`; it may be paid in parts.

    `by_card_only` where the provider has no bank transfer for the customer's country and the currency.
    """

    __tablename__ = "invoice"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    billed_party_id: Mapped[UUID] = mapped_column(ForeignKey("billed_party.id"))
    amount: Mapped[Amount]
    paid: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[Currency]
    po_number: Mapped[str | None] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(12), default="promised")
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    number: Mapped[str | None] = mapped_column(String(60))
    url: Mapped[str | None] = mapped_column(Text)
    refusal: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    by_card_only: Mapped[bool] = mapped_column(default=False, server_default="false")

    __table_args__ = (
        CheckConstraint("amount > 0 and paid >= 0", name="amounts"),
        CheckConstraint(f"state in {INVOICE_STATES}", name="state"),
    )


class Payment(Base):
    """A payment that arrived on an invoice; `refunded` is what has been promised back out of it."""

    __tablename__ = "invoice_payment"

    id: Mapped[Id]
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"), index=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    charge: Mapped[str] = mapped_column(String(120))
    amount: Mapped[Amount]
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    paid_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("amount > 0 and refunded between 0 and amount", name="amounts"),)


class Receipt(Confirmable, Base):
    """Money that reached our bank account, written down by one person and confirmed by another."""

    __tablename__ = "receipt"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    reference: Mapped[str] = mapped_column(String(160))
    received_on: Mapped[date]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("confirmed_by <> recorded_by", name="two_people"),
        CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed"),
        UniqueConstraint("campaign_id", "reference"),
    )


class Advance(Base):
    """What finance let a campaign start with before the brand has paid."""

    __tablename__ = "advance"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    reason: Mapped[str] = mapped_column(Text)
    approved_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)


class Refund(Base):
    """Money promised back to the brand, and what of an advance it need not pay any more; `key` makes promising it twice impossible.

    `wired_first` is false of those from before what lay in our bank account was given back first.
    """

    __tablename__ = "refund"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    amount: Mapped[Amount]
    let_go: Mapped[Amount]
    currency: Mapped[Currency]
    reason: Mapped[str] = mapped_column(Text)
    promised_at: Mapped[datetime]
    wired_first: Mapped[bool] = mapped_column(default=True, server_default=text("true"))

    __table_args__ = (CheckConstraint("amount >= 0 and let_go >= 0 and amount + let_go > 0", name="amounts"),)


# How often Stripe asks a brand for a bank account before a person does.
ROUNDS = 2


class RefundPart(Base):
    """The share of a refund that goes back the way one payment came, or by hand where it has no payment.

    `asked_of` is whom Stripe asked for a bank account, `asked_until` when it gives up; `asks` counts how often it was sent on from the
    brand's cash balance. What Stripe does not send on from there is stuck; `sent_from_stripe` is what finance then sent in its dashboard,
    and not from our bank account.
    """

    __tablename__ = "refund_part"

    id: Mapped[Id]
    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refund.id"), index=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice_payment.id"), index=True)
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    state: Mapped[str] = mapped_column(String(12), default="promised")
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    reference: Mapped[str | None] = mapped_column(String(160))
    tried_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(default=0, server_default="0")
    asked_of: Mapped[str | None] = mapped_column(String(320))
    asked_at: Mapped[datetime | None]
    asked_until: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    sent_from_stripe: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    @property
    def is_asked_last(self) -> bool:
        """Whether nobody is asked again if this time nobody answers: it is then left to finance."""
        return self.asks + 1 >= ROUNDS

    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(f"state in {REFUND_STATES}", name="state"),
        CheckConstraint("not sent_from_stripe or settled_by is not null", name="sent_from_stripe"),
        CheckConstraint("state <> 'asked' or asked_until is not null", name="asked"),
        CheckConstraint("state <> 'by_hand' or settled_at is null", name="by_hand"),
    )

"""How the sum comes together, over HTTP: invoices, receipts by hand, advances, and refunds that finance sends itself."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.brief.text import BudgetShown
from api.deps import At, By, FromRow, OnlyOnce, Tx
from api.forms import Day, Email, Reason
from api.ledger.books import ConversionShown
from campaigns.brief import funding, queries, refunds
from campaigns.brief.models import Payment
from campaigns.payments.models import ProviderConversion

router = APIRouter()
Minor = Annotated[int, Field(strict=True, lt=2**53, description="Minor units of the brief's currency.", examples=[7_400_000])]
Reference = Annotated[str, Field(max_length=160, description="What the bank statement calls it.", examples=["ZAPPOS PO 4711"])]


class InvoiceForm(BaseModel):
    """Without an amount, everything that nothing asks for yet."""

    amount: Minor | None = None
    po_number: str | None = Field(None, max_length=30, examples=["PO-4711"])
    bill_to: str | None = Field(None, max_length=160, description="By default the brand's name.", examples=["Zappos.com LLC"])
    email: Email | None = Field(None, description="By default the brand's billing address.")
    country: str | None = Field(
        None, pattern="^[A-Z]{2}$", examples=["DE"], description="Where they are; it decides by which bank transfer they can pay."
    )


class Numbered(FromRow):
    id: UUID


class InvoiceShown(Numbered):
    """An invoice: promised, open, paid, void, refused with its reason, or uncertain; `url` is where it is paid."""

    amount: int
    paid: int
    currency: str
    po_number: str | None
    state: str
    number: str | None
    url: str | None
    refusal: str | None
    by_card_only: bool = Field(description="Stripe has no bank transfer in this currency for where they are.")
    asked_at: datetime


class PaymentShown(Numbered):
    invoice_id: UUID
    amount: int
    refunded: int
    paid_at: datetime
    converted: ConversionShown | None = Field(None, description="Where Stripe settled it in another currency; for finance.")

    @classmethod
    def of(cls, payment: Payment, converted: ProviderConversion | None) -> "PaymentShown":
        shown = ConversionShown.model_validate(converted) if converted else None
        return cls(**{name: getattr(payment, name) for name in ("id", "invoice_id", "amount", "refunded", "paid_at")}, converted=shown)


class ReceiptForm(BaseModel):
    amount: Minor
    reference: Reference
    received_on: Day


class ReceiptShown(Numbered):
    amount: int
    currency: str
    reference: str
    received_on: date
    recorded_by: UUID
    confirmed_by: UUID | None
    confirmed_at: datetime | None


class AdvanceForm(BaseModel):
    """Without an amount, everything that is missing."""

    amount: Minor | None = None
    reason: Reason


class AdvanceShown(Numbered):
    amount: int
    currency: str
    reason: str
    approved_by: UUID
    approved_at: datetime


class RefundShown(Numbered):
    """A part of a refund: promised, sent, settled, uncertain, or by_hand for finance to send.

    Of a bank transfer also asked, where Stripe asked the brand for a bank account, on_cash, where it lies on their balance at Stripe, and
    stuck, where Stripe does not send it on from there.
    """

    amount: int
    currency: str
    state: str
    reference: str | None
    asked_of: str | None = Field(description="Whom Stripe asked for the bank account, by email.")
    asked_until: datetime | None = Field(description="When Stripe gives up; then it lies on the brand's balance there and is sent on.")
    settled_at: datetime | None


class SentByHand(BaseModel):
    reference: Reference


class FundingShown(BaseModel):
    """How far the sum is covered: `held` is what is there, `receivable` what of it is advanced, `missing` what keeps it from launching."""

    budget: BudgetShown
    held: int
    receivable: int
    missing: int
    disputed: int = Field(description="What a bank has taken back and not decided about: what it covered is not paid out meanwhile.")
    unrecovered: int = Field(description="What is owed again, because a bank decided for its customer.")
    invoices: list[InvoiceShown]
    payments: list[PaymentShown]
    receipts: list[ReceiptShown]
    advances: list[AdvanceShown]
    refunds: list[RefundShown]

    @classmethod
    def of(cls, found: queries.Funding) -> "FundingShown":
        budget = found.cover.budget
        return cls(
            budget=BudgetShown(pool=budget.pool, fee=budget.fee, reserve=budget.reserve, total=budget.total, currency=budget.currency),
            held=found.cover.held, receivable=found.cover.receivable, missing=found.cover.missing,
            disputed=found.cover.disputed, unrecovered=found.cover.unrecovered,
            invoices=[InvoiceShown.model_validate(each) for each in found.invoices],
            payments=[PaymentShown.of(each, found.conversions.get(each.charge)) for each in found.payments],
            receipts=[ReceiptShown.model_validate(each) for each in found.receipts],
            advances=[AdvanceShown.model_validate(each) for each in found.advances],
            refunds=[RefundShown.model_validate(each) for each in found.refunds],
        )  # fmt: skip


@router.get("/campaigns/{campaign_id}/funding")
def show_funding(campaign_id: UUID, session: Tx, by: By) -> FundingShown:
    """Where the sum stands, and every piece of money."""
    return FundingShown.of(queries.funding(session, campaign_id, by=by))


@router.post("/campaigns/{campaign_id}/funding/invoices", status_code=201, response_model=InvoiceShown)
def ask_invoice(campaign_id: UUID, body: InvoiceForm, session: Tx, by: By, at: At, once: OnlyOnce) -> InvoiceShown | Response:
    """Have the brand billed; the invoice is drawn up and sent a moment later."""
    return once(lambda: InvoiceShown.model_validate(funding.ask_invoice(session, campaign_id, **body.model_dump(), by=by, at=at)))


@router.post("/campaigns/{campaign_id}/funding/invoices/{invoice_id}/withdraw", status_code=202)
def withdraw_invoice(campaign_id: UUID, invoice_id: UUID, session: Tx, by: By, at: At) -> InvoiceShown:
    """Withdraw an invoice on which nothing has been paid; it is void a moment later."""
    return InvoiceShown.model_validate(funding.withdraw_invoice(session, campaign_id, invoice_id, by=by, at=at))


@router.post("/campaigns/{campaign_id}/funding/receipts", status_code=201, response_model=ReceiptShown)
def record_receipt(campaign_id: UUID, body: ReceiptForm, session: Tx, by: By, at: At, once: OnlyOnce) -> ReceiptShown | Response:
    """Write down a transfer to our bank account; another person confirms it."""
    return once(lambda: ReceiptShown.model_validate(funding.record_receipt(session, campaign_id, **body.model_dump(), by=by, at=at)))


@router.post("/campaigns/{campaign_id}/funding/receipts/{receipt_id}/confirm")
def confirm_receipt(campaign_id: UUID, receipt_id: UUID, session: Tx, by: By, at: At) -> ReceiptShown:
    """Confirm, as a second person, that the transfer has arrived."""
    return ReceiptShown.model_validate(funding.confirm_receipt(session, campaign_id, receipt_id, by=by, at=at))


@router.post("/campaigns/{campaign_id}/funding/advances", status_code=201, response_model=AdvanceShown)
def approve_advance(campaign_id: UUID, body: AdvanceForm, session: Tx, by: By, at: At, once: OnlyOnce) -> AdvanceShown | Response:
    """Let the campaign start before the brand has paid; finance's act."""
    return once(lambda: AdvanceShown.model_validate(funding.approve_advance(session, campaign_id, body.reason, body.amount, by=by, at=at)))


@router.post("/campaigns/{campaign_id}/funding/refunds/{part_id}/confirm")
def confirm_refund(campaign_id: UUID, part_id: UUID, body: SentByHand, session: Tx, by: By, at: At) -> RefundShown:
    """Confirm that finance has sent this part of a refund from our bank account."""
    return RefundShown.model_validate(refunds.confirm_refund_by_hand(session, campaign_id, part_id, body.reference, by=by, at=at))


@router.post("/campaigns/{campaign_id}/funding/refunds/{part_id}/retry")
def send_refund_on(campaign_id: UUID, part_id: UUID, session: Tx, by: By, at: At) -> RefundShown:
    """Have Stripe send on once more a refund that is stuck on the brand's balance there; it is asked a moment later."""
    return RefundShown.model_validate(refunds.send_on_again(session, campaign_id, part_id, by=by, at=at))

"""How the sum comes together, over HTTP: invoices, receipts by hand, advances, and refunds that finance sends itself."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.brief.text import BudgetShown
from api.deps import At, By, FromRow, OnlyOnce, Tx
from api.forms import Day, EmailAddress, Reason
from api.ledger.books import ConversionShown
from campaigns.brief import refunds
from campaigns.brief.funding import actions as funding_actions
from campaigns.brief.funding import queries as funding_queries
from campaigns.brief.models import InvoiceState, Payment, RefundState
from campaigns.payments.models import ProviderConversion

router = APIRouter()
Minor = Annotated[int, Field(strict=True, lt=2**53, description="Minor units of the brief's currency.", examples=[7_400_000])]
Reference = Annotated[str, Field(max_length=160, description="As shown on the bank statement.", examples=["ZAPPOS PO 4711"])]


class InvoiceForm(BaseModel):
    """Without an amount, the invoice is for everything not invoiced yet."""

    amount: Minor | None = None
    po_number: str | None = Field(None, max_length=30, examples=["PO-4711"])
    bill_to: str | None = Field(None, max_length=160, description="Defaults to the brand's name.", examples=["Zappos.com LLC"])
    email: EmailAddress | None = Field(None, description="Defaults to the brand's billing email.")
    country: str | None = Field(
        None, pattern="^[A-Z]{2}$", examples=["DE"], description="The brand's country; it determines the kind of bank transfer offered."
    )


class Numbered(FromRow):
    id: UUID


class InvoiceShown(Numbered):
    """An invoice: promised, open, paid, void, credited, refused (`refusal` says why) or uncertain; `url` is its payment page."""

    amount: int
    paid: int
    currency: str
    po_number: str | None
    state: InvoiceState
    number: str | None
    url: str | None
    refusal: str | None
    by_card_only: bool = Field(description="Stripe offers no bank transfers in this currency for the brand's country.")
    asked_at: datetime


class InvoicePaymentShown(Numbered):
    invoice_id: UUID
    amount: int
    refunded: int
    paid_at: datetime
    converted: ConversionShown | None = Field(None, description="Set if Stripe settled it in another currency; for finance only.")

    @classmethod
    def of(cls, payment: Payment, converted: ProviderConversion | None) -> "InvoicePaymentShown":
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
    """Without an amount, the advance is for everything outstanding."""

    amount: Minor | None = None
    reason: Reason


class AdvanceShown(Numbered):
    amount: int
    currency: str
    reason: str
    approved_by: UUID
    approved_at: datetime


class RefundShown(Numbered):
    """A part of a refund: promised, sent, settled, uncertain, or by_hand (finance sends it).

    For a bank transfer also asked (Stripe asked the brand for bank details), on_cash (the money is on the brand's balance at Stripe) or
    stuck (Stripe does not send it on from there).
    """

    amount: int
    currency: str
    state: RefundState
    reference: str | None
    asked_of: str | None = Field(description="The address that Stripe emailed to ask for bank details.")
    asked_until: datetime | None = Field(description="When Stripe's request ends: it asks once more, then finance does.")
    settled_at: datetime | None


class RefundSentForm(BaseModel):
    reference: Reference


class FundingShown(BaseModel):
    """How far the budget is covered: `held` is available, `receivable` is the part advanced, `missing` is what launch still needs."""

    budget: BudgetShown
    held: int
    receivable: int
    missing: int
    disputed: int = Field(description="What a bank has taken back until it decides; what it covered is not paid out in the meantime.")
    unrecovered: int = Field(description="What the brand owes again because a bank ruled for its customer.")
    invoices: list[InvoiceShown]
    payments: list[InvoicePaymentShown]
    receipts: list[ReceiptShown]
    advances: list[AdvanceShown]
    refunds: list[RefundShown]

    @classmethod
    def of(cls, found: funding_queries.Funding) -> "FundingShown":
        budget = found.cover.budget
        return cls(
            budget=BudgetShown(pool=budget.pool, fee=budget.fee, reserve=budget.reserve, total=budget.total, currency=budget.currency),
            held=found.cover.held, receivable=found.cover.receivable, missing=found.cover.missing,
            disputed=found.cover.disputed, unrecovered=found.cover.unrecovered,
            invoices=[InvoiceShown.model_validate(each) for each in found.invoices],
            payments=[InvoicePaymentShown.of(each, found.conversions.get(each.charge)) for each in found.payments],
            receipts=[ReceiptShown.model_validate(each) for each in found.receipts],
            advances=[AdvanceShown.model_validate(each) for each in found.advances],
            refunds=[RefundShown.model_validate(each) for each in found.refunds],
        )  # fmt: skip


@router.get("/campaigns/{campaign_id}/funding")
def show_funding(campaign_id: UUID, session: Tx, by: By) -> FundingShown:
    """Get how far the budget is covered, and every invoice, payment, receipt, advance and refund."""
    return FundingShown.of(funding_queries.funding(session, campaign_id, by=by))


@router.post("/campaigns/{campaign_id}/funding/invoices", status_code=201, response_model=InvoiceShown)
def ask_invoice(campaign_id: UUID, body: InvoiceForm, session: Tx, by: By, at: At, once: OnlyOnce) -> InvoiceShown | Response:
    """Invoice the brand; the invoice is prepared and sent a moment later."""
    return once(lambda: InvoiceShown.model_validate(funding_actions.ask_invoice(session, campaign_id, **body.model_dump(), by=by, at=at)))


@router.post("/campaigns/{campaign_id}/funding/invoices/{invoice_id}/withdraw", status_code=202)
def withdraw_invoice(campaign_id: UUID, invoice_id: UUID, session: Tx, by: By, at: At) -> InvoiceShown:
    """Withdraw an invoice on which nothing has been paid; it becomes void a moment later."""
    return InvoiceShown.model_validate(funding_actions.withdraw_invoice(session, campaign_id, invoice_id, by=by, at=at))


@router.post("/campaigns/{campaign_id}/funding/receipts", status_code=201, response_model=ReceiptShown)
def record_receipt(campaign_id: UUID, body: ReceiptForm, session: Tx, by: By, at: At, once: OnlyOnce) -> ReceiptShown | Response:
    """Record a transfer to our bank account; another person must confirm it."""
    return once(
        lambda: ReceiptShown.model_validate(funding_actions.record_receipt(session, campaign_id, **body.model_dump(), by=by, at=at))
    )


@router.post("/campaigns/{campaign_id}/funding/receipts/{receipt_id}/confirm")
def confirm_receipt(campaign_id: UUID, receipt_id: UUID, session: Tx, by: By, at: At) -> ReceiptShown:
    """Confirm, as a second person, that the transfer has arrived."""
    return ReceiptShown.model_validate(funding_actions.confirm_receipt(session, campaign_id, receipt_id, by=by, at=at))


@router.post("/campaigns/{campaign_id}/funding/advances", status_code=201, response_model=AdvanceShown)
def approve_advance(campaign_id: UUID, body: AdvanceForm, session: Tx, by: By, at: At, once: OnlyOnce) -> AdvanceShown | Response:
    """Approve an advance, so that the campaign can start before the brand pays; for finance only."""
    return once(
        lambda: AdvanceShown.model_validate(funding_actions.approve_advance(session, campaign_id, body.reason, body.amount, by=by, at=at))
    )


@router.post("/campaigns/{campaign_id}/funding/refunds/{part_id}/confirm")
def confirm_refund(campaign_id: UUID, part_id: UUID, body: RefundSentForm, session: Tx, by: By, at: At) -> RefundShown:
    """Confirm that finance has sent this part of a refund from our bank account."""
    return RefundShown.model_validate(refunds.confirm_refund_by_hand(session, campaign_id, part_id, body.reference, by=by, at=at))


@router.post("/campaigns/{campaign_id}/funding/refunds/{part_id}/retry")
def send_refund_on(campaign_id: UUID, part_id: UUID, session: Tx, by: By, at: At) -> RefundShown:
    """Have Stripe send on once more a refund that is stuck on the brand's balance there; it is asked a moment later."""
    return RefundShown.model_validate(refunds.send_on_again(session, campaign_id, part_id, by=by, at=at))

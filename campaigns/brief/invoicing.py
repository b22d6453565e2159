"""Invoices at the provider: billed once, and every payment on them in the books once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.models import Invoice, Payment
from campaigns.brief.queries import WrittenBrief, cover, parts_of, written_brief
from campaigns.brief.refunds import enqueue_refund
from campaigns.brief.tries import locked
from campaigns.core import events, outbox
from campaigns.core.event_names import EventName
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import STRIPE
from campaigns.core.words import _
from campaigns.payments.actions import book_movement
from campaigns.payments.money_in import InvoicePayment, ProviderInvoice

PAYABLE = ("open", "uncollectible")
BECAME = {
    "open": EventName.BRIEF_INVOICE_SENT,
    "paid": EventName.BRIEF_INVOICE_PAID,
    "void": EventName.BRIEF_INVOICE_VOIDED,
    "credited": EventName.BRIEF_INVOICE_CREDITED,
}
STATE_OF = {"open": "open", "uncollectible": "open", "paid": "paid", "void": "void"}
ENDS = ("paid", "void", "credited")


def note_payable(session: Session, invoice_id: UUID, refusal: str | None, is_payable: bool, *, at: datetime) -> None:
    """Tell finance, the first time, that the provider refuses to take the invoice back; once it cannot be paid that is over."""
    invoice = locked(session, Invoice, invoice_id)
    if refusal and invoice.refusal is None:
        invoice.refusal = refusal
        _record(session, EventName.BRIEF_INVOICE_STILL_PAYABLE, invoice, at, refusal)
    elif not is_payable:
        invoice.refusal = None


def open_invoices(session: Session) -> Sequence[str]:
    """Those that may still be paid, overpaid or withdrawn."""
    ours = select(Invoice.provider_id).where(Invoice.provider_id.is_not(None), Invoice.state.not_in(ENDS))
    return [str(each) for each in session.scalars(ours)]


def note_invoice(session: Session, said: ProviderInvoice, *, at: datetime) -> None:
    """Note an invoice of ours as the provider has it: states go forward only, each payment is booked once; a stranger's is passed over."""
    ours = said.metadata.get("invoice")
    if ours is None or session.get(Invoice, UUID(ours)) is None:
        return
    invoice = locked(session, Invoice, UUID(ours))
    known = set(session.scalars(select(Payment.provider_id).where(Payment.invoice_id == invoice.id)))
    for paid in said.payments:
        if paid.id not in known:
            _note_payment(session, invoice, paid, at)
    invoice.provider_id, invoice.number, invoice.url, invoice.by_card_only = said.id, said.number, said.url, said.by_card_only
    if invoice.state == "void" and said.status in PAYABLE:
        # Withdrawn before we knew that the provider has it: it must not stay payable there.
        outbox.enqueue(session, OutboxKind.BRIEF_INVOICE_VOID, key=f"{invoice.id}:late", invoice=str(invoice.id))
    _note_state(session, invoice, _state_of(said, invoice), at)


def _state_of(said: ProviderInvoice, invoice: Invoice) -> str:
    state = STATE_OF.get(said.status, invoice.state)
    return "credited" if state == "paid" and said.credited else state


def _note_state(session: Session, invoice: Invoice, state: str, at: datetime) -> None:
    if state == invoice.state or invoice.state in ENDS:
        return
    invoice.state = state
    _record(session, BECAME[state], invoice, at)


def _record(session: Session, name: EventName, invoice: Invoice, at: datetime, reason: str | None = None) -> None:
    about: dict[str, Any] = {"invoice": str(invoice.id), "amount": invoice.amount, "currency": invoice.currency}
    events.record(session, name, by=STRIPE, at=at, campaign_id=invoice.campaign_id, reason=reason, **about)


def _note_payment(session: Session, invoice: Invoice, paid: InvoicePayment, at: datetime) -> None:
    """Book a payment: what is advanced is settled first, the rest is held; what is more than the brand owed is told to finance.

    What is held is what the brand paid, in the currency of the campaign, whatever the provider made of it on our balance.
    """
    written, amount = written_brief(session, invoice.campaign_id), paid.movement.presented
    surplus = max(amount - cover(session, written).owed, 0)
    book_movement(session, paid.movement, parts_of(session, written, amount), kind="brief.payment", at=at)
    payment = Payment(
        invoice_id=invoice.id,
        campaign_id=invoice.campaign_id,
        provider_id=paid.id,
        charge=paid.charge,
        amount=amount,
        refunded=0,
        paid_at=at,
    )
    session.add(payment)
    invoice.paid += paid.amount
    session.flush()
    about: dict[str, Any] = {"invoice": str(invoice.id), "amount": amount, "currency": invoice.currency}
    events.record(session, EventName.BRIEF_PAYMENT_RECEIVED, by=STRIPE, at=at, campaign_id=invoice.campaign_id, **about)
    if surplus:
        _tell_of_surplus(session, written, payment, surplus, at)


def _tell_of_surplus(session: Session, written: WrittenBrief, payment: Payment, surplus: int, at: datetime) -> None:
    campaign = written.campaign
    about: dict[str, Any] = {"payment": str(payment.id), "surplus": surplus, "currency": written.brief.currency}
    events.record(session, EventName.BRIEF_PAID_BEYOND_WHAT_WAS_ASKED, by=STRIPE, at=at, campaign_id=campaign.id, **about)
    if not campaign.is_live:
        enqueue_refund(session, campaign, surplus, _("It was paid after the campaign had ended."), key=f"late:{payment.id}", at=at)


def tell_uncertain(session: Session, invoice: Invoice, at: datetime) -> None:
    _record(session, EventName.BRIEF_INVOICE_UNCERTAIN, invoice, at)


def note_refused(session: Session, invoice_id: UUID, reason: str, *, at: datetime) -> None:
    invoice = locked(session, Invoice, invoice_id)
    if invoice.state == "promised":
        invoice.state, invoice.refusal = "refused", reason
        _record(session, EventName.BRIEF_INVOICE_REFUSED, invoice, at, reason)

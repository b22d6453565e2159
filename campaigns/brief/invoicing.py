"""Invoices at the provider: billed once, and every payment on them in the books once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.funding import parts_of
from campaigns.brief.models import BilledParty, Invoice, Payment
from campaigns.brief.queries import WrittenBrief, cover, written_brief
from campaigns.brief.refunds import enqueue_refund
from campaigns.brief.tries import begin_try, locked
from campaigns.core import clock, events, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.db import unit_of_work
from campaigns.core.event_names import EventName
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import STRIPE
from campaigns.core.words import _
from campaigns.payments import gateway as provider
from campaigns.payments.actions import book_movement
from campaigns.payments.gateway import Definite, InvoiceOrder, InvoicePayment, gateway
from campaigns.payments.provider_events import on, still_open

DUE_DAYS = 30
PAYABLE = ("open", "uncollectible")
BECAME = {
    "open": EventName.BRIEF_INVOICE_SENT,
    "paid": EventName.BRIEF_INVOICE_PAID,
    "void": EventName.BRIEF_INVOICE_VOIDED,
    "credited": EventName.BRIEF_INVOICE_CREDITED,
}
STATE_OF = {"open": "open", "uncollectible": "open", "paid": "paid", "void": "void"}
ENDS = ("paid", "void", "credited")


class StillPayable(Exception):
    """The provider has not taken the invoice back: a payment came between; look again in a moment."""


def send_invoice(claimed: outbox.Claimed) -> None:
    """Handler of `brief_invoice`: have the provider draw up the invoice and send it."""
    invoice_id = UUID(claimed.body["invoice"])
    if not begin_try(Invoice, invoice_id, _tell_uncertain):
        return
    try:
        customer = _customer(invoice_id)
        said = gateway().create_invoice(_order(invoice_id, customer, claimed.body), key=f"invoice:{invoice_id}")
    except Definite as refused:
        with unit_of_work() as session:
            _note_refused(session, invoice_id, refused.code, at=clock.business_now(session))
        return
    with unit_of_work() as session:
        note_invoice(session, said, at=clock.business_now(session))


def void_invoice(claimed: outbox.Claimed) -> None:
    """Handler of `brief_invoice_void`: nothing more can be paid on the invoice afterwards; raises StillPayable.

    One on which something has been paid cannot be voided: a credit note takes the rest of it back. What was paid meanwhile is noted.
    What the provider refuses is told to finance once, and tried on.
    """
    with unit_of_work() as session:
        invoice = session.get_one(Invoice, UUID(claimed.body["invoice"]))
    if invoice.state not in ("open", "void") or invoice.provider_id is None:
        return
    refusal, is_payable = _take_back(invoice, invoice.provider_id, claimed.attempts), True
    # Refused, it may have been paid or withdrawn meanwhile: the look brings that in.
    try:
        is_payable = _look(invoice.provider_id).status in PAYABLE
    except Definite as unknown:
        refusal = unknown.code
    with unit_of_work() as session:
        _note_payable(session, invoice.id, refusal if is_payable else None, is_payable, at=clock.business_now(session))
    if is_payable:
        raise StillPayable(invoice.provider_id)


def _take_back(invoice: Invoice, provider_id: str, attempt: int) -> str | None:
    """Take back what is asked for as the provider has it now; the provider's word for why where it refuses.

    Each try has a key of its own, or a failure that the provider has kept would be its answer for a day. What an earlier try took
    back unknown to us is not asked for any more, and a provider credits no more than that.
    """
    try:
        said = gateway().fetch_invoice(provider_id)
        if said.status in PAYABLE and said.amount_paid:
            gateway().credit_invoice(said.id, said.amount_remaining, key=f"credit:{invoice.id}:{said.amount_remaining}:{attempt}")
        elif said.status in PAYABLE:
            gateway().void_invoice(said.id, key=f"void:{invoice.id}:{attempt}")
    except Definite as refused:
        return refused.code
    return None


def _note_payable(session: Session, invoice_id: UUID, refusal: str | None, is_payable: bool, *, at: datetime) -> None:
    """Tell finance, the first time, that the provider refuses to take the invoice back; once it cannot be paid that is over."""
    invoice = locked(session, Invoice, invoice_id)
    if refusal and invoice.refusal is None:
        invoice.refusal = refusal
        _record(session, EventName.BRIEF_INVOICE_STILL_PAYABLE, invoice, at, refusal)
    elif not is_payable:
        invoice.refusal = None


@on("invoice")
def look_at_invoice(provider_id: str) -> None:
    """Fetch an invoice and note what became of it, with every payment that is new."""
    _look(provider_id)


@still_open("invoice")
def open_invoices(session: Session) -> Sequence[str]:
    """Those that may still be paid, overpaid or withdrawn."""
    ours = select(Invoice.provider_id).where(Invoice.provider_id.is_not(None), Invoice.state.not_in(ENDS))
    return [str(each) for each in session.scalars(ours)]


def _look(provider_id: str) -> provider.ProviderInvoice:
    said = gateway().fetch_invoice(provider_id)
    with unit_of_work() as session:
        note_invoice(session, said, at=clock.business_now(session))
    return said


def note_invoice(session: Session, said: provider.ProviderInvoice, *, at: datetime) -> None:
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


def _state_of(said: provider.ProviderInvoice, invoice: Invoice) -> str:
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


def _tell_uncertain(session: Session, invoice: Invoice, at: datetime) -> None:
    _record(session, EventName.BRIEF_INVOICE_UNCERTAIN, invoice, at)


def _customer(invoice_id: UUID) -> str:
    """The provider's customer that the invoice is made out to, made at the first invoice."""
    with unit_of_work() as session:
        invoice = session.get_one(Invoice, invoice_id)
        party = session.get_one(BilledParty, invoice.billed_party_id)
    if party.customer:
        return party.customer
    made = gateway().create_customer(party.name, party.email, key=f"customer:{party.id}", metadata={"brand": str(party.brand_id)})
    with unit_of_work() as session:
        session.get_one(BilledParty, party.id).customer = made
    return made


def _order(invoice_id: UUID, customer: str, body: Mapping[str, Any]) -> InvoiceOrder:
    with unit_of_work() as session:
        invoice = session.get_one(Invoice, invoice_id)
        campaign = session.get_one(Campaign, invoice.campaign_id)
    return InvoiceOrder(
        customer=customer,
        amount=invoice.amount,
        currency=invoice.currency,
        description=campaign.title,
        due_days=DUE_DAYS,
        po_number=invoice.po_number,
        footer=body.get("footer"),
        metadata={"invoice": str(invoice.id), "campaign": str(campaign.id)},
        country=body.get("country"),
    )


def _note_refused(session: Session, invoice_id: UUID, reason: str, *, at: datetime) -> None:
    invoice = locked(session, Invoice, invoice_id)
    if invoice.state == "promised":
        invoice.state, invoice.refusal = "refused", reason
        _record(session, EventName.BRIEF_INVOICE_REFUSED, invoice, at, reason)

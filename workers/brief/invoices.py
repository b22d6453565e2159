"""Invoices drawn up, taken back and looked at with the provider."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from campaigns.brief.invoicing import PAYABLE, note_invoice, note_payable, note_refused, tell_uncertain
from campaigns.brief.models import BilledParty, Invoice
from campaigns.brief.tries import begin_try
from campaigns.core import clock, outbox
from campaigns.core.campaign import Campaign
from campaigns.payments.money_in import InvoiceOrder, MoneyIn, ProviderInvoice
from campaigns.payments.provider_errors import Definite
from workers.transactions import unit_of_work

DUE_DAYS = 30


class StillPayable(Exception):
    """The provider has not taken the invoice back: a payment came between; look again in a moment."""


def send_invoice(money_in: MoneyIn, claimed: outbox.Claimed) -> None:
    """Handler of `brief_invoice`: have the provider draw up the invoice and send it."""
    invoice_id = UUID(claimed.body["invoice"])
    with unit_of_work() as session:
        may_try = begin_try(session, Invoice, invoice_id, tell_uncertain, at=clock.business_now(session))
    if not may_try:
        return
    try:
        customer = _customer(money_in, invoice_id)
        said = money_in.create_invoice(_order(invoice_id, customer, claimed.body), key=f"invoice:{invoice_id}")
    except Definite as refused:
        with unit_of_work() as session:
            note_refused(session, invoice_id, refused.code, at=clock.business_now(session))
        return
    with unit_of_work() as session:
        note_invoice(session, said, at=clock.business_now(session))


def void_invoice(money_in: MoneyIn, claimed: outbox.Claimed) -> None:
    """Handler of `brief_invoice_void`: nothing more can be paid on the invoice afterwards; raises StillPayable.

    One on which something has been paid cannot be voided: a credit note takes the rest of it back. What was paid meanwhile is noted.
    What the provider refuses is told to finance once, and tried on.
    """
    with unit_of_work() as session:
        invoice = session.get_one(Invoice, UUID(claimed.body["invoice"]))
    if invoice.state not in ("open", "void") or invoice.provider_id is None:
        return
    refusal, is_payable = _take_back(money_in, invoice, invoice.provider_id, claimed.attempts), True
    # Refused, it may have been paid or withdrawn meanwhile: the look brings that in.
    try:
        is_payable = _look(money_in, invoice.provider_id).status in PAYABLE
    except Definite as unknown:
        refusal = unknown.code
    with unit_of_work() as session:
        note_payable(session, invoice.id, refusal if is_payable else None, is_payable, at=clock.business_now(session))
    if is_payable:
        raise StillPayable(invoice.provider_id)


def _take_back(money_in: MoneyIn, invoice: Invoice, provider_id: str, attempt: int) -> str | None:
    """Take back what is asked for as the provider has it now; the provider's word for why where it refuses.

    Each try has a key of its own, or a failure that the provider has kept would be its answer for a day. What an earlier try took
    back unknown to us is not asked for any more, and a provider credits no more than that.
    """
    try:
        said = money_in.fetch_invoice(provider_id)
        if said.status in PAYABLE and said.amount_paid:
            money_in.credit_invoice(said.id, said.amount_remaining, key=f"credit:{invoice.id}:{said.amount_remaining}:{attempt}")
        elif said.status in PAYABLE:
            money_in.void_invoice(said.id, key=f"void:{invoice.id}:{attempt}")
    except Definite as refused:
        return refused.code
    return None


def look_at_invoice(money_in: MoneyIn, provider_id: str) -> None:
    """Fetch an invoice and note what became of it, with every payment that is new."""
    _look(money_in, provider_id)


def _look(money_in: MoneyIn, provider_id: str) -> ProviderInvoice:
    said = money_in.fetch_invoice(provider_id)
    with unit_of_work() as session:
        note_invoice(session, said, at=clock.business_now(session))
    return said


def _customer(money_in: MoneyIn, invoice_id: UUID) -> str:
    """The provider's customer that the invoice is made out to, made at the first invoice."""
    with unit_of_work() as session:
        invoice = session.get_one(Invoice, invoice_id)
        party = session.get_one(BilledParty, invoice.billed_party_id)
    if party.customer:
        return party.customer
    made = money_in.create_customer(party.name, party.email, key=f"customer:{party.id}", metadata={"brand": str(party.brand_id)})
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

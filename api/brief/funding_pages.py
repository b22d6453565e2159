"""How the sum comes together: every piece of money, and the forms that ask for it, write it down, advance it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import Field
from sqlalchemy import select

from api.brief.deliverable_pages import typed_price
from api.brief.funding import Reference, RefundSentForm
from api.dispute_words import status_name
from api.everyone import choices
from api.forms import EmailAddress, EmptyIsNone, Reason
from api.reader import OnceForm, Reader, SignedIn
from api.spreadsheet import spreadsheet
from campaigns.brief import queries, refunds
from campaigns.brief.funding import actions as funding_actions
from campaigns.brief.funding import queries as funding_queries
from campaigns.brief.funding.queries import Funding
from campaigns.brief.queries import WrittenBrief
from campaigns.core.money import minor_units
from campaigns.core.people import Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _

pages = APIRouter()
HEADER = ("kind", "when", "amount", "currency", "state", "reference", "by", "confirmed by")
Amount = Annotated[str, Field(max_length=40)]


class InvoicePageForm(OnceForm):
    amount: Amount
    po_number: Annotated[str | None, EmptyIsNone, Field(max_length=30)] = None
    bill_to: Annotated[str | None, EmptyIsNone, Field(max_length=160)] = None
    email: Annotated[EmailAddress | None, EmptyIsNone] = None
    country: Annotated[str | None, EmptyIsNone, Field(pattern="^[A-Z]{2}$")] = None


class ReceiptPageForm(OnceForm):
    amount: Amount
    reference: Reference
    received_on: date


class AdvancePageForm(OnceForm):
    amount: Amount
    reason: Reason


@pages.get("/campaigns/{campaign_id}/funding")
def show_funding(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """Where the sum stands, and every piece of money."""
    written = queries.brief_for(reader.session, campaign_id, by=reader.by)
    found, campaign = funding_queries.funding(reader.session, campaign_id, by=reader.by), written.campaign
    may = reader.by.may
    return reader.page(
        "brief/funding.html",
        written=written,
        found=found,
        cover=found.cover,
        budget=found.cover.budget,
        names=_names(found, reader),
        unasked=funding_actions.unasked(reader.session, written),
        may_ask=may(Permission.FUND, on=campaign),
        may_record=may(Permission.RECORD_RECEIPT, on=campaign),
        may_confirm=may(Permission.CONFIRM_RECEIPT, on=campaign),
        disputes=[(each, status_name(each.status)) for each in found.disputes],
        may_answer=may(Permission.ANSWER_DISPUTE),
        may_advance=may(Permission.APPROVE_ADVANCE, on=campaign),
    )


def _names(found: Funding, reader: Reader) -> Mapping[UUID, str]:
    people = {receipt.recorded_by for receipt in found.receipts} | {receipt.confirmed_by for receipt in found.receipts}
    people |= {advance.approved_by for advance in found.advances} | {invoice.asked_by for invoice in found.invoices}
    known = select(Person.id, Person.name).where(Person.id.in_(people - {None}))
    return dict(reader.session.execute(known).all())


@pages.get("/campaigns/{campaign_id}/funding.csv")
def download_funding(campaign_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Every piece of money, as a table."""
    queries.brief_for(reader.session, campaign_id, by=reader.by)  # which the reader must be allowed to see
    found = funding_queries.funding(reader.session, campaign_id, by=reader.by)
    return spreadsheet(f"funding-{campaign_id}", HEADER, list(_rows(found, _names(found, reader))))


def _rows(found: Funding, names: Mapping[UUID, str]) -> Iterator[Sequence[Any]]:
    currency = found.cover.budget.currency

    def row(kind: str, when: object, amount: int, state: str, reference: str | None, *people: UUID | None) -> list[Any]:
        return [kind, when, typed_price(amount, currency), currency, state, reference, *(names[each] if each else None for each in people)]

    for invoice in found.invoices:
        yield row("invoice", invoice.asked_at, invoice.amount, invoice.state, invoice.number, invoice.asked_by)
    for payment in found.payments:
        yield row("payment", payment.paid_at, payment.amount, "paid", payment.provider_id, None)
    for receipt in found.receipts:
        state = "confirmed" if receipt.confirmed_at else "to be confirmed"
        yield row("receipt", receipt.received_on, receipt.amount, state, receipt.reference, receipt.recorded_by, receipt.confirmed_by)
    for advance in found.advances:
        yield row("advance", advance.approved_at, advance.amount, "approved", None, advance.approved_by)
    for part in found.refunds:
        yield row("refund", part.settled_at, part.amount, part.state, part.reference, part.settled_by)


def _allowed(campaign_id: UUID, permission: Permission, reader: Reader) -> WrittenBrief:
    written = queries.brief_for(reader.session, campaign_id, by=reader.by)
    reader.by.require(permission, on=written.campaign)
    return written


def _minor(typed: str, written: WrittenBrief) -> int:
    return minor_units(typed.strip(), written.brief.currency)


def _back(campaign_id: UUID) -> str:
    return f"/campaigns/{campaign_id}/funding"


@pages.get("/campaigns/{campaign_id}/funding/invoice")
def ask_invoice_form(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """How much, and where the invoice goes."""
    written = _allowed(campaign_id, Permission.FUND, reader)
    named = {"countries": [("", ""), *choices.countries(reader.locale)]}
    return _amount_form("brief/invoice.html", written, funding_actions.unasked(reader.session, written), reader, **named)


def _amount_form(template: str, written: WrittenBrief, left: int, reader: Reader, **further: Any) -> HTMLResponse:
    """A form for an amount, which is all that is left until something else is typed."""
    amount = typed_price(left, written.brief.currency) if left else ""
    return reader.page(template, written=written, left=left, amount=amount, **further)


@pages.post("/campaigns/{campaign_id}/funding/invoice")
def ask_invoice(campaign_id: UUID, form: Annotated[InvoicePageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Have the brand billed."""
    amount = _minor(form.amount, _allowed(campaign_id, Permission.FUND, reader))
    where = {"po_number": form.po_number, "bill_to": form.bill_to, "email": form.email, "country": form.country}

    def deed() -> tuple[str, str]:
        funding_actions.ask_invoice(reader.session, campaign_id, amount, **where, by=reader.by, at=reader.at)
        return _back(campaign_id), _("The invoice will be prepared and sent within a minute.")

    return reader.once(form, deed)


@pages.post("/campaigns/{campaign_id}/funding/invoices/{invoice_id}/withdraw")
def withdraw_invoice(campaign_id: UUID, invoice_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take back an invoice on which nothing has been paid."""
    funding_actions.withdraw_invoice(reader.session, campaign_id, invoice_id, by=reader.by, at=reader.at)
    return reader.done(_back(campaign_id), _("Invoice withdrawn. You can invoice the amount again."))


@pages.get("/campaigns/{campaign_id}/funding/receipt")
def record_receipt_form(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """What the bank statement says."""
    written = _allowed(campaign_id, Permission.RECORD_RECEIPT, reader)
    return _amount_form("brief/receipt.html", written, queries.cover(reader.session, written).owed, reader)


@pages.post("/campaigns/{campaign_id}/funding/receipt")
def record_receipt(campaign_id: UUID, form: Annotated[ReceiptPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Write down a transfer to our bank account."""
    amount = _minor(form.amount, _allowed(campaign_id, Permission.RECORD_RECEIPT, reader))

    def deed() -> tuple[str, str]:
        funding_actions.record_receipt(reader.session, campaign_id, amount, form.reference, form.received_on, by=reader.by, at=reader.at)
        return _back(campaign_id), _("Transfer recorded. It counts once someone else in finance has confirmed it.")

    return reader.once(form, deed)


@pages.post("/campaigns/{campaign_id}/funding/receipts/{receipt_id}/confirm")
def confirm_receipt(campaign_id: UUID, receipt_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Confirm, as a second person, that the transfer has arrived."""
    funding_actions.confirm_receipt(reader.session, campaign_id, receipt_id, by=reader.by, at=reader.at)
    return reader.done(_back(campaign_id), _("Confirmed: the money is held for this campaign."))


@pages.get("/campaigns/{campaign_id}/funding/advance")
def advance_form(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """How much may be started with, and why."""
    written = _allowed(campaign_id, Permission.APPROVE_ADVANCE, reader)
    return _amount_form("brief/advance.html", written, queries.cover(reader.session, written).missing, reader)


@pages.post("/campaigns/{campaign_id}/funding/advance")
def approve_advance(campaign_id: UUID, form: Annotated[AdvancePageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Let the campaign start before the brand has paid."""
    amount = _minor(form.amount, _allowed(campaign_id, Permission.APPROVE_ADVANCE, reader))

    def deed() -> tuple[str, str]:
        funding_actions.approve_advance(reader.session, campaign_id, form.reason, amount, by=reader.by, at=reader.at)
        return _back(campaign_id), _("Advance approved: the campaign can start, and the brand owes the amount.")

    return reader.once(form, deed)


@pages.get("/campaigns/{campaign_id}/funding/refunds/{part_id}")
def refund_form(campaign_id: UUID, part_id: UUID, reader: SignedIn) -> HTMLResponse:
    """What finance sends back from our bank account."""
    written = _allowed(campaign_id, Permission.CONFIRM_RECEIPT, reader)
    part = refunds.find_part(reader.session, campaign_id, part_id)
    return reader.page("brief/refund.html", written=written, part=part)


@pages.post("/campaigns/{campaign_id}/funding/refunds/{part_id}")
def confirm_refund(campaign_id: UUID, part_id: UUID, form: Annotated[RefundSentForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Confirm that finance has sent it."""
    refunds.confirm_refund_by_hand(reader.session, campaign_id, part_id, form.reference, by=reader.by, at=reader.at)
    return reader.done(_back(campaign_id), _("Confirmed: the refund has been sent to the brand."))


@pages.post("/campaigns/{campaign_id}/funding/refunds/{part_id}/again")
def send_refund_on(campaign_id: UUID, part_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Have Stripe try again to send this refund on."""
    refunds.send_on_again(reader.session, campaign_id, part_id, by=reader.by, at=reader.at)
    return reader.done(_back(campaign_id), _("We ask Stripe again within a minute."))

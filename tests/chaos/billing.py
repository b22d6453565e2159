"""The brand's money: an invoice of Stripe's is asked for and paid on its page, and what is left in the end goes back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from sqlalchemy import select

from campaigns.brief.funding.actions import withdraw_invoice
from campaigns.brief.models import Invoice, RefundPart
from campaigns.brief.refunds import OPEN_BY_HAND, confirm_refund_by_hand
from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.core.settings import settings
from tests.chaos.word import PATIENCE, Word
from tests.sandbox.stripe.stage import Simulator
from workers.transactions import engine, unit_of_work

if TYPE_CHECKING:
    from tests.chaos.assignment import Assignment


def pay(assignment: "Assignment", _deliverable: Deliverable) -> None:
    """The manager has the brand billed, and the brand pays; an invoice that Stripe may not have is withdrawn, and another asked for."""
    if not assignment.invoices:
        ask(assignment)
    assignment.voice.say(assignment.invoices[-1])
    invoice = latest_invoice(assignment.id)
    assert invoice is not None
    if invoice.state == "open":
        # Refused when it is paid and we have not heard of it yet.
        httpx.post(str(invoice.url), data={"method": "card"}, timeout=PATIENCE)
    elif invoice.state == "uncertain":
        assignment.withdrawn.add(invoice.id)
        with unit_of_work() as session:
            withdraw_invoice(session, assignment.id, invoice.id, by=assignment.all_.manager, at=clock.business_now(session))
        assignment.mended.append("withdrew an invoice that Stripe may not have")
    elif invoice.state in ("void", "refused"):
        if invoice.state == "refused":
            assignment.mended.append("asked for another invoice after Stripe had refused one")
        ask(assignment)


def ask(assignment: "Assignment") -> None:
    path = f"/campaigns/{assignment.id}/funding/invoices"
    assignment.invoices.append(Word(assignment.all_.manager, path, {"po_number": f"PO-{len(assignment.invoices)}"}))


def latest_invoice(campaign_id: UUID) -> Invoice | None:
    with unit_of_work() as session:
        return session.scalar(select(Invoice).where(Invoice.campaign_id == campaign_id).order_by(Invoice.id.desc()).limit(1))


def is_being_billed(assignment: "Assignment") -> bool:
    """Whether it is for Callboard to have the invoice drawn up: nobody else has anything to do about it."""
    invoice = latest_invoice(assignment.id) if assignment.invoices else None
    return invoice is not None and invoice.state == "promised"


def give_back(assignment: "Assignment") -> None:
    """Finance sends by hand what cannot go back by Stripe; of what may have gone, it looks there first."""
    with unit_of_work() as session:
        theirs = (RefundPart.campaign_id == assignment.id, RefundPart.state.in_(OPEN_BY_HAND))
        parts = session.scalars(select(RefundPart).where(*theirs)).all()
    sent = {part for part, _amount, _currency in refunds_of_stripe()} if parts else set()
    for part in parts:
        if part.state == "uncertain" and str(part.id) in sent:
            continue
        with unit_of_work() as session:
            at = clock.business_now(session)
            confirm_refund_by_hand(session, assignment.id, part.id, f"BACK {part.id}", by=assignment.all_.made.finance, at=at)
        assignment.mended.append("marked a refund as sent back by hand")


def refunds_of_stripe() -> Iterator[tuple[str, int, str]]:
    """The part that each of Stripe's refunds names, and how much it gives back."""
    for refund in stripe().client.v1.refunds.list({"limit": 100}).auto_paging_iter():
        yield _named(refund, "refund_part"), refund.amount, refund.currency.upper()


def invoices_of_stripe(campaign_id: UUID) -> Iterator[tuple[str, int, str]]:
    """The invoice of ours that each of Stripe's about a campaign names, and how much it asks for."""
    for invoice in stripe().client.v1.invoices.list({"limit": 100}).auto_paging_iter():
        if _named(invoice, "campaign") == str(campaign_id):
            yield _named(invoice, "invoice"), invoice.total, invoice.currency.upper()


def accounts_of_stripe() -> Iterator[tuple[str, datetime]]:
    """The person whom each of Stripe's connected accounts names, and when it was made."""
    for account in stripe().client.v1.accounts.list({"limit": 100}).auto_paging_iter():
        yield _named(account, "person"), datetime.fromtimestamp(account.created or 0, UTC)


def _named(thing: Any, what: str) -> str:
    return str((thing.to_dict().get("metadata") or {}).get(what))


def payments_of_stripe() -> Iterator[str]:
    """The payments on invoices that Stripe has taken."""
    for payment in stripe().client.v1.invoice_payments.list({"limit": 100, "status": "paid"}).auto_paging_iter():
        yield payment.id


def stripe() -> Simulator:
    """The simulator, asked as a person with its dashboard would."""
    return Simulator(engine(), settings().stripe_url)

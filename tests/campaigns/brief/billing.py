"""A campaign that is billed through the simulator, step by step."""

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from campaigns.brief.funding.actions import ask_invoice, confirm_receipt, record_receipt
from campaigns.brief.models import Invoice, RefundPart
from campaigns.brief.refunds import enqueue_refund
from campaigns.core import clock, outbox
from campaigns.core.campaign import find_campaign
from campaigns.core.events import Event
from campaigns.core.people import SYSTEM
from flows.handlers import HANDLERS
from tests import factories
from tests.factories import Partnership
from tests.treasury import Treasury
from workers.brief.invoices import look_at_invoice
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

TOTAL = 7_400_000


def signed() -> Partnership:
    with unit_of_work() as session:
        return factories.signed_brief(session, at=clock.business_now(session))


def asked(made: Partnership, amount: int | None = None, **more: Any) -> UUID:
    with unit_of_work() as session:
        return ask_invoice(session, made.id, amount, by=made.manager, at=clock.business_now(session), **more).id


def handle(kind: str = "brief_invoice") -> None:
    """Handle every message of this kind, done before or not."""
    with unit_of_work() as session:
        messages = session.scalars(select(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == kind).order_by(outbox.OutboxMessage.id))
        claimed = [outbox.Claimed(p.id, p.kind, p.key, p.body, 1) for p in messages]
    for message in claimed:
        HANDLERS[kind](message)


def billed(made: Partnership, amount: int | None = None) -> UUID:
    """An open invoice; its id."""
    invoice_id = asked(made, amount)
    handle()
    return invoice_id


def row(invoice_id: UUID) -> Invoice:
    with unit_of_work() as session:
        return session.get_one(Invoice, invoice_id)


def pay_at_stripe(invoice_id: UUID, amount: int | None = None) -> httpx.Response:
    """Pay on Stripe's page; nobody has told us yet."""
    form = {"method": "card"} | ({"amount": str(amount)} if amount else {})
    return httpx.post(str(row(invoice_id).url), data=form, timeout=20)


def pay(invoice_id: UUID, amount: int | None = None) -> None:
    """Pay on Stripe's page, and look at the invoice as its event would have us do."""
    assert pay_at_stripe(invoice_id, amount).status_code < 400
    look_at_invoice(by_stripe(), str(row(invoice_id).provider_id))


def receive(made: Partnership, amount: int) -> None:
    """A bank transfer that two people have seen."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        receipt = record_receipt(session, made.id, amount, f"WIRE {amount}", at.date(), by=made.manager, at=at)
        confirm_receipt(session, made.id, receipt.id, by=made.finance, at=at)


def give_back(made: Partnership, amount: int, key: str = "reserve") -> UUID:
    """Enqueue a refund; its id."""
    with unit_of_work() as session:
        campaign = find_campaign(session, made.id, by=SYSTEM, lock=True)
        return enqueue_refund(session, campaign, amount, "The reserve goes back.", key=key, at=clock.business_now(session)).id


def facts(made: Partnership, name: str) -> list[dict[str, Any]]:
    """The facts of the campaign's events of this name, in order."""
    with unit_of_work() as session:
        return list(session.scalars(select(Event.facts).where(Event.chain_id == made.id, Event.name == name).order_by(Event.number)))


def paid(treasury: Treasury, *amounts: int) -> Partnership:
    """A campaign that was paid by card, in parts, while Stripe has enough of ours to give back at once."""
    treasury.stripe.fund(10_000_000)
    made = signed()
    invoice_id = billed(made)
    for amount in amounts:
        pay(invoice_id, amount)
    return made


def parts(made: Partnership) -> list[tuple[int, str, bool]]:
    """Each part's amount, state, and whether it goes back the way a payment came."""
    with unit_of_work() as session:
        found = session.scalars(select(RefundPart).where(RefundPart.campaign_id == made.id).order_by(RefundPart.id))
        return [(part.amount, part.state, part.payment_id is not None) for part in found]

"""A change at Stripe that moves no money, made to see whether its event comes to us and is looked into."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import sleep
from typing import Any

from sqlalchemy import exists, select

from campaigns.core import clock, outbox
from campaigns.core.inbox import Received
from campaigns.core.installing import Finding
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.payments.routes import CAPABILITIES
from campaigns.payments.stripe_gateway import StripeGateway
from workers.provider.endpoints import address
from workers.provider.event_origins import EventOrigin
from workers.transactions import unit_of_work

NAME = "Callboard webhook test"
BETWEEN_LOOKS = 0.5


def try_events(stripe: StripeGateway, *, within: timedelta) -> Iterator[Finding]:
    """Have an event of each side happen, and find which do not come in time; raises a GatewayError where Stripe does not do it.

    Of the platform a draft of an invoice that nobody gets, of the accounts one that nobody has; both are deleted again.
    """
    with _draft(stripe) as invoice_id:
        stripe.ask(lambda client: client.v1.invoices.update(invoice_id, {"description": NAME}))
        yield from _unheard(EventOrigin.PLATFORM, lambda: _was_looked_into("invoice.updated", invoice_id), within)
    with _account(stripe) as account_id:
        tried = clock.process_now().isoformat()
        stripe.ask(lambda client: client.v1.accounts.update(account_id, {"metadata": {"tried": tried}}))
        yield from _unheard(EventOrigin.CONNECT, lambda: _was_looked_into("account.updated", account_id, tried), within)


@contextmanager
def _draft(stripe: StripeGateway) -> Iterator[str]:
    """Within the block there is a draft of an invoice; Stripe makes none to be sent without an email address, which is ours."""
    given: Any = {"name": NAME, "email": settings().mail_from}
    customer_id = stripe.ask(lambda client: client.v1.customers.create(given)).id
    try:
        terms: Any = {"customer": customer_id, "collection_method": "send_invoice", "days_until_due": 30}
        invoice_id = stripe.ask(lambda client: client.v1.invoices.create(terms)).id
        try:
            yield invoice_id
        finally:
            stripe.ask(lambda client: client.v1.invoices.delete(invoice_id))
    finally:
        stripe.ask(lambda client: client.v1.customers.delete(customer_id))


@contextmanager
def _account(stripe: StripeGateway) -> Iterator[str]:
    """Within the block there is a connected account, which asks for what those of artists at home ask for."""
    wanted = {name: {"requested": True} for name in CAPABILITIES["full"]}
    given: Any = {"type": "express", "capabilities": wanted, "metadata": {"name": NAME}}
    account_id = stripe.ask(lambda client: client.v1.accounts.create(given)).id
    try:
        yield account_id
    finally:
        stripe.ask(lambda client: client.v1.accounts.delete(account_id))


def _unheard(side: EventOrigin, has_come: Callable[[], bool], within: timedelta) -> Iterator[Finding]:
    until = clock.awake_seconds() + within.total_seconds()
    while not has_come():
        if clock.awake_seconds() > until:
            sentence = _(
                "A change in Stripe was not received at {url} or not processed. Check that Callboard is running and that "
                "STRIPE_WEBHOOK_SECRET contains that endpoint's secret. The Stripe dashboard shows the endpoint's "
                "response.",
                url=address(side),
            )
            yield Finding(f"event_unheard_{side}", sentence)
            return
        sleep(BETWEEN_LOOKS)


def _was_looked_into(name: str, object_id: str, mark: str | None = None) -> bool:
    """Whether the event about this object, with this mark, has come and is done with."""
    about = Received.body["data"]["object"]
    same = [Received.provider == "stripe", ~Received.is_fetched, Received.name == name, about["id"].astext == object_id]
    same += [about["metadata"]["tried"].astext == mark] if mark else []
    recent = Received.received_at > clock.process_now() - timedelta(hours=1)
    done = (
        outbox.OutboxMessage.kind == OutboxKind.STRIPE_EVENT,
        outbox.OutboxMessage.key == Received.event_id,
        outbox.OutboxMessage.done_at.is_not(None),
    )
    with unit_of_work() as session:
        return bool(session.scalar(select(exists().where(*same, recent, *done))))

"""A change at Stripe that moves no money, made to see whether its event comes to us and is looked into."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from time import sleep
from typing import Any

from sqlalchemy import exists, select

from campaigns.core import clock, outbox
from campaigns.core.db import unit_of_work
from campaigns.core.inbox import Received
from campaigns.core.installing import Finding
from campaigns.core.words import _
from campaigns.payments.endpoints import address
from campaigns.payments.installation import newest_account
from campaigns.payments.sides import Side
from campaigns.payments.stripe_gateway import StripeGateway

NAME = "Callboard webhook test"
BETWEEN_LOOKS = 0.5


def try_events(stripe: StripeGateway, *, within: timedelta) -> Iterator[Finding]:
    """Have an event of each side happen, and find which do not come in time; raises a GatewayError where Stripe does not do it.

    Of the platform a draft of an invoice to nobody, deleted again; of the accounts a mark on the newest one, where there is one.
    """
    customer: Any = stripe.ask(lambda client: client.v1.customers.create({"name": NAME}))
    draft: Any = {"customer": customer.id, "collection_method": "send_invoice", "days_until_due": 30}
    invoice: Any = stripe.ask(lambda client: client.v1.invoices.create(draft))
    try:
        stripe.ask(lambda client: client.v1.invoices.update(invoice.id, {"description": NAME}))
        yield from _unheard(Side.PLATFORM, lambda: _was_looked_into("invoice.updated", invoice.id), within)
    finally:
        stripe.ask(lambda client: client.v1.invoices.delete(invoice.id))
        stripe.ask(lambda client: client.v1.customers.delete(customer.id))
    if account := newest_account():
        before = clock.process_now()
        mark: Any = {"metadata": {"tried": before.isoformat()}}
        stripe.ask(lambda client: client.v1.accounts.update(account, mark))
        yield from _unheard(Side.CONNECT, lambda: _was_looked_into("account.updated", account, mark["metadata"]["tried"]), within)


def _unheard(side: Side, has_come: Callable[[], bool], within: timedelta) -> Iterator[Finding]:
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
    done = (outbox.Promise.kind == "stripe_event", outbox.Promise.key == Received.event_id, outbox.Promise.kept_at.is_not(None))
    with unit_of_work() as session:
        return bool(session.scalar(select(exists().where(*same, recent, *done))))

"""What Stripe's events change here, in whatever order, version, mode and form they come, and however often."""

import json
from datetime import timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import select
from stripe.events import V2CoreAccountIncludingConfigurationRecipientCapabilityStatusUpdatedEventNotification
from stripe.v2.core import EventNotification

from campaigns.core import clock, outbox
from campaigns.core.events import Event
from campaigns.core.ids import new_id
from campaigns.core.inbox import Received, receive
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.settings import settings
from campaigns.payments.models import PayoutAccount
from campaigns.payments.provider_errors import Definite
from campaigns.payments.webhooks import verified
from flows.handlers import HANDLERS
from tests.sandbox.stripe import dahlia
from tests.treasury import Treasury
from workers.provider.event_origins import EventOrigin
from workers.provider.received_events import about, look_into
from workers.transactions import unit_of_work

assert HANDLERS[OutboxKind.STRIPE_EVENT] is look_into

CAPABILITY = "v2.core.account[configuration.recipient].capability_status_updated"


def event(number: int, kind: str, about: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": f"evt_{number}", "object": "event", "type": kind, "livemode": False, "data": {"object": about}, **more}


def thin(number: int, kind: str, related: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    told = {"id": f"evt_{number}", "object": "v2.core.event", "type": kind, "livemode": False, "created": "2026-12-01T09:00:00.000Z"}
    return {**told, **({"related_object": related} if related else {}), **more}


def heard(*events: dict[str, Any], attempts: int = 1) -> list[str | None]:
    """Each event kept and looked into, in this order; why it was passed over."""
    for each in events:
        with unit_of_work() as session:
            receive(session, "stripe", each["id"], each["type"], each)
        look_into(outbox.Claimed(new_id(), OutboxKind.STRIPE_EVENT, each["id"], {"event": each["id"]}, attempts))
    with unit_of_work() as session:
        return [session.get_one(Received, ("stripe", each["id"])).passed_over for each in events]


def state(account_id: str) -> str:
    with unit_of_work() as session:
        return session.scalars(select(PayoutAccount.state).where(PayoutAccount.provider_id == account_id)).one()


def updated(number: int, account_id: str, transfers: str, **more: Any) -> dict[str, Any]:
    about = {"object": "account", "id": account_id, "capabilities": {"transfers": transfers}}
    return event(number, "account.updated", about, account=account_id, **more)


def test_an_older_event_after_a_newer_one_changes_nothing_back(treasury: Treasury) -> None:
    account = treasury.onboard(treasury.person())
    assert heard(updated(2, account, "active", created=200), updated(1, account, "inactive", created=100)) == [None, None]
    assert state(account) == "active"


def test_an_event_is_kept_once_by_whichever_endpoint_it_came(treasury: Treasury) -> None:
    account = treasury.onboard(treasury.person())
    twice = updated(1, account, "active")
    with unit_of_work() as session:
        kept = [receive(session, "stripe", "evt_1", "account.updated", {**twice, "api_version": it}) for it in ("a", "b")]
        enqueued = session.scalars(select(outbox.OutboxMessage.key).where(outbox.OutboxMessage.kind == OutboxKind.STRIPE_EVENT)).all()
    assert (kept, enqueued) == ([True, False], ["evt_1"])


def test_two_events_of_one_object_and_one_looked_into_twice_come_to_the_same(treasury: Treasury) -> None:
    account = treasury.onboard(treasury.person())
    before = told_of(account)
    heard(updated(1, account, "active"), updated(2, account, "active"), updated(1, account, "active"))
    assert (state(account), told_of(account)) == ("active", before)


def told_of(account_id: str) -> list[str]:
    with unit_of_work() as session:
        return list(session.scalars(select(Event.name).where(Event.name.like("payout.account%")).order_by(Event.number)))


@pytest.mark.parametrize("version", ["2019-02-19", stripe.api_version, "2031-01-01.future", None])
def test_an_event_in_whatever_version_says_only_what_to_fetch(treasury: Treasury, version: str | None) -> None:
    account = treasury.onboard(treasury.person())
    old = event(1, "account.updated", {"object": "account", "id": account, "verification": {}}, account=account, api_version=version)
    assert heard(old) == [None]
    assert state(account) == "active"


def test_an_event_of_the_other_mode_changes_nothing(treasury: Treasury) -> None:
    account = treasury.open_account(treasury.person())
    ready(treasury, account)
    assert heard(updated(1, account, "active", livemode=True)) == ["other_mode"]
    assert state(account) == "onboarding"
    assert heard(updated(2, account, "active", livemode=False)) == [None]
    assert state(account) == "active"


def test_under_a_live_key_a_test_event_changes_nothing(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_1")
    settings.cache_clear()
    assert heard(updated(1, "acct_1", "active", livemode=False)) == ["other_mode"]
    monkeypatch.delenv("STRIPE_API_KEY")
    settings.cache_clear()


def ready(treasury: Treasury, account: str) -> None:
    """The account is ready at Stripe, and we have not heard of it."""
    treasury.stripe.submit(account)


def test_a_thin_event_is_looked_into_by_the_object_that_it_refers_to(treasury: Treasury) -> None:
    account = treasury.open_account(treasury.person())
    ready(treasury, account)
    related = {"id": account, "type": "v2.core.account", "url": f"/v2/core/accounts/{account}"}
    assert heard(thin(1, CAPABILITY, related)) == [None]
    assert state(account) == "active"


THIN = [
    thin(1, "v1.billing.meter.no_meter_found", None),
    thin(1, "v1.billing.meter.error_report_triggered", {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"}),
    thin(
        1, "v2.core.event_destination.ping", {"id": "ed_1", "type": "v2.core.event_destination", "url": "/v2/core/event_destinations/ed_1"}
    ),
]


@pytest.mark.parametrize(
    "strange",
    [
        *THIN,
        thin(1, "v2.something.new", None, related_object=None),
        event(1, "customer.created", {"object": "customer", "id": "cus_1"}),
        event(1, "something.new", {"object": "something"}),
        event(1, "invoice.upcoming", {"object": "invoice"}),
        event(1, "cash_balance.funds_available", {"object": "cash_balance", "customer": "cus_1"}),
        {"id": "evt_1", "object": "event", "type": "x", "livemode": False},
        {"id": "evt_1", "object": "event", "type": "x", "livemode": False, "data": None},
    ],
    ids=lambda event: f"{event['object']} {event['type']}",
)
def test_an_event_that_nobody_asked_for_is_noted_and_troubles_nobody(treasury: Treasury, strange: dict[str, Any]) -> None:
    assert heard(strange) == ["not_asked_for"]


def test_an_event_of_what_is_not_there_is_asked_about_again_and_then_noted(treasury: Treasury) -> None:
    gone = event(1, "transfer.updated", {"object": "transfer", "id": "tr_gone"})
    with pytest.raises(Definite):
        heard(gone)
    assert heard(gone, attempts=3) == ["gone"]
    assert heard(event(2, "invoice.deleted", {"object": "invoice", "id": "in_1"})) == ["gone"]


def test_a_thin_event_is_believed_when_it_is_signed_and_has_a_side(treasury: Treasury) -> None:
    told = thin(1, CAPABILITY, {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"})
    body = json.dumps(told)
    header = stripe.WebhookSignature.generate_signature_header(body, settings().stripe_webhook_secrets[0])
    found = verified(body.encode(), header, at=clock.process_now() + timedelta(seconds=1))
    assert found is not None
    assert (found.id, found.name) == ("evt_1", CAPABILITY)
    assert [EventOrigin.of(each) for each in (told, {**told, "context": "acct_1"})] == [EventOrigin.PLATFORM, EventOrigin.CONNECT]


def test_the_thin_events_here_are_what_stripe_publishes_and_are_read_as_its_own_client_reads_them() -> None:
    asked = {"type": "request", "request": {"id": "req_1", "idempotency_key": "payee:1"}}
    related = {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"}
    whole = thin(1, CAPABILITY, related, context="acct_1", reason=asked)
    assert [dahlia.object_faults(each) for each in (whole, *THIN)] == [[]] * 4
    read = EventNotification.from_json(whole, stripe.StripeClient(settings().stripe_key))
    assert isinstance(read, V2CoreAccountIncludingConfigurationRecipientCapabilityStatusUpdatedEventNotification)
    assert about(whole) == (read.related_object.type.removeprefix("v2.core."), read.related_object.id) == ("account", "acct_1")

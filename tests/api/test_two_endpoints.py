"""Stripe tells of connected accounts only at an endpoint that was made for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
import uvicorn
from sqlalchemy import select

from api.app import make_app
from api.webhooks import router
from campaigns.core.inbox import Received
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.settings import settings
from campaigns.payments.queries import payout_account
from tests.installation import wait_for
from tests.ports import free_port
from tests.treasury import Treasury, treasury
from workers.provider.event_origins import EventOrigin
from workers.provider_events import HEARD, PROVIDER_EVENTS
from workers.transactions import unit_of_work

__all__ = ["treasury"]


@contextmanager
def listening(port: int) -> Iterator[str]:
    """The application, where Stripe can post to it."""
    server = uvicorn.Server(uvicorn.Config(make_app(), host="127.0.0.1", port=port, log_level="warning"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def home(treasury: Treasury) -> Iterator[str]:
    with listening(free_port()) as home:
        yield home


def listen(treasury: Treasury, monkeypatch: pytest.MonkeyPatch, home: str, *sides: EventOrigin) -> None:
    """As whoever installs Callboard does: an endpoint for each of these sides, its secret beside those there are."""
    asked = [
        {"url": home + side.path, "enabled_events": [*HEARD[side], *also(side)], "connect": side is EventOrigin.CONNECT} for side in sides
    ]
    made = [treasury.stripe.client.v1.webhook_endpoints.create(each) for each in asked]  # type: ignore[arg-type]
    before = [each.get_secret_value() for each in settings().stripe_webhook_secret]
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", ",".join([*before, *(str(each.secret) for each in made)]))
    settings.cache_clear()


def also(side: EventOrigin) -> list[str]:
    """Whoever asks for everything at an endpoint of the platform's is told no more of accounts."""
    return ["account.updated", "customer.created"] if side is EventOrigin.PLATFORM else []


def heard(treasury: Treasury) -> list[str]:
    with unit_of_work() as session:
        return sorted(session.scalars(select(Received.name)))


def state(person: object) -> str:
    with unit_of_work() as session:
        return payout_account(session, person).state  # type: ignore[arg-type]


def test_an_account_becomes_active_only_where_an_endpoint_hears_the_accounts(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    listen(treasury, monkeypatch, home, EventOrigin.PLATFORM)
    ana, ben = treasury.person(), treasury.person()
    treasury.open_account(ana)
    treasury.submit(ana)
    treasury.stripe.customer()
    wait_for(lambda: heard(treasury) == ["customer.created"])
    treasury.handle(OutboxKind.STRIPE_EVENT)
    assert (state(ana.person), heard(treasury)) == ("onboarding", ["customer.created"])
    listen(treasury, monkeypatch, home, EventOrigin.CONNECT)
    treasury.open_account(ben)
    treasury.submit(ben)
    wait_for(lambda: heard(treasury) == [*["account.updated"] * 3, "customer.created"])
    treasury.handle(OutboxKind.STRIPE_EVENT)
    assert (state(ana.person), state(ben.person)) == ("onboarding", "active")
    assert {each.pending_webhooks for each in treasury.stripe.client.v1.events.list().data} == {0}


def test_what_the_endpoints_are_to_hear_is_what_one_of_us_looks_into() -> None:
    told = {
        (side, kind, _about(name)) for side, kinds in PROVIDER_EVENTS.items() for kind, events in kinds.items() for name in events.names
    }
    assert told == {(side, kind, kind) for side, kinds in PROVIDER_EVENTS.items() for kind in kinds}
    assert all(events.looks for kinds in PROVIDER_EVENTS.values() for events in kinds.values())


def _about(name: str) -> str:
    """The kind of object that an event of this name is about."""
    return "dispute" if name.startswith("charge.dispute.") else name.rpartition(".")[0]


def test_each_side_has_an_address_of_its_own() -> None:
    posted = {route.path for route in router.routes}  # type: ignore[attr-defined]
    assert posted == {*(side.path for side in EventOrigin), "/webhooks/sendgrid"}

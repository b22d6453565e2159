"""Stripe's simulator over HTTP, a line to it that can fail, and people who have earned something."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine, select
from stripe.params import PaymentIntentCreateParams

from campaigns.core import clock, outbox
from campaigns.core.events import Event
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM, Actor, Person, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.settings import settings
from campaigns.ledger.accounts import Account, Entry, held, payee
from campaigns.ledger.actions import post
from campaigns.ledger.queries import balance
from campaigns.payments.actions import book_movement, open_payout_account
from campaigns.payments.gateway import BalanceMovement
from campaigns.payments.models import PayoutAccount
from flows.handlers import HANDLERS, Handler
from sandbox.stripe.limiter import BucketLimiter
from sandbox.stripe.tables import create_tables
from tests.engines import engine_of_its_kind
from tests.ports import free_port
from tests.postroom import Line
from tests.sandbox.stripe.stage import Simulator, running
from workers.gateways import by_stripe
from workers.payout import sending
from workers.provider.accounts import look_at_account, onboarding_link
from workers.transactions import unit_of_work

CAMPAIGN = UUID(int=7)


@dataclass
class Treasury:
    """Our side and Stripe's, with money and people."""

    stripe: Simulator
    line: Line
    names: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    def person(self, country: str | None = "US", role: Role | None = None) -> Actor:
        """Someone new, who holds `role` on staff."""
        with unit_of_work() as session:
            number = next(self.names)
            new = Person(email=f"person{number}@example.org", name=f"Person {number}", country=country)
            session.add(new)
            session.flush()
            if role:
                grant_role(session, new.id, role, by=SYSTEM)
            session.flush()
            return actor_for(session, new.id)

    def fund(self, amount: int, currency: str = "USD") -> None:
        """Money that a brand pays by card, available at once, in Stripe's balance and in the books."""
        intent = self.stripe.fund(amount, currency.lower())
        with unit_of_work() as session:
            since = clock.business_now(session) - timedelta(minutes=1)
        movement = next(m for m in by_stripe().movements_since(since) if m.source == intent.latest_charge)
        with unit_of_work() as session:
            book_movement(session, movement, {held(CAMPAIGN, currency): amount}, kind="funding.received", at=clock.business_now(session))

    def earn(self, person: UUID, amount: int, currency: str = "USD") -> None:
        """A person's share of a final proposal."""
        with unit_of_work() as session:
            entry = Entry(held(CAMPAIGN, currency), payee(person, currency), amount)
            post(session, "proposal.final", str(new_id()), [entry], at=clock.business_now(session))

    def open_account(self, person: Actor) -> str:
        """The person's account with Stripe, not yet onboarded; its id there."""
        with unit_of_work() as session:
            account = open_payout_account(session, by=person, at=clock.business_now(session))
        self.handle(OutboxKind.PAYOUT_ACCOUNT)
        with unit_of_work() as session:
            return session.get_one(PayoutAccount, account.id).provider_id or ""

    def onboard(self, person: Actor) -> str:
        """The person goes through Stripe's form, and we hear of it."""
        provider_id = self.open_account(person)
        self.submit(person)
        look_at_account(by_stripe(), provider_id)
        return provider_id

    def submit(self, person: Actor, outcome: str = "complete") -> None:
        """The person has submitted Stripe's form, and Stripe has done what it does by itself then."""
        httpx.post(onboarding_link(by_stripe(), person.person), data={"outcome": outcome}, timeout=30)
        self.stripe.settle()

    def payee(self, amount: int = 5_000, country: str = "US", currency: str = "USD") -> Actor:
        """Someone who can be paid `amount`."""
        person = self.person(country)
        self.onboard(person)
        self.earn(person.person, amount, currency)
        return person

    def handle(self, kind: str, handler: Handler | None = None) -> int:
        """Handle the open messages of one kind, as the relay does or by another handler; returns how many."""
        with unit_of_work() as session:
            open_messages = select(outbox.OutboxMessage).where(outbox.OutboxMessage.kind == kind, outbox.OutboxMessage.done_at.is_(None))
            claimed = [outbox.Claimed(p.id, p.kind, p.key, p.body, 1) for p in session.scalars(open_messages)]
        for one in claimed:
            (handler or HANDLERS[kind])(one)
            with unit_of_work() as session:
                outbox.mark_done(session, one.id)
        return len(claimed)

    def pay_by_card(self, amount: int) -> BalanceMovement:
        """What a charge of a card, past all of ours, moves on the balance."""
        asked: PaymentIntentCreateParams = {"amount": amount, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
        intent = self.stripe.client.v1.payment_intents.create(asked)
        return next(m for m in by_stripe().movements_since(now() - timedelta(minutes=1)) if m.source == intent.latest_charge)

    def transfers(self) -> list[tuple[str, int]]:
        """To whom how much was transferred, oldest first, what came back taken off."""
        found = self.stripe.client.v1.transfers.list({"limit": 100}).data
        return [(str(t.destination), t.amount - t.amount_reversed) for t in reversed(found)]

    def pass_time(self, by: timedelta) -> None:
        with unit_of_work() as session:
            clock.move_clock(session, by)


def now() -> datetime:
    """Business time."""
    with unit_of_work() as session:
        return clock.business_now(session)


def held_on(account: Account) -> int:
    """The balance of an account."""
    with unit_of_work() as session:
        return balance(session, account)


def told(name: str) -> list[dict[str, object]]:
    """The facts of each event of one name, in order."""
    with unit_of_work() as session:
        return list(session.scalars(select(Event.facts).where(Event.name == name).order_by(Event.number)))


@contextmanager
def at_hand(monkeypatch: pytest.MonkeyPatch, engine: Engine | None = None) -> Iterator[Treasury]:
    """A treasury on the database of the settings, or the simulator on that of `engine`."""
    engine, port = engine or engine_of_its_kind(settings().sqlalchemy_url, pool_size=20), free_port()
    create_tables(engine)
    monkeypatch.setenv("CALLBOARD_STRIPE_SANDBOX_PORT", str(port))
    _read_again()
    with running(engine, BucketLimiter(clock.process_now)) as simulator, Line(simulator.url, port) as line:
        yield Treasury(simulator, line)
    engine.dispose()
    monkeypatch.delenv("CALLBOARD_STRIPE_SANDBOX_PORT")
    _read_again()


def _read_again() -> None:
    for cache in (settings, by_stripe, sending.pace):
        cache.cache_clear()


@pytest.fixture
def treasury(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Treasury]:
    """A treasury on a database of its own, with $10,000 held."""
    with at_hand(monkeypatch) as treasury:
        treasury.fund(1_000_000)
        yield treasury

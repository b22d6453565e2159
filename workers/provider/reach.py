"""Where the provider sends money, asked every day."""

from collections.abc import Iterator
from datetime import UTC, timedelta

from sqlalchemy import select

from campaigns.core import clock, outbox
from campaigns.core.installing import InstallationStep
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.words import _
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.reach import note_reach, reach
from campaigns.payments.routes import Reach
from workers.transactions import unit_of_work

LOOKED_AT_EVERY = timedelta(days=1)


def enqueue_look() -> int:
    """The sweep's part: enqueue the look of the day; returns 1 where there was none yet."""
    now = clock.process_now()
    with unit_of_work() as session:
        known = reach(session).fetched_at
        if known is not None and now - known < LOOKED_AT_EVERY:
            return 0
        key = f"{now.astimezone(UTC):%Y-%m-%d}"
        message = outbox.OutboxMessage
        if session.scalar(select(message.id).where(message.kind == OutboxKind.REACH_LOOK, message.key == key)):
            return 0
        outbox.enqueue(session, OutboxKind.REACH_LOOK, key=key)
        return 1


def look_at_reach(money_out: MoneyOut, _claimed: outbox.Claimed) -> None:
    """Handler of `reach_look`: ask the provider where it sends money from our country, and keep it."""
    fetch_reach(money_out)


def fetch_reach(money_out: MoneyOut) -> Reach:
    """Ask the provider now, and keep what it says; raises a GatewayError."""
    now, said = clock.process_now(), money_out.fetch_reach()
    with unit_of_work() as session:
        note_reach(session, said, now=now, at=clock.business_now(session))
        return reach(session)


def set_up_reach(money_out: MoneyOut, *, apply: bool) -> Iterator[InstallationStep]:
    """Ask for the first time where the provider sends money, so that calls promise that: under a real key they promise nothing before."""
    with unit_of_work() as session:
        if reach(session).fetched_at is not None:
            return
    if apply:
        fetch_reach(money_out)
    yield InstallationStep(_("Ask Stripe which countries it sends money to from yours, and store the list."))

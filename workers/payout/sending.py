"""A run's payouts sent to the provider in batches: claim (commit), send, record (commit). Opens its own transactions."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from threading import Lock
from time import sleep
from uuid import UUID

from campaigns.core import clock
from campaigns.core.settings import settings
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.provider_errors import Definite, GatewayError, InsufficientBalance, RateLimited, Unknown
from campaigns.payout.runs.exclusions import obstacles
from campaigns.payout.runs.models import SOURCES, Payout, PayoutRun
from campaigns.payout.runs.payouts import (
    LEASE,
    Absent,
    Outcome,
    Paid,
    Short,
    TransferRefused,
    Unresolved,
    claim_payouts,
    key_of,
    must_look,
    next_due,
    order_of,
    record_outcomes,
)
from workers.gateways import money_out
from workers.transactions import unit_of_work

BATCH = 200
HANDS = 8
# What one request may take at most; the lease outlives it.
LONGEST_REQUEST = 30.0
FIRST_PAUSE = 0.2


class Lapsed(Exception):
    """The lease is nearly over, the key nearly forgotten, or the payee not to be paid any more: nothing may be sent under it."""


class Pace:
    """Lets requests go at most so many a second, whichever thread sends them."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0
        self._lock = Lock()

    def wait(self) -> None:
        """Return when it is this request's turn."""
        with self._lock:
            now = clock.awake_seconds()
            turn = max(now, self._next)
            self._next = turn + self._gap
        sleep(turn - now)


@lru_cache
def pace() -> Pace:
    """This process's pace of transfers."""
    return Pace(settings().stripe_requests_per_second)


def send_batch(run_id: UUID, generation: int) -> datetime | None:
    """Send the next batch of a run, and return when the following may be claimed, process time; None when no payout is open any more.

    Raises Superseded when this generation may claim nothing more.
    """
    lease_ends = clock.awake_seconds() + LEASE.total_seconds()
    now = clock.process_now()
    with unit_of_work() as session:
        items = claim_payouts(session, run_id, generation, BATCH, at=clock.business_now(session), now=now)
        route = session.get_one(PayoutRun, run_id).route
    outcomes = carry_out(money_out(route), items, lease_ends)
    with unit_of_work() as session:
        now = clock.process_now()
        if outcomes:
            record_outcomes(session, run_id, outcomes, at=clock.business_now(session), now=now)
        return next_due(session, run_id, now)


def carry_out(provider: MoneyOut, items: Sequence[Payout], lease_ends: float) -> list[Outcome]:
    """What the provider says to each payout; those that could not be sent or looked up in time are left out, for their lease to end."""
    with unit_of_work() as session:
        at = clock.business_now(session)
    doubtful = [item for item in items if must_look(item, at)]
    sendable = [item for item in items if not must_look(item, at)]
    with ThreadPoolExecutor(HANDS) as hands:
        sent = list(hands.map(lambda item: send(provider, item, lease_ends), sendable))
    return [outcome for outcome in sent if outcome] + list(look_up(provider, doubtful))


def send(provider: MoneyOut, item: Payout, lease_ends: float) -> Outcome | None:
    """Ask for the payout's transfer until the provider has looked at it; None when the lease ended before that."""
    pause = FIRST_PAUSE
    while True:
        pace().wait()
        try:
            # Between here and the request nothing may wait: a worker that slept past its lease must not send.
            fence(item, lease_ends)
            return Paid(item, provider.transfer(order_of(item), key=key_of(item)).id)
        except Lapsed:
            return None
        except RateLimited:
            sleep(pause)
            pause *= 2
        except InsufficientBalance:
            return short(provider, item)
        except GatewayError as error:
            return classify(item, error)


def fence(item: Payout, lease_ends: float) -> None:
    """Raise Lapsed unless the request would end within the lease, the provider still knows the payout's key, and nothing stands against it.

    What has come to stand against it is seen to when the lease is over.
    """
    with unit_of_work() as session:
        at = clock.business_now(session)
        if obstacles(session, item.currency, [item.id], at):
            raise Lapsed
    if clock.awake_seconds() + LONGEST_REQUEST > lease_ends or must_look(item, at):
        raise Lapsed


def short(provider: MoneyOut, item: Payout) -> Short:
    """What our balance is where the kind that was asked does not cover the payout, and which other kind would: none does, or nobody
    knows."""
    try:
        said = provider.balance()
    except GatewayError:
        return Short(item)
    kinds = said[item.currency].by_source if item.currency in said else {}
    covering = sorted(kind for kind, amount in kinds.items() if amount >= item.amount)
    return Short(item, next((kind for kind in covering if kind != item.source_type and kind in SOURCES), None), said)


def classify(item: Payout, error: GatewayError) -> Outcome:
    """What an error says about the payout; only what is certain ends an attempt."""
    match error:
        case InsufficientBalance():
            return Short(item)
        case Definite(code=code):
            return TransferRefused(item, code)
        case Unknown(status=status):
            return Unresolved(item, broken=status >= 500)
        case _:
            return Unresolved(item)


def look_up(provider: MoneyOut, items: Sequence[Payout]) -> Iterable[Outcome]:
    """Look for the payouts' transfers among those of their groups: adopt what is there; what is not never was, and is tried anew."""
    ordered = sorted(items, key=lambda item: item.transfer_group)
    for group, members in groupby(ordered, key=lambda item: item.transfer_group):
        try:
            # Newest first: of two for one payout the older is kept, and the reconciliation takes the other back.
            made = {t.metadata.get("payout_item"): t.id for t in provider.transfers_in(group)}
        except GatewayError:
            continue
        for item in members:
            yield Paid(item, made[str(item.id)]) if str(item.id) in made else Absent(item)

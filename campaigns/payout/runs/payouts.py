"""What becomes of a released run's items: claimed before anything is sent, and settled with the ledger in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.db import one_of
from campaigns.core.event_names import EventName
from campaigns.core.people import CLOCK, STRIPE, SYSTEM
from campaigns.core.restoration import behind
from campaigns.ledger.accounts import Entry, payee, payees_at_stripe, payout_clearing, sent_to_payees, stripe_available
from campaigns.ledger.actions import post
from campaigns.payments.actions import note_balance
from campaigns.payments.balance_gateway import ProviderBalance
from campaigns.payments.money_out import TransferOrder
from campaigns.payout.balances.actions import note_blocked
from campaigns.payout.errors import Superseded
from campaigns.payout.holds.actions import hold_payments
from campaigns.payout.holds.queries import held_people
from campaigns.payout.runs.actions import pause_run
from campaigns.payout.runs.exclusions import leave_out, obstacles
from campaigns.payout.runs.models import SHORT, Payout, PayoutRun
from campaigns.payout.runs.queries import find_run, sums_of
from campaigns.payout.runs.states import OPEN_STATES, PayoutRunState, PayoutState

LEASE = timedelta(seconds=60)
# Stripe may forget a key after 24 hours, and then the same request is a second transfer.
KEY_LASTS = timedelta(hours=23)
SERVER_ERRORS = 3
BACK_OFF = timedelta(seconds=1)
LONGEST_BACK_OFF = timedelta(minutes=5)
# A saved answer of a broken server replays for ever; a listing shows what it hides, minutes later.
LISTING_LAG = timedelta(minutes=2)
# The account's own state says what is missing; anything else needs a person to look before the next transfer.
LEFT_TO_ACCOUNT = frozenset({"insufficient_capabilities_for_transfer"})
PAY = text("""
    with sent as (
        update payout i set state = 'sent', transfer_id = told.transfer_id, settled_at = :at, leased_until = null, due_at = null
        from unnest(cast(:ids as uuid[]), cast(:attempts as int[]), cast(:transfers as text[])) as told(id, attempt, transfer_id)
        where i.id = told.id and i.attempt = told.attempt and i.state in ('ready', 'sending', 'unknown')
        returning i.*
    )
    select id, run_id, person_id, amount, currency from sent order by id
""")


@dataclass(frozen=True, slots=True)
class Paid:
    """The provider made the transfer, now or when asked before."""

    item: Payout
    transfer_id: str


@dataclass(frozen=True, slots=True)
class TransferRefused:
    """The provider will not make this transfer."""

    item: Payout
    code: str


@dataclass(frozen=True, slots=True)
class Short:
    """Our balance did not cover it: it did not happen, and a later try needs a new key.

    `covers` is the kind of balance that would, `seen` what our balance was after that.
    """

    item: Payout
    covers: str | None = None
    seen: Mapping[str, ProviderBalance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nobody knows; the same request is to be sent again. `broken` when the provider's server said that it failed."""

    item: Payout
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """Looked for where it would have to be, and not there: the next try is a new one."""

    item: Payout


Outcome = Paid | TransferRefused | Short | Unresolved | Absent


def key_of(item: Payout) -> str:
    """The idempotency key of the payout's present attempt."""
    return f"po:{item.id}:{item.attempt}"


def order_of(item: Payout) -> TransferOrder:
    """The transfer that the payout stands for, the same at every try."""
    return TransferOrder(item.amount, item.currency, item.destination, item.transfer_group, {"payout_item": str(item.id)}, item.source_type)


def must_look(item: Payout, at: datetime) -> bool:
    """Whether the payout's fate is to be looked up at `at`, because its key may be forgotten or only ever answers that the server
    failed."""
    return item.server_errors >= SERVER_ERRORS or (item.first_sent_at is not None and item.first_sent_at + KEY_LASTS <= at)


def claim_payouts(session: Session, run_id: UUID, generation: int, limit: int, *, at: datetime, now: datetime) -> Sequence[Payout]:
    """Take the lease of up to `limit` payouts that are due; `at` is business time, `now` process time. Commit before sending.

    Whoever cannot be paid any more since the quote is left out.

    Raises Superseded unless the run is released and in this generation, and while a restored backup has not caught up.
    """
    run = session.scalars(select(PayoutRun).where(PayoutRun.id == run_id).with_for_update()).one()
    if (run.state, run.generation) != (PayoutRunState.RELEASED, generation):
        raise Superseded(f"Payout run {run.number} is {run.state} in generation {run.generation}.")
    if behind(session):
        raise Superseded("Stripe has not been asked yet what happened since the restored backup was made.")
    free = (
        select(Payout).where(Payout.run_id == run_id, *_claimable(now)).order_by(Payout.id).limit(limit).with_for_update(skip_locked=True)
    )
    found = session.scalars(free, execution_options={"populate_existing": True}).all()
    mine = _without_obstacles(session, run, found, at=at, now=now)
    sending = {"state": PayoutState.SENDING, "leased_until": now + LEASE, "first_sent_at": func.coalesce(Payout.first_sent_at, at)}
    claimed = update(Payout).where(one_of(Payout.id, mine)).values(sending).returning(Payout)
    as_returned = {"populate_existing": True, "synchronize_session": False}
    return sorted(session.scalars(claimed, execution_options=as_returned), key=lambda item: item.id)


def _without_obstacles(session: Session, run: PayoutRun, found: Sequence[Payout], *, at: datetime, now: datetime) -> Sequence[UUID]:
    """Those that may be sent, or looked up: what cannot be paid any more is left out, or once it may have been sent, looked up first."""
    reasons = obstacles(session, run.currency, [item.id for item in found], at)
    stopped = [item for item in found if item.id in reasons]
    leave_out(session, run, {item.id: reasons[item.id] for item in stopped if item.first_sent_at is None}, at=at)
    doubtful = [item for item in stopped if item.first_sent_at and not must_look(item, at)]
    for item in doubtful:
        # Nothing more is sent for it: once a listing would show it, it is either there, or never was and is left out.
        item.move(PayoutState.UNKNOWN)
        item.leased_until = None
        item.server_errors, item.due_at = SERVER_ERRORS, now + LISTING_LAG
    waiting = {item.id for item in doubtful}
    return [item.id for item in found if item.id not in waiting and not (item.id in reasons and item.first_sent_at is None)]


def _claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(
        Payout.state.in_((PayoutState.READY, PayoutState.UNKNOWN)), (Payout.state == PayoutState.SENDING) & (Payout.leased_until < now)
    )
    return free, or_(Payout.due_at.is_(None), Payout.due_at <= now)


def next_due(session: Session, run_id: UUID, now: datetime) -> datetime | None:
    """When the next open payout of a run may be claimed, process time; None when none is open."""
    when = func.coalesce(func.greatest(Payout.due_at, Payout.leased_until), now)
    return session.scalar(select(func.min(when)).where(Payout.run_id == run_id, Payout.state.in_(OPEN_STATES)))


def record_outcomes(session: Session, run_id: UUID, outcomes: Sequence[Outcome], *, at: datetime, now: datetime) -> None:
    """Write what became of each payout, and its postings, in one transaction; what another worker has settled since stays as it is.

    No generation is asked for: what the provider did is true whoever asked for it.
    """
    run = find_run(session, run_id, by=SYSTEM, lock=True)
    paid = [outcome for outcome in outcomes if isinstance(outcome, Paid)]
    others = [outcome for outcome in outcomes if not isinstance(outcome, Paid)]
    entries = (_record_paid(session, paid, at) if paid else []) + _record_others(session, run, others, at, now)
    _hold_refused(session, outcomes, at)
    if entries:
        attempt = next(outcome.item.attempt for outcome in outcomes if outcome.item.id == entries[0].ref)
        post(session, "payout.settled", f"run:{run.id}:settled:{entries[0].ref}:{attempt}", entries, at=at)
        note_sent(session, run.id, [entry for entry in entries if entry.credit.kind == "stripe_available"], at=at)


def note_sent(session: Session, run_id: UUID, entries: Sequence[Entry], *, at: datetime) -> None:
    """Keep beside the debts what has left us for payees and is not at their banks yet."""
    sent = [Entry(payees_at_stripe(e.debit.currency), sent_to_payees(e.debit.currency), e.amount, ref=e.ref) for e in entries]
    if sent:
        post(session, "payout.sent", f"run:{run_id}:sent:{sent[0].ref}", sent, at=at)


def _record_paid(session: Session, outcomes: Sequence[Paid], at: datetime) -> list[Entry]:
    """What was sent, payout by payout, in one statement: nearly all of a batch is."""
    told = {
        "ids": [outcome.item.id for outcome in outcomes],
        "attempts": [outcome.item.attempt for outcome in outcomes],
        "transfers": [outcome.transfer_id for outcome in outcomes],
    }
    entries = []
    for item in session.execute(PAY, told | {"at": at}):
        events.record(
            session, EventName.PAYOUT_SENT, by=STRIPE, at=at, person=str(item.person_id), amount=item.amount, currency=item.currency,
            item=str(item.id), run=str(item.run_id),
        )  # fmt: skip
        entries.append(Entry(payout_clearing(item.currency), stripe_available(item.currency), item.amount, ref=item.id))
    return entries


def _record_others(session: Session, run: PayoutRun, outcomes: Sequence[Outcome], at: datetime, now: datetime) -> list[Entry]:
    if not outcomes:
        return []
    wanted = select(Payout).where(Payout.id.in_([outcome.item.id for outcome in outcomes])).with_for_update()
    held = {item.id: item for item in session.scalars(wanted.execution_options(populate_existing=True))}
    entries: list[Entry] = []
    for outcome in outcomes:
        item = held[outcome.item.id]
        if item.state in OPEN_STATES and item.attempt == outcome.item.attempt:
            item.leased_until = item.due_at = None
            entries += RECORDS[type(outcome)](session, run, item, outcome, at, now)
    session.flush()
    return entries


def _record_refused(session: Session, _run: PayoutRun, item: Payout, outcome: TransferRefused, at: datetime, _now: datetime) -> list[Entry]:
    item.move(PayoutState.FAILED)
    item.failure, item.settled_at = outcome.code, at
    events.record(
        session, EventName.PAYOUT_ITEM_FAILED, by=STRIPE, at=at, reason=outcome.code, item=str(item.id), person=str(item.person_id)
    )
    return [Entry(payout_clearing(item.currency), payee(item.person_id, item.currency), item.amount, ref=item.id)]


def _hold_refused(session: Session, outcomes: Sequence[Outcome], at: datetime) -> None:
    """Hold the payments of those whose transfer was refused for a reason that a person must look into, unless they are held already."""
    codes = {o.item.person_id: o.code for o in outcomes if isinstance(o, TransferRefused) and o.code not in LEFT_TO_ACCOUNT}
    for person_id in sorted(codes.keys() - held_people(session, codes)):
        hold_payments(session, person_id, codes[person_id], by=SYSTEM, at=at)


def _record_short(session: Session, run: PayoutRun, item: Payout, outcome: Short, at: datetime, _now: datetime) -> list[Entry]:
    _try_anew(item)
    if outcome.covers:
        item.source_type = outcome.covers
        return []
    item.source_type = "card"
    note_balance(session, outcome.seen, at=at)
    pause_run(session, run.id, None, cause=SHORT, by=STRIPE, at=at)
    return []


def _record_unresolved(_session: Session, _run: PayoutRun, item: Payout, outcome: Unresolved, _at: datetime, now: datetime) -> list[Entry]:
    item.move(PayoutState.UNKNOWN)
    item.server_errors = item.server_errors + 1 if outcome.broken else 0
    item.tries += 1
    wait = min(BACK_OFF * 2 ** min(item.tries - 1, 10), LONGEST_BACK_OFF)
    item.due_at = now + (LISTING_LAG if item.server_errors >= SERVER_ERRORS else wait)
    return []


def _record_absent(_session: Session, _run: PayoutRun, item: Payout, _outcome: Absent, _at: datetime, _now: datetime) -> list[Entry]:
    _try_anew(item)
    return []


def _try_anew(item: Payout) -> None:
    """The attempt certainly did not happen: the next has a key of its own."""
    item.move(PayoutState.READY)
    item.attempt, item.first_sent_at = item.attempt + 1, None
    item.server_errors = item.tries = 0


RECORDS: Mapping[type[Outcome], Callable[..., list[Entry]]] = {
    TransferRefused: _record_refused,
    Short: _record_short,
    Unresolved: _record_unresolved,
    Absent: _record_absent,
}


def close_run(session: Session, run_id: UUID, *, at: datetime) -> bool:
    """Close a released run none of whose payouts is open; tells whether it is closed, and whoever now cannot be paid."""
    run = find_run(session, run_id, by=SYSTEM, lock=True)
    sums = sums_of(session, run.id)
    if run.state == PayoutRunState.RELEASED and not any(s.state in OPEN_STATES for s in sums):
        run.move(PayoutRunState.CLOSED)
        run.closed_at = at
        totals = {s.state: {"items": s.items, "amount": s.amount} for s in sums}
        events.record(session, EventName.PAYOUT_RUN_CLOSED, by=CLOCK, at=at, run=str(run.id), currency=run.currency, totals=totals)
        note_blocked(session, run.currency, at=at)
    return run.state == PayoutRunState.CLOSED

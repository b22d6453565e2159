"""What is done with a run: quoted, approved by two people or within limits, discarded, paused, resumed; and the limits themselves."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.brief.signatures.rules import all_agreed_to_few
from campaigns.core import events, outbox
from campaigns.core.appointing.rules import require_second_person
from campaigns.core.errors import NotPaused
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.money import exponent
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import CLOCK, Actor
from campaigns.core.permissions import GRANTS, Permission
from campaigns.core.restoration import behind
from campaigns.core.role_grants import PLATFORM, require_still_holding, still_holding
from campaigns.core.words import _
from campaigns.ledger.accounts import Entry, payee, payout_clearing
from campaigns.ledger.actions import hold_ledger, post, post_from_payees
from campaigns.payments.reach import reach
from campaigns.payments.routes import NAMES, routes_for
from campaigns.payout.balances.actions import note_blocked
from campaigns.payout.balances.queries import columns_of_routes, payee_currencies
from campaigns.payout.balances.reasons import STANDINGS
from campaigns.payout.errors import (
    LimitOutOfRange,
    NoSuchLimits,
    NotCaughtUp,
    NothingPayable,
    NotQuoted,
    NotReleased,
    PayeeMayNotRelease,
    UnknownRoute,
)
from campaigns.payout.holds.actions import reason_given
from campaigns.payout.runs.exclusions import leave_out_changed
from campaigns.payout.runs.files import file_hash
from campaigns.payout.runs.models import FINANCE, SHORT, Payout, PayoutRun, RunApproval, RunLimits
from campaigns.payout.runs.queries import all_it_pays_for_agreed, approvals_of, find_run, is_paid_by, limits_in_force, totals_of
from campaigns.payout.runs.states import PayoutRunState, PayoutState

APPROVALS = 2
GROUP = 1000
SEND = "send-payouts/send-payouts"
QUOTE_FLOW = "quote-payouts/quote-payouts"
# Whoever is payable, with amount and destination frozen, in groups that one listing of the provider can cover; a payout's id is the run's
# with its place in it. The route is compared behind `offset 0`: without that PostgreSQL expects few payees and looks each of them up alone.
QUOTE = text(f"""
    with {STANDINGS}, quoted as (
        insert into payout
            (id, run_id, person_id, currency, amount, destination, transfer_group, state, attempt, tries, server_errors)
        select cast(substr(cast(:run as text), 1, 28) || lpad(to_hex(place), 8, '0') as uuid), :run, person_id, currency, amount - withheld,
               destination, :name || '_' || (place - 1) / {GROUP}, 'ready', 1, 0, 0
        from (
            select *, row_number() over (order by person_id) as place
            from (select * from standing where reason is null and currency = :currency offset 0) as payable where route = :route
        ) as placed order by place
        returning id
    )
    select count(*) from quoted
""")  # nosec B608  # noqa: S608 - the parts are constants


def sequence_of(due: datetime) -> str:
    """What the quotes of one moment of the schedule are called, so that they are made once."""
    return f"{due.astimezone(UTC):%Y-%m-%d %H:%M}"


def quote_payouts(session: Session, sequence: str, *, by: Actor, at: datetime) -> Sequence[PayoutRun]:
    """Quote every currency and route of one sequence; returns the runs, those that were there before too."""
    runs, known = [], reach(session)
    for currency in payee_currencies(session):
        routes = sorted({route.name for route in routes_for(known, currency, at)})
        runs += [run for route in routes if (run := quote_run(session, currency, route, sequence, by=by, at=at))]
        if not routes:
            note_blocked(session, currency, at=at)
    return runs


def enqueue_quote(session: Session, due: datetime) -> None:
    """Enqueue the quote of a moment of the schedule, once: where time was moved forward, Prefect's own schedule comes too late.

    What the schedule would have made before a quote that was enqueued is left out: whoever changes it does not change the past.
    """
    sequence = sequence_of(due)
    newest = select(func.max(OutboxMessage.key)).where(OutboxMessage.kind == OutboxKind.START_FLOW, OutboxMessage.key.like("quote-%"))
    if (session.scalar(newest) or "") < f"quote-{sequence}":
        outbox.enqueue(
            session, OutboxKind.START_FLOW, key=f"quote-{sequence}", deployment=QUOTE_FLOW, name=f"Payouts of {sequence}",
            parameters={"sequence": sequence},
        )  # fmt: skip


def quote_run(session: Session, currency: str, route: str, sequence: str, *, by: Actor, at: datetime) -> PayoutRun | None:
    """Collect what is payable into a run and reserve it; a sequence that was quoted before gives its run, None means nothing is payable.

    A run within the limits that two people set goes out by itself. Raises NotCaughtUp.
    """
    by.require(Permission.RELEASE_RUN)
    exponent(currency)
    if route not in NAMES:
        raise UnknownRoute(_("No route has this name."), field="route")
    hold_ledger(session)
    _require_caught_up(session)
    same = (PayoutRun.currency == currency, PayoutRun.route == route, PayoutRun.sequence == sequence)
    run = session.scalars(select(PayoutRun).where(*same)).one_or_none()
    return run or _quote(session, currency, route, sequence, by, at)


def quote_by_hand(session: Session, currency: str, route: str, sequence: str, *, by: Actor, at: datetime) -> PayoutRun:
    """A run of what is payable now under the caller's key; raises NothingPayable."""
    run = quote_run(session, currency, route, sequence, by=by, at=at)
    if run is None:
        raise NothingPayable(_("Nobody can be paid in {currency} by this route now.", currency=currency))
    return run


def _quote(session: Session, currency: str, route: str, sequence: str, by: Actor, at: datetime) -> PayoutRun | None:
    run = _collect(session, currency, route, sequence, by, at)
    note_blocked(session, currency, at=at)
    if run is None:
        return None
    run.file_hash = file_hash(session, run)
    items, total, most = totals_of(session, run.id)
    reserved = select(Payout.person_id, Payout.amount, Payout.id).where(Payout.run_id == run.id)
    post_from_payees(session, "payout.reserved", f"run:{run.id}:reserved", reserved, payout_clearing(currency), at=at)
    events.record(session, EventName.PAYOUT_RUN_QUOTED, by=by, at=at, run=str(run.id), currency=currency, items=items, amount=total)
    limits = limits_in_force(session, currency)
    if limits and total <= limits.most_per_run and most <= limits.most_per_person:
        _release(session, run, by=CLOCK, at=at)
    return run


def _require_caught_up(session: Session) -> None:
    if behind(session):
        raise NotCaughtUp(_("A backup was restored, and Stripe has not reported yet what was paid since. Try again in a minute."))


def _collect(session: Session, currency: str, route: str, sequence: str, by: Actor, at: datetime) -> PayoutRun | None:
    """A new run with its payouts; where there are none, no run is left behind."""
    with session.begin_nested() as savepoint:
        run = PayoutRun(id=new_id(), currency=currency, route=route, sequence=sequence, quoted_by=by.person_id, quoted_at=at)
        session.add(run)
        session.flush()
        frozen = {"run": run.id, "name": f"run_{run.id}", "currency": currency, "route": route}
        if not session.scalar(QUOTE, frozen | columns_of_routes(session, [currency], at)):
            savepoint.rollback()
            return None
    return run


def approve_run(session: Session, run_id: UUID, *, by: Actor, at: datetime) -> PayoutRun:
    """Say that a run may go out; with a second person's word it does, a word said twice counts once. Nobody it pays has a say.

    Whoever cannot be paid any more since the quote is left out of it.
    """
    run = find_run(session, run_id, by=by, lock=True)
    by.require(Permission.RELEASE_RUN)
    if run.state != PayoutRunState.DISCARDED and any(approval.person_id == by.person for approval in approvals_of(session, run.id)):
        return run
    _require_quoted(run)
    if is_paid_by(session, run.id, by.person):
        raise PayeeMayNotRelease(_("This run pays you, so two other people must approve it."))
    words = _words(session, run)
    require_second_person(session, words, by=by, few=bool(words) and all_it_pays_for_agreed(session, run.id))
    leave_out_changed(session, run, by=by, at=at)
    session.execute(insert(RunApproval).values(run_id=run.id, person_id=by.person, at=at).on_conflict_do_nothing())
    events.record(session, EventName.PAYOUT_RUN_APPROVED, by=by, at=at, run=str(run.id))
    if len(_words(session, run)) >= APPROVALS:
        _release(session, run, by=by, at=at)
    return run


def _words(session: Session, run: PayoutRun) -> set[UUID]:
    """Whose approvals count: those who are still of finance."""
    approvers = [approval.person_id for approval in approvals_of(session, run.id)]
    return still_holding(session, approvers, GRANTS[Permission.RELEASE_RUN], PLATFORM)


def discard_run(session: Session, run_id: UUID, reason: str, *, by: Actor, at: datetime) -> PayoutRun:
    """Give up a run that was not released; what it reserved is back on the payees' accounts."""
    run = find_run(session, run_id, by=by, lock=True)
    by.require(Permission.RELEASE_RUN)
    _require_quoted(run)
    reason = reason_given(reason)
    items = session.scalars(select(Payout).where(Payout.run_id == run.id, Payout.state == PayoutState.READY)).all()
    back = [Entry(payout_clearing(run.currency), payee(i.person_id, run.currency), i.amount, ref=i.id) for i in items]
    session.execute(update(Payout).where(Payout.run_id == run.id, Payout.state == PayoutState.READY).values(state=PayoutState.DISCARDED))
    run.move(PayoutRunState.DISCARDED)
    run.reason, run.closed_at = reason, at
    if back:
        post(session, "payout.released", f"run:{run.id}:discarded", back, at=at)
    events.record(session, EventName.PAYOUT_RUN_DISCARDED, by=by, at=at, reason=reason, run=str(run.id))
    return run


def pause_run(session: Session, run_id: UUID, reason: str | None, *, cause: str = FINANCE, by: Actor, at: datetime) -> PayoutRun:
    """Stop sending a released run's payouts after those that are on their way.

    Somebody's pause comes on top of one for want of money, which then no longer ends by itself; otherwise a paused run stays as it is.
    """
    run = find_run(session, run_id, by=by, lock=True)
    by.require(Permission.RELEASE_RUN)
    if run.state == PayoutRunState.PAUSED and (run.cause != SHORT or cause == SHORT):
        return run
    if run.state not in (PayoutRunState.RELEASED, PayoutRunState.PAUSED):
        raise NotReleased(_("This run is not being sent, so it cannot be paused."))
    run.cause, run.reason = cause, None if cause == SHORT else reason_given(reason or "")
    run.move(PayoutRunState.PAUSED)
    events.record(session, EventName.PAYOUT_RUN_PAUSED, by=by, at=at, reason=run.reason, run=str(run.id), cause=cause)
    return run


def resume_run(session: Session, run_id: UUID, *, by: Actor, at: datetime) -> PayoutRun:
    """Go on sending a paused run's payouts."""
    run = find_run(session, run_id, by=by, lock=True)
    by.require(Permission.RELEASE_RUN)
    if run.state != PayoutRunState.PAUSED:
        raise NotPaused(_("This run is not paused."))
    run.move(PayoutRunState.RELEASED)
    run.cause = run.reason = None
    events.record(session, EventName.PAYOUT_RUN_RESUMED, by=by, at=at, run=str(run.id))
    start_sending(session, run)
    return run


def start_sending(session: Session, run: PayoutRun, after: timedelta = timedelta()) -> None:
    """Enqueue a flow run, in a new generation, that sends what is open, after a pause; an older generation can claim nothing more."""
    run.generation, run.flow_run_id = run.generation + 1, None
    session.flush()
    outbox.enqueue(session, OutboxKind.START_FLOW, key=flow_key(run), **flow_of(run), after=after.total_seconds())


def flow_of(run: PayoutRun) -> dict[str, Any]:
    """The flow run of the run's present generation, as Prefect is to be asked for it."""
    return {
        "deployment": SEND,
        "name": f"Payout run {run.number}",
        "parameters": {"run_id": str(run.id), "generation": run.generation},
        "tags": [f"run:{run.number}", f"currency:{run.currency}"],
    }


def flow_key(run: PayoutRun) -> str:
    """Under which Prefect knows the flow run of the run's present generation."""
    return f"run-{run.id}-{run.generation}"


def _release(session: Session, run: PayoutRun, *, by: Actor, at: datetime) -> None:
    run.move(PayoutRunState.RELEASED)
    run.released_at = at
    start_sending(session, run)
    events.record(session, EventName.PAYOUT_RUN_RELEASED, by=by, at=at, run=str(run.id), currency=run.currency)


def _require_quoted(run: PayoutRun) -> None:
    if run.state != PayoutRunState.QUOTED:
        raise NotQuoted(_("This run is no longer waiting for approval."))


def propose_limits(session: Session, currency: str, *, most_per_run: int, most_per_person: int, by: Actor, at: datetime) -> RunLimits:
    """Propose up to which sums, in minor units, a run in `currency` goes out by itself; another person confirms. 0 ends it."""
    by.require(Permission.SET_LIMITS)
    exponent(currency)
    for field, amount in (("most_per_run", most_per_run), ("most_per_person", most_per_person)):
        if amount < 0:
            raise LimitOutOfRange(_("A limit must be 0 or more."), field=field)
    limits = RunLimits(
        currency=currency, most_per_run=most_per_run, most_per_person=most_per_person, proposed_by=by.person, proposed_at=at
    )  # fmt: skip
    session.add(limits)
    session.flush()
    events.record(session, EventName.PAYOUT_LIMITS_PROPOSED, by=by, at=at, limits=str(limits.id), currency=currency)
    return limits


def confirm_limits(session: Session, limits_id: UUID, *, by: Actor, at: datetime) -> RunLimits:
    """Put limits that another person proposed in force; confirming them again changes nothing."""
    by.require(Permission.SET_LIMITS)
    limits = session.scalars(select(RunLimits).where(RunLimits.id == limits_id).with_for_update()).one_or_none()
    if limits is None:
        raise NoSuchLimits(_("These limits do not exist."))
    if limits.confirmed_at is None:
        require_second_person(session, [limits.proposed_by], by=by, few=all_agreed_to_few(session))
        gone = _("The person who proposed these limits is no longer in finance. Propose them again.")
        require_still_holding(session, limits.proposed_by, Permission.SET_LIMITS, PLATFORM, gone)
        limits.confirm(by=by, at=at)
        session.flush()
        events.record(session, EventName.PAYOUT_LIMITS_CONFIRMED, by=by, at=at, limits=str(limits.id), currency=limits.currency)
    return limits

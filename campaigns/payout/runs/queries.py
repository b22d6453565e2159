"""What may be seen of payout runs: by finance everything, by a payee their own payments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, select, text
from sqlalchemy.orm import Session, with_expression

from campaigns.core.appointing.few_people import few_people
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.restoration import is_behind
from campaigns.core.words import _
from campaigns.payout.balances.queries import PAGE
from campaigns.payout.errors import NoSuchRun
from campaigns.payout.runs.models import FAILURES, SHORT, BankedPayout, BankPayout, Payout, PayoutRun, RunApproval, RunLimits
from campaigns.payout.runs.states import OPEN_STATES


@dataclass(frozen=True, slots=True)
class Sum:
    """How many payouts of a run are in one state, and what they come to in minor units."""

    state: str
    items: int
    amount: int


@dataclass(frozen=True, slots=True)
class PayoutPlace:
    """Where a page of a run's payouts ended: at which payout, and whether it was among the failures when it was shown."""

    failed: bool
    payout_id: UUID

    @classmethod
    def of(cls, item: Payout) -> "PayoutPlace":
        return cls(item.state in FAILURES, item.id)


def find_run(session: Session, run_id: UUID, *, by: Actor, lock: bool = False) -> PayoutRun:
    """The run, if the actor may see money; with `lock`, held until the transaction ends. Raises NoSuchRun."""
    query = select(PayoutRun).where(PayoutRun.id == run_id).execution_options(populate_existing=True)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None or not by.may(Permission.VIEW_MONEY):
        raise NoSuchRun(_("This payout run does not exist."))
    return found


def runs(session: Session, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> Sequence[PayoutRun]:
    """The runs, newest first, up to `limit` older than `before`."""
    by.require(Permission.VIEW_MONEY)
    query = select(PayoutRun).order_by(PayoutRun.id.desc()).limit(limit)
    return session.scalars(query.where(PayoutRun.id < before) if before else query).all()


def payouts_failures_first(
    session: Session, run_id: UUID, *, by: Actor, after: PayoutPlace | None = None, limit: int = PAGE
) -> Sequence[Payout]:
    """A run's payouts, up to `limit` after `after`: first those that failed or of which nobody knows, each in their order."""
    find_run(session, run_id, by=by)
    query, failed = select(Payout).where(Payout.run_id == run_id).order_by(Payout.id), Payout.state.in_(FAILURES)
    if after and not after.failed:
        return session.scalars(query.where(~failed, Payout.id > after.payout_id).limit(limit)).all()
    first = session.scalars((query.where(Payout.id > after.payout_id) if after else query).where(failed).limit(limit)).all()
    return [*first, *session.scalars(query.where(~failed).limit(limit - len(first)))]


def sums_of(session: Session, run_id: UUID) -> Sequence[Sum]:
    """What a run comes to, by the state of its payouts."""
    query = select(Payout.state, func.count(), func.sum(Payout.amount)).where(Payout.run_id == run_id)
    return [Sum(state, items, int(amount)) for state, items, amount in session.execute(query.group_by(Payout.state).order_by(Payout.state))]


def totals_of(session: Session, run_id: UUID) -> tuple[int, int, int]:
    """How many payouts a run has, what they come to, and the largest of them, in minor units."""
    query = select(func.count(), func.sum(Payout.amount), func.max(Payout.amount)).where(Payout.run_id == run_id)
    count, amount, most = session.execute(query).one()
    return count, int(amount or 0), most or 0


def sums_among(session: Session, run_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Sum]]:
    """The same for several runs, by their ids."""
    query = select(Payout.run_id, Payout.state, func.count(), func.sum(Payout.amount)).where(Payout.run_id.in_(run_ids))
    found: dict[UUID, list[Sum]] = {run_id: [] for run_id in run_ids}
    for run_id, state, items, amount in session.execute(query.group_by(Payout.run_id, Payout.state).order_by(Payout.state)):
        found[run_id].append(Sum(state, items, int(amount)))
    return found


def payouts_in_order(
    session: Session, run_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = PAGE
) -> Sequence[tuple[Payout, str]]:
    """A run's payouts with their payees' names, in the order of their ids, up to `limit` after `after`."""
    find_run(session, run_id, by=by)
    query = (
        select(Payout, Person.name)
        .join(Person, Person.id == Payout.person_id)
        .where(Payout.run_id == run_id)
        .order_by(Payout.id)
        .limit(limit)
    )
    return session.execute(query.where(Payout.id > after) if after else query).all()


def is_paid_by(session: Session, run_id: UUID, person_id: UUID) -> bool:
    """Whether a run pays this person."""
    return bool(session.scalar(select(func.count()).select_from(Payout).where(Payout.run_id == run_id, Payout.person_id == person_id)))


def names_of(session: Session, people: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """What some people are called."""
    found = session.scalars(select(Person).where(Person.id.in_([each for each in people if each])))
    return {person.id: person.name for person in found}


def approvals_of(session: Session, run_id: UUID) -> Sequence[RunApproval]:
    """Who said that the run may go out, in order."""
    return session.scalars(select(RunApproval).where(RunApproval.run_id == run_id).order_by(RunApproval.at)).all()


def approvals_among(session: Session, run_ids: Sequence[UUID]) -> Mapping[UUID, set[UUID]]:
    """The same for several runs, by their ids: who."""
    found: dict[UUID, set[UUID]] = {run_id: set() for run_id in run_ids}
    for approval in session.scalars(select(RunApproval).where(RunApproval.run_id.in_(run_ids))):
        found[approval.run_id].add(approval.person_id)
    return found


def payments_to(session: Session, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> Sequence[Payout]:
    """The actor's own payments, newest first, up to `limit` older than `before`, with the day on which what was sent should arrive."""
    by.require(Permission.RECEIVE)
    query = select(Payout).where(Payout.person_id == by.person, Payout.state != "discarded").order_by(Payout.id.desc()).limit(limit)
    query = query.options(with_expression(Payout.expected_at, _expected()))
    return session.scalars(query.where(Payout.id < before) if before else query).all()


def _expected() -> ScalarSelect[datetime]:
    """When the payout that is on its way to the payee's bank with a payout should be there."""
    contains = BankedPayout.payout_id == Payout.id, Payout.state == "sent", BankPayout.state.in_(("pending", "in_transit"))
    newest = select(BankPayout.arrives_at).join(BankedPayout).where(*contains).order_by(BankPayout.made_at.desc()).limit(1)
    return newest.correlate(Payout).scalar_subquery()


def limits_in_force(session: Session, currency: str) -> RunLimits | None:
    """The limits within which a run in `currency` goes out by itself.

    They stay when whoever set them leaves: both held the role when they came into force, and finance can end them at any time with 0.
    """
    query = select(RunLimits).where(RunLimits.currency == currency, RunLimits.confirmed_at.is_not(None))
    return session.scalars(query.order_by(RunLimits.confirmed_at.desc(), RunLimits.id.desc()).limit(1)).one_or_none()


def limits(session: Session, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> Sequence[RunLimits]:
    """Every limits that were proposed, newest first, up to `limit` older than `before`."""
    by.require(Permission.VIEW_MONEY)
    query = select(RunLimits).order_by(RunLimits.id.desc()).limit(limit)
    return session.scalars(query.where(RunLimits.id < before) if before else query).all()


def runs_to_send(session: Session, now: datetime) -> Sequence[PayoutRun]:
    """The released runs with a payout that may be claimed at `now` (process time), or with none left open, which only need closing.

    None while a restored backup has not caught up.
    """
    still_open = select(Payout.id).where(Payout.run_id == PayoutRun.id, Payout.state.in_(OPEN_STATES))
    due = still_open.where(func.coalesce(func.greatest(Payout.due_at, Payout.leased_until), now) <= now)
    ready = (PayoutRun.state == "released", due.exists() | ~still_open.exists(), ~is_behind())
    return session.scalars(select(PayoutRun).where(*ready).order_by(PayoutRun.id)).all()


# A campaign that ever put money on the account of somebody whom the run pays, and whose brief does not say so.
NOT_AGREED = text("""
    select exists (
        select from payout i
        join account theirs on theirs.kind = 'payee' and theirs.owner_id = i.person_id and theirs.currency = i.currency
        join entry e on e.credit_id = theirs.id
        join account ours on ours.id = e.debit_id and ours.kind = 'held'
        join brief b on b.campaign_id = ours.owner_id and not b.few_people
        where i.run_id = :run)
""")


def all_it_pays_for_agreed(session: Session, run_id: UUID) -> bool:
    """Whether the installation is one of few people, and the brief of every campaign that the run pays for says so."""
    return few_people(session) and not session.scalar(NOT_AGREED, {"run": run_id})


@dataclass(frozen=True, slots=True)
class PausedRun:
    """A run that stands still; `is_short` where our balance does not cover it."""

    run_id: UUID
    number: int
    is_short: bool


def paused_runs(session: Session) -> Sequence[PausedRun]:
    """The runs that stand still, in their order."""
    rows = session.execute(
        select(PayoutRun.id, PayoutRun.number, PayoutRun.cause).where(PayoutRun.state == "paused").order_by(PayoutRun.number)
    )
    return [PausedRun(run_id, number, cause == SHORT) for run_id, number, cause in rows]


# A daily schedule pays out within days, and the longest route takes six more.
OVERDUE_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A payment that was transferred long ago and is not said to have arrived: whose it is, and the number of its run."""

    item: Payout
    name: str
    run_number: int


def overdue(session: Session, *, by: Actor, at: datetime, before: UUID | None = None, limit: int = PAGE) -> Sequence[Overdue]:
    """The payments that are overdue at `at`, the newest first, up to `limit` made before `before`."""
    by.require(Permission.VIEW_MONEY)
    query = (
        select(Payout, Person.name, PayoutRun.number)
        .join(Person, Person.id == Payout.person_id)
        .join(PayoutRun, PayoutRun.id == Payout.run_id)
    )
    query = query.where(*_overdue(at)).order_by(Payout.id.desc()).limit(limit)
    return [Overdue(*row) for row in session.execute(query.where(Payout.id < before) if before else query)]


def count_overdue(session: Session, at: datetime) -> tuple[int, datetime | None]:
    """How many payments are overdue at `at`, and since when the first is."""
    count, first = session.execute(select(func.count(), func.min(Payout.settled_at)).where(*_overdue(at))).one()
    return count, first + OVERDUE_AFTER if first else None


def _overdue(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return Payout.state == "sent", Payout.settled_at < at - OVERDUE_AFTER

"""What may be seen of payout runs: by finance everything, by a payee their own payments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, with_expression

from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.restoration import is_behind
from campaigns.core.words import _
from campaigns.payout.runs.errors import NoSuchRun
from campaigns.payout.runs.models import FAILURES, BankPayout, BankPayoutItem, Discrepancy, Hold, Item, PayoutRun, RunApproval, RunLimits

PAGE = 50


@dataclass(frozen=True, slots=True)
class Sum:
    """How many items of a run are in one state, and what they come to in minor units."""

    state: str
    items: int
    amount: int


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """Where a page of a run's items ended: at which item, and whether it was among the failures when it was shown."""

    failed: bool
    item_id: UUID

    @classmethod
    def of(cls, item: Item) -> "ItemPlace":
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


def items_failures_first(session: Session, run_id: UUID, *, by: Actor, after: ItemPlace | None = None, limit: int = PAGE) -> Sequence[Item]:
    """A run's items, up to `limit` after `after`: first those that failed or of which nobody knows, each in their order."""
    find_run(session, run_id, by=by)
    query, failed = select(Item).where(Item.run_id == run_id).order_by(Item.id), Item.state.in_(FAILURES)
    if after and not after.failed:
        return session.scalars(query.where(~failed, Item.id > after.item_id).limit(limit)).all()
    first = session.scalars((query.where(Item.id > after.item_id) if after else query).where(failed).limit(limit)).all()
    return [*first, *session.scalars(query.where(~failed).limit(limit - len(first)))]


def sums_of(session: Session, run_id: UUID) -> Sequence[Sum]:
    """What a run comes to, by the state of its items."""
    query = select(Item.state, func.count(), func.sum(Item.amount)).where(Item.run_id == run_id)
    return [Sum(state, items, int(amount)) for state, items, amount in session.execute(query.group_by(Item.state).order_by(Item.state))]


def totals_of(session: Session, run_id: UUID) -> tuple[int, int, int]:
    """How many items a run has, what they come to, and the largest of them, in minor units."""
    query = select(func.count(), func.sum(Item.amount), func.max(Item.amount)).where(Item.run_id == run_id)
    count, amount, most = session.execute(query).one()
    return count, int(amount or 0), most or 0


def sums_among(session: Session, run_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Sum]]:
    """The same for several runs, by their ids."""
    query = select(Item.run_id, Item.state, func.count(), func.sum(Item.amount)).where(Item.run_id.in_(run_ids))
    found: dict[UUID, list[Sum]] = {run_id: [] for run_id in run_ids}
    for run_id, state, items, amount in session.execute(query.group_by(Item.run_id, Item.state).order_by(Item.state)):
        found[run_id].append(Sum(state, items, int(amount)))
    return found


def items_in_order(
    session: Session, run_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = PAGE
) -> Sequence[tuple[Item, str]]:
    """A run's items with their payees' names, in the order of their ids, up to `limit` after `after`."""
    find_run(session, run_id, by=by)
    query = select(Item, Person.name).join(Person, Person.id == Item.person_id).where(Item.run_id == run_id).order_by(Item.id).limit(limit)
    return session.execute(query.where(Item.id > after) if after else query).all()


def is_paid_by(session: Session, run_id: UUID, person_id: UUID) -> bool:
    """Whether a run pays this person."""
    return bool(session.scalar(select(func.count()).select_from(Item).where(Item.run_id == run_id, Item.person_id == person_id)))


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


def payments_to(session: Session, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> Sequence[Item]:
    """The actor's own payments, newest first, up to `limit` older than `before`, with the day on which what was sent should arrive."""
    by.require(Permission.RECEIVE)
    query = select(Item).where(Item.person_id == by.person, Item.state != "discarded").order_by(Item.id.desc()).limit(limit)
    query = query.options(with_expression(Item.expected_at, _expected()))
    return session.scalars(query.where(Item.id < before) if before else query).all()


def _expected() -> ScalarSelect[datetime]:
    """When the payout that is on its way to the payee's bank with an item should be there."""
    contains = BankPayoutItem.item_id == Item.id, Item.state == "sent", BankPayout.state.in_(("pending", "in_transit"))
    newest = select(BankPayout.arrives_at).join(BankPayoutItem).where(*contains).order_by(BankPayout.made_at.desc()).limit(1)
    return newest.correlate(Item).scalar_subquery()


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


def hold_on(session: Session, person_id: UUID) -> Hold | None:
    """The open hold on a person's payments."""
    return session.scalars(select(Hold).where(Hold.person_id == person_id, Hold.lifted_at.is_(None))).one_or_none()


def holds(session: Session, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> Sequence[tuple[Hold, str]]:
    """The open holds, each with the name of whom it keeps from being paid, newest first, up to `limit` older than `before`."""
    by.require(Permission.VIEW_MONEY)
    query = select(Hold, Person.name).join(Person, Person.id == Hold.person_id).where(Hold.lifted_at.is_(None))
    query = query.order_by(Hold.id.desc()).limit(limit)
    return session.execute(query.where(Hold.id < before) if before else query).all()


def held_people(session: Session, people: Iterable[UUID]) -> set[UUID]:
    """Those of `people` whose payments are on hold."""
    return set(session.scalars(select(Hold.person_id).where(Hold.person_id.in_(list(people)), Hold.lifted_at.is_(None))))


def discrepancies(session: Session, *, by: Actor, after: UUID | None = None, limit: int = PAGE) -> Sequence[Discrepancy]:
    """What the provider and our rows disagree in and nobody has resolved, oldest first, up to `limit` after `after`."""
    by.require(Permission.VIEW_MONEY)
    query = select(Discrepancy).where(Discrepancy.resolved_at.is_(None)).order_by(Discrepancy.id).limit(limit)
    return session.scalars(query.where(Discrepancy.id > after) if after else query).all()


def runs_to_send(session: Session, now: datetime) -> Sequence[PayoutRun]:
    """The released runs with an item that may be claimed at `now` (process time), or with none left open, which only need closing.

    None while a restored backup has not caught up.
    """
    still_open = select(Item.id).where(Item.run_id == PayoutRun.id, Item.state.in_(("ready", "sending", "unknown")))
    due = still_open.where(func.coalesce(func.greatest(Item.due_at, Item.leased_until), now) <= now)
    ready = (PayoutRun.state == "released", due.exists() | ~still_open.exists(), ~is_behind())
    return session.scalars(select(PayoutRun).where(*ready).order_by(PayoutRun.id)).all()

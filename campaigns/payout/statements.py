"""A person's account month by month: what stood on it, was earned, was sent, was left, and of that on its way; and what arrived."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, DateTime, String, Subquery, case, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.ledger.accounts import payee
from campaigns.ledger.models import Journal, LedgerAccount, LedgerEntry
from campaigns.ledger.queries import Movement, statement
from campaigns.payout.money import EARNINGS
from campaigns.payout.runs.models import Item

# What is only set aside for a payment, and what of it was set free again: it stays the person's until the payment is made.
SET_ASIDE = ("payout.reserved", "payout.settled", "payout.released")
# What arrived at the person's bank had left their account before.
ARRIVED = "payout.arrived"
# A payment that was sent, one that came back, and one that a restored backup knew nothing of.
MADE = "payout.sent"
SENT = (MADE, "payout.returned", "payout.adopted")


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one currency, in minor units; `month` is its first day. Opening, earned and other, less sent, is closing.

    `on_its_way` is what of the closing was set aside for a payment that had not been sent yet, `paid` what arrived at the person's bank.
    """

    month: date
    currency: str
    opening: int
    earned: int
    sent: int
    other: int
    closing: int
    on_its_way: int
    paid: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One thing that changed what is the person's; `amount` is above zero where it grew.

    Of a payment that was sent, `state` is what became of it (sent, paid, bank_returned, returned), `arrived_at` when their bank had it.
    """

    kind: str
    at: datetime
    amount: int
    state: str | None = None
    arrived_at: datetime | None = None


def my_months(session: Session, zone: str, *, by: Actor) -> Sequence[Month]:
    """The actor's months with a movement, by the calendar of `zone`, newest first; within one, by currency."""
    by.require(Permission.RECEIVE)
    moved = _moved(by.person)
    month, kind, amount = _month(moved.c.at, zone), moved.c.kind, moved.c.amount
    earned, sent, arrived = (func.sum(amount).filter(kind.in_(kinds)) for kinds in (EARNINGS, SENT, (ARRIVED,)))
    # A payment that is made ends what was set aside for it.
    aside = func.sum(case((kind == MADE, amount), else_=-amount)).filter(kind.in_((*SET_ASIDE, MADE)))
    changed = func.sum(amount).filter(kind.not_in((*SET_ASIDE, ARRIVED)))
    query = select(month, moved.c.currency, earned, sent, changed, aside, arrived)
    rows = session.execute(query.group_by(month, moved.c.currency).order_by(month, moved.c.currency)).all()
    return sorted(_months(rows), key=lambda each: (each.month, each.currency), reverse=True)


def _months(rows: Iterable[Any]) -> Iterator[Month]:
    """The months in order, each opening with what the one before closed with."""
    stood: dict[str, tuple[int, int]] = {}
    for month, currency, *sums in rows:
        earned, sent, moved, aside, arrived = (int(each or 0) for each in sums)
        opening, way = stood.get(currency, (0, 0))
        closing, way = opening + moved, way + aside
        stood[currency] = closing, way
        yield Month(month, currency, opening, earned, -sent, moved - earned - sent, closing, way, arrived)


def my_lines(session: Session, currency: str, *, by: Actor, before: int | None = None, limit: int = 50) -> Sequence[Movement]:
    """Every movement on the actor's account in one currency, newest first, up to `limit` older than number `before`."""
    by.require(Permission.RECEIVE)
    return statement(session, payee(by.person, currency), before=before, limit=limit)


def my_month(session: Session, month: date, zone: str, *, by: Actor) -> Mapping[str, Sequence[StatementLine]]:
    """What makes up one month's sums, by currency, oldest first; what was only set aside is not among it."""
    by.require(Permission.RECEIVE)
    moved = _moved(by.person)
    query = select(moved.c.currency, moved.c.kind, moved.c.at, moved.c.amount, moved.c.state, moved.c.arrived_at)
    query = query.where(_month(moved.c.at, zone) == month, moved.c.kind.not_in((*SET_ASIDE, ARRIVED)))
    found: dict[str, list[StatementLine]] = {}
    for currency, *line in session.execute(query.order_by(moved.c.currency, moved.c.at, moved.c.number)):
        found.setdefault(currency, []).append(StatementLine(*line))
    return found


def _moved(person_id: UUID) -> Subquery:
    """Every entry on the person's accounts, every payment that was sent to them, and what of those arrived."""
    on = or_(LedgerEntry.credit_id == LedgerAccount.id, LedgerEntry.debit_id == LedgerAccount.id)
    grew = case((LedgerEntry.credit_id == LedgerAccount.id, LedgerEntry.amount), else_=-LedgerEntry.amount)
    of_none = cast(null(), String).label("state"), cast(null(), DateTime(timezone=True)).label("arrived_at")
    entries = select(LedgerAccount.currency, Journal.kind, Journal.at, grew.label("amount"), LedgerEntry.number, *of_none)
    entries = entries.select_from(LedgerAccount).join(LedgerEntry, on).join(Journal, Journal.id == LedgerEntry.journal_id)
    entries = entries.where(LedgerAccount.kind == "payee", LedgerAccount.owner_id == person_id)
    payments = select(Item.currency, literal(MADE), Item.settled_at, -Item.amount, literal(0), Item.state, Item.arrived_at)
    payments = payments.where(Item.person_id == person_id, Item.transfer_id.is_not(None))
    arrivals = select(Item.currency, literal(ARRIVED), Item.arrived_at, Item.amount, literal(0), Item.state, Item.arrived_at)
    arrivals = arrivals.where(Item.person_id == person_id, Item.state == "paid")
    return union_all(entries, payments, arrivals).subquery()


def _month(at: ColumnElement[Any], zone: str) -> ColumnElement[date]:
    local: ColumnElement[datetime] = func.timezone(zone, at)
    return cast(func.date_trunc("month", local), Date)

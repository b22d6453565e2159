"""A person's account month by month: what stood on it, what was earned, what went out, what was left."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, case, cast, func, or_, select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.ledger.accounts import payee
from campaigns.ledger.models import Journal, LedgerAccount, LedgerEntry
from campaigns.ledger.queries import Movement, statement
from campaigns.payout.money import EARNINGS

# What was set aside for a payment, and what of it came back because nothing was sent, or because it did not arrive.
PAID = ("payout.reserved", "payout.settled", "payout.released", "payout.returned")


Columns = TypeVarTuple("Columns")
Sums = tuple[date, str, int | None, int | None, int]


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one currency, in minor units; `month` is its first day. Opening, earned and other, less paid, is closing."""

    month: date
    currency: str
    opening: int
    earned: int
    paid: int
    other: int
    closing: int


def my_months(session: Session, zone: str, *, by: Actor) -> Sequence[Month]:
    """The actor's months with a movement, by the calendar of `zone`, newest first; within one, by currency."""
    by.require(Permission.RECEIVE)
    month = _month(zone)
    earned, paid = (func.sum(_grew()).filter(Journal.kind.in_(kinds)) for kinds in (EARNINGS, PAID))
    query = _mine(select(month, LedgerAccount.currency, earned, paid, func.sum(_grew())), by.person)
    rows = session.execute(query.group_by(month, LedgerAccount.currency).order_by(month, LedgerAccount.currency)).all()
    return sorted(_months(rows), key=lambda each: (each.month, each.currency), reverse=True)


def _months(rows: Iterable[Sums]) -> Iterator[Month]:
    """The months in order, each opening with what the one before closed with."""
    stood: dict[str, int] = {}
    for month, currency, *sums in rows:
        earned, paid, moved = (int(each or 0) for each in sums)
        opening = stood.get(currency, 0)
        stood[currency] = opening + moved
        yield Month(month, currency, opening, earned, -paid, moved - earned - paid, stood[currency])


def my_lines(session: Session, currency: str, *, by: Actor, before: int | None = None, limit: int = 50) -> Sequence[Movement]:
    """Every movement on the actor's account in one currency, newest first, up to `limit` older than number `before`."""
    by.require(Permission.RECEIVE)
    return statement(session, payee(by.person, currency), before=before, limit=limit)


def my_month(session: Session, month: date, zone: str, *, by: Actor) -> Mapping[str, Sequence[Movement]]:
    """The movements of one month, by currency, oldest first."""
    by.require(Permission.RECEIVE)
    columns = select(LedgerAccount.currency, LedgerEntry.number, Journal.id, Journal.kind, Journal.at, _grew(), LedgerEntry.ref)
    query = _mine(columns, by.person).where(_month(zone) == month).order_by(LedgerAccount.currency, LedgerEntry.number)
    found: dict[str, list[Movement]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(Movement(*row[1:]))
    return found


def _mine(query: Select[*Columns], person_id: UUID) -> Select[*Columns]:
    on = or_(LedgerEntry.credit_id == LedgerAccount.id, LedgerEntry.debit_id == LedgerAccount.id)
    query = query.select_from(LedgerAccount).join(LedgerEntry, on).join(Journal, Journal.id == LedgerEntry.journal_id)
    return query.where(LedgerAccount.kind == "payee", LedgerAccount.owner_id == person_id)


def _grew() -> ColumnElement[int]:
    return case((LedgerEntry.credit_id == LedgerAccount.id, LedgerEntry.amount), else_=-LedgerEntry.amount)


def _month(zone: str) -> ColumnElement[date]:
    local: ColumnElement[datetime] = func.timezone(zone, Journal.at)
    return cast(func.date_trunc("month", local), Date)

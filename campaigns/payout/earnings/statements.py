"""A person's account month by month: what stood on it, was earned, was sent, was left, and of that on its way; and what arrived.

Everything is told in the month in which it was booked, so what a month said stays true whatever becomes of a payment later.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, String, Subquery, any_, case, cast, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.ledger.accounts import payee
from campaigns.ledger.models import Journal, LedgerAccount, LedgerEntry
from campaigns.ledger.queries import Movement, statement
from campaigns.payout.earnings.queries import EARNINGS
from campaigns.payout.runs.models import SENT as SENT_STATES
from campaigns.payout.runs.models import BankedPayout, Payout

# What is only set aside for a payment, and what of it was set free again: it stays the person's until the payment is made.
SET_ASIDE = ("payout.reserved", "payout.settled", "payout.released")
# What the person's bank had, and what it sent back, had left their account before.
ARRIVED = "payout.arrived"
AT_BANK = (ARRIVED, "payout.bank_returned")
# A payment that was sent, one that came back, and one that a restored backup knew nothing of.
MADE = "payout.sent"
SENT = (MADE, "payout.returned", "payout.adopted")


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one currency, in minor units; `month` is its first day. Opening, earned and other, less sent, is closing.

    `on_its_way` is what of the closing was set aside for a payment that had not been sent yet, `paid` what arrived at the person's bank,
    less what that sent back.
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
    """One thing that changed what is the person's, or what their bank had of it; `amount` is above zero where it grew."""

    kind: str
    at: datetime
    amount: int

    @property
    def is_at_bank(self) -> bool:
        """Whether it is about what had left their account before."""
        return self.kind in AT_BANK


def my_months(session: Session, zone: str, *, by: Actor) -> Sequence[Month]:
    """The actor's months with a movement, by the calendar of `zone`, newest first; within one, by currency."""
    by.require(Permission.RECEIVE)
    moved = _moved(by.person)
    month, kind, amount = _month(moved.c.at, zone), moved.c.kind, moved.c.amount
    earned, sent, arrived = (func.sum(amount).filter(kind.in_(kinds)) for kinds in (EARNINGS, SENT, AT_BANK))
    # A payment that is made ends what was set aside for it.
    aside = func.sum(case((kind == MADE, amount), else_=-amount)).filter(kind.in_((*SET_ASIDE, MADE)))
    changed = func.sum(amount).filter(kind.not_in((*SET_ASIDE, *AT_BANK)))
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
    query = select(moved.c.currency, moved.c.kind, moved.c.at, moved.c.amount)
    query = query.where(_month(moved.c.at, zone) == month, moved.c.kind.not_in(SET_ASIDE))
    found: dict[str, list[StatementLine]] = {}
    for currency, *line in session.execute(query.order_by(moved.c.currency, moved.c.at, moved.c.number)):
        found.setdefault(currency, []).append(StatementLine(*line))
    return found


def _moved(person_id: UUID) -> Subquery:
    """Every entry on the person's accounts, every payment that was sent to them, and what their bank had, and sent back, of those."""
    on = or_(LedgerEntry.credit_id == LedgerAccount.id, LedgerEntry.debit_id == LedgerAccount.id)
    grew = case((LedgerEntry.credit_id == LedgerAccount.id, LedgerEntry.amount), else_=-LedgerEntry.amount)
    entries = select(LedgerAccount.currency, Journal.kind, Journal.at, grew.label("amount"), LedgerEntry.number)
    entries = entries.select_from(LedgerAccount).join(LedgerEntry, on).join(Journal, Journal.id == LedgerEntry.journal_id)
    entries = entries.where(LedgerAccount.kind == "payee", LedgerAccount.owner_id == person_id)
    payments = select(Payout.currency, literal(MADE), Payout.settled_at, -Payout.amount, literal(-1))
    payments = payments.where(Payout.person_id == person_id, Payout.transfer_id.is_not(None))
    return union_all(entries, payments, *_at_bank(person_id)).subquery()


def _at_bank(person_id: UUID) -> Sequence[Select[*tuple[Any, ...]]]:
    """What arrived at the person's bank and what that sent back, each time as it was booked; and what counted as arrived when it was sent.

    That is how payments from before arrivals were heard of are told (migration 0087): of those only what a bank sent back is booked.
    """
    change = case((Journal.kind == ARRIVED, 1), else_=-1)
    booked = (
        select(Payout.id, Payout.currency, Payout.amount, Journal.kind, Journal.at, change.label("change"))
        .join(BankedPayout, BankedPayout.payout_id == Payout.id)
        .join(Journal, Journal.key == any_(array([_key(state) for state in SENT_STATES])))
        .where(Payout.person_id == person_id)
        .cte("booked")
    )
    sums = select(booked.c.id, func.sum(booked.c.change).label("there")).group_by(booked.c.id).subquery()
    more_than_booked = func.coalesce(sums.c.there, 0) < case((Payout.state == "paid", 1), else_=0)
    earlier = select(Payout.currency, literal(ARRIVED), Payout.settled_at, Payout.amount, literal(0)).outerjoin(
        sums, sums.c.id == Payout.id
    )
    earlier = earlier.where(Payout.person_id == person_id, Payout.transfer_id.is_not(None), more_than_booked)
    return select(booked.c.currency, booked.c.kind, booked.c.at, booked.c.amount * booked.c.change, literal(0)), earlier


def _key(state: str) -> ColumnElement[str]:
    """Under which it is booked that a payment stands so since a payout to the bank (`runs.arriving`)."""
    item, bank_payout = cast(BankedPayout.payout_id, String), BankedPayout.bank_payout_id
    return literal("item:").concat(item).concat(":").concat(bank_payout).concat(f":{state}")


def _month(at: ColumnElement[Any], zone: str) -> ColumnElement[date]:
    local: ColumnElement[datetime] = func.timezone(zone, at)
    return cast(func.date_trunc("month", local), Date)

"""One's own statements over HTTP: month by month, and each month's lines."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from sqlalchemy.orm import Session

from api.deps import By, FromRow, Listing, Tx
from api.payout.statement_file import Statement
from campaigns.core.errors import NotFound
from campaigns.core.people import Actor, Person
from campaigns.core.words import _
from campaigns.payout.earnings.statements import my_month, my_months

router = APIRouter()


class MonthShown(FromRow):
    """One month of one currency, in minor units; opening, earned and other, less sent, is closing."""

    month: date = Field(description="Its first day, in your time zone.", examples=["2026-11-01"])
    currency: str = Field(examples=["USD"])
    opening: int
    earned: int
    sent: int = Field(description="What was sent to your Stripe account.")
    other: int
    closing: int
    on_its_way: int = Field(description="The part of the closing balance reserved for payments that had not been sent yet.")
    paid: int = Field(description="What your bank received in this month, less what it returned in it.")


class MovementShown(FromRow):
    """One thing that changed what is yours; above zero where it grew.

    `payout.arrived` and `payout.bank_returned` are what your bank had, and sent back, of what had been sent: they are in `paid` alone.
    """

    kind: str = Field(examples=["payout.final"])
    at: datetime
    amount: int


class MonthOpened(FromRow):
    """One month: what each currency opened and closed with, and by currency every line, oldest first."""

    sums: list[MonthShown]
    lines: Mapping[str, list[MovementShown]]


class MonthList(Listing):
    items: list[MonthShown]


@router.get("/me/statements")
def list_months(session: Tx, by: By) -> MonthList:
    """Your months with activity, newest first: opening, earned, sent, closing, and what your bank received."""
    return MonthList(items=[MonthShown.model_validate(month) for month in my_months(session, _zone(session, by), by=by)])


@router.get("/me/statements/{year}-{month}")
def show_month(year: Annotated[int, Path(examples=[2026])], month: Annotated[int, Path(examples=[11])], session: Tx, by: By) -> MonthOpened:
    """One of your months: the opening balance, each line and the closing balance."""
    return MonthOpened.model_validate(statement_of(session, year, month, _zone(session, by), by=by))


def statement_of(session: Session, year: int, month: int, zone: str, *, by: Actor) -> Statement:
    """The actor's own statement of one month by the calendar of `zone`; raises NotFound where nothing moved in it."""
    try:
        first = date(year, month, 1)
    except (ValueError, OverflowError) as error:
        raise NotFound(_("This month does not exist.")) from error
    sums = [each for each in my_months(session, zone, by=by) if each.month == first]
    if not sums:
        raise NotFound(_("There was no activity in this month."))
    lines = my_month(session, first, zone, by=by)
    return Statement(first, sums, {each.currency: lines.get(each.currency, ()) for each in sums})


def _zone(session: Session, by: Actor) -> str:
    return session.get_one(Person, by.person).time_zone

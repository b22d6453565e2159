"""What people have put aside of what needs them and of what they were told: done with, or out of sight until a day."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ForeignKey, String, delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.db import Base
from campaigns.core.errors import Invalid
from campaigns.core.people import Actor, Person
from campaigns.core.words import _

MORNING = time(7)
LONGEST = timedelta(days=30)
A_CLICK = timedelta(minutes=1)


class PutAside(Base):
    """One notice that a person does not see before `until`, in business time; None for one that they are done with."""

    __tablename__ = "put_aside"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    notice: Mapped[str] = mapped_column(String(160), primary_key=True)
    put_at: Mapped[datetime]
    until: Mapped[datetime | None]


def keep_aside(session: Session, notice: str, until: datetime | None, *, by: Actor, at: datetime) -> None:
    """Put it aside, or, if it is already, until another moment; a second click changes nothing."""
    now = {"put_at": at, "until": until}
    query = insert(PutAside).values(person_id=by.person, notice=notice, **now)
    is_new = PutAside.until.is_distinct_from(until) | (PutAside.put_at < at - A_CLICK)
    session.execute(query.on_conflict_do_update(index_elements=["person_id", "notice"], set_=now, where=is_new))


def bring_back(session: Session, notice: str, *, by: Actor) -> None:
    """Show it again; what was never put aside stays where it is."""
    session.execute(delete(PutAside).where(PutAside.person_id == by.person, PutAside.notice == notice))


def put_aside(session: Session, notices: Collection[str], *, by: Actor, at: datetime) -> Mapping[str, PutAside]:
    """Those among these notices that the actor does not see now."""
    query = select(PutAside).where(PutAside.person_id == by.person, PutAside.notice.in_(notices), _still(at))
    return {each.notice: each for each in session.scalars(query.execution_options(populate_existing=True))}


def is_aside(person: Any, notice: Any, at: datetime) -> ColumnElement[bool]:
    """Whether a row's person has put its notice aside."""
    return exists().where(PutAside.person_id == person, PutAside.notice == notice, _still(at))


def morning_of(session: Session, day: date, *, by: Actor, at: datetime) -> datetime:
    """When `day` begins for the actor, in their zone; raises Invalid unless it is one of the thirty that come."""
    zone = ZoneInfo(session.get_one(Person, by.person).time_zone)
    today = at.astimezone(zone).date()
    if not today < day <= today + LONGEST:
        raise Invalid(_("Choose a day from tomorrow to thirty days ahead."), field="until")
    return datetime.combine(day, MORNING, zone)


def _still(at: datetime) -> ColumnElement[bool]:
    return PutAside.until.is_(None) | (PutAside.until > at)

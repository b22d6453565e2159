"""What people have dismissed, or snoozed until a day, of what needs them and of what they were told."""

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


class Dismissal(Base):
    """One notification that a person does not see before `until`, in business time; None for one that they are done with."""

    __tablename__ = "dismissal"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    notification: Mapped[str] = mapped_column(String(160), primary_key=True)
    dismissed_at: Mapped[datetime]
    until: Mapped[datetime | None]


def dismiss(session: Session, notification: str, until: datetime | None, *, by: Actor, at: datetime) -> None:
    """Dismiss the notification, or snooze it until a moment, which may be another than before; a second click changes nothing."""
    now = {"dismissed_at": at, "until": until}
    query = insert(Dismissal).values(person_id=by.person, notification=notification, **now)
    is_new = Dismissal.until.is_distinct_from(until) | (Dismissal.dismissed_at < at - A_CLICK)
    session.execute(query.on_conflict_do_update(index_elements=["person_id", "notification"], set_=now, where=is_new))


def bring_back(session: Session, notification: str, *, by: Actor) -> None:
    """Show it again; what was never dismissed stays where it is."""
    session.execute(delete(Dismissal).where(Dismissal.person_id == by.person, Dismissal.notification == notification))


def list_dismissals(session: Session, notifications: Collection[str], *, by: Actor, at: datetime) -> Mapping[str, Dismissal]:
    """Those among these notifications that the actor does not see now."""
    query = select(Dismissal).where(Dismissal.person_id == by.person, Dismissal.notification.in_(notifications), _still(at))
    return {each.notification: each for each in session.scalars(query.execution_options(populate_existing=True))}


def is_dismissed(person: Any, notification: Any, at: datetime) -> ColumnElement[bool]:
    """Whether a row's person has dismissed its notification, or snoozed it past `at`."""
    return exists().where(Dismissal.person_id == person, Dismissal.notification == notification, _still(at))


def morning_of(session: Session, day: date, *, by: Actor, at: datetime) -> datetime:
    """When `day` begins for the actor, in their zone; raises Invalid unless it is one of the thirty that come."""
    zone = ZoneInfo(session.get_one(Person, by.person).time_zone)
    today = at.astimezone(zone).date()
    if not today < day <= today + LONGEST:
        raise Invalid(_("Choose a day from tomorrow to thirty days ahead."), field="until")
    return datetime.combine(day, MORNING, zone)


def _still(at: datetime) -> ColumnElement[bool]:
    return Dismissal.until.is_(None) | (Dismissal.until > at)

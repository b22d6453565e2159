"""Whose payments are on hold, and whose change of country waits for finance."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.payments.countries import OPEN
from campaigns.payments.models import CountryChange
from campaigns.payout.balances.queries import PAGE
from campaigns.payout.holds.models import Hold


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


def moved_people(session: Session, *, by: Actor) -> tuple[int, datetime | None]:
    """How many people's change of country the actor can look at, and since when the first waits."""
    row = session.execute(select(func.count(), func.min(CountryChange.changed_at)).where(OPEN, CountryChange.person_id != by.person)).one()
    return int(row[0]), row[1]

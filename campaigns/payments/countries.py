"""The country that someone with an account says they live in: when it changes, the way to them is closed until finance has looked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import events, profile
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.payments.models import CountryChange, PayoutAccount

PAGE = 50
OPEN = CountryChange.looked_at.is_(None)


def change_profile(session: Session, *said: Any, shortcuts: bool = True, by: Actor, at: datetime) -> Person:
    """Change what the actor says of themselves; finance is told of another country of someone whom it may be about to pay."""
    before = session.get_one(Person, by.person).country
    person = profile.change_profile(session, *said, shortcuts=shortcuts, by=by)
    session.flush()
    if person.country != before and (change := open_change(session, person.id)):
        change.changed_at = at
        events.record(session, EventName.PAYOUT_COUNTRY_CHANGED, by=by, at=at, person=str(person.id), before=before, after=person.country)
    return person


def open_change(session: Session, person_id: UUID, *, lock: bool = False) -> CountryChange | None:
    """The person's change of country that nobody in finance has looked at."""
    query = select(CountryChange).where(CountryChange.person_id == person_id, OPEN).execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def country_changes(
    session: Session, *, by: Actor, before: UUID | None = None, limit: int = PAGE
) -> Sequence[tuple[CountryChange, str, str | None]]:
    """The changes that wait for finance, each with the person's name and the country of their account, newest first."""
    by.require(Permission.VIEW_MONEY)
    query = select(CountryChange, Person.name, PayoutAccount.country).join(Person, Person.id == CountryChange.person_id)
    query = query.outerjoin(PayoutAccount, PayoutAccount.person_id == Person.id).where(OPEN)
    query = query.order_by(CountryChange.id.desc()).limit(limit)
    return session.execute(query.where(CountryChange.id < before) if before else query).all()

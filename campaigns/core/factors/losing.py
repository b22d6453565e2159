"""What is done for someone who has lost the device that proved who they are."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.access import end_access
from campaigns.core.errors import NotFound
from campaigns.core.event_names import EventName
from campaigns.core.factors.models import CodeApp, Passkey
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _


def forget_factors(session: Session, email: str, *, by: Actor, at: datetime) -> Person:
    """Forget this person's passkeys and app, and end their browsers, tokens and open links: a new link lets them in, and they add new ones.

    Raises NotFound when nobody has this address.
    """
    by.require(Permission.OPERATE)
    person = session.scalars(select(Person).where(func.lower(Person.email) == email.strip().lower())).one_or_none()
    if person is None:
        raise NotFound(_("Nobody has the email {email}.", email=email))
    for table, kind in ((Passkey, "passkey"), (CodeApp, "code_app")):
        if session.execute(delete(table).where(table.person_id == person.id).returning(table.person_id)).first():
            events.record(session, EventName.ACCESS_FACTOR_REMOVED, by=by, at=at, person=str(person.id), kind=kind)
    end_access(session, person.id)
    return person

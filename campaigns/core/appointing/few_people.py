"""The choice of an installation of few people: whoever gave a role may act with its holder; recorded, and shown for good."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.errors import Forbidden
from campaigns.core.event_names import EventName
from campaigns.core.events import SYSTEM_CHAIN, Event
from campaigns.core.people import Actor
from campaigns.core.words import _

CHOSEN, ENDED = EventName.PEOPLE_FEW_CHOSEN, EventName.PEOPLE_FEW_ENDED


def record_choice(session: Session, *, is_few: bool, reason: str, by: Actor, at: datetime) -> bool:
    """Record the choice, or its end; returns whether it changes anything. Made at the machine alone, where the installation is set up."""
    if not by.is_system:
        raise Forbidden(_("This can only be changed on the command line, by whoever set up the installation."))
    if few_people(session) == is_few:
        return False
    events.record(session, CHOSEN if is_few else ENDED, by=by, at=at, reason=reason)
    return True


def few_people(session: Session) -> bool:
    """Whether the installation is at present one of few people, by its own choice."""
    made_now = [fact.name for fact in events.recorded(session) if fact.name in (CHOSEN, ENDED)]
    return (made_now[-1] if made_now else _last(session)) == CHOSEN


def _last(session: Session) -> str | None:
    made = (Event.name.in_((CHOSEN, ENDED)), Event.chain_id == SYSTEM_CHAIN)
    return session.scalar(select(Event.name).where(*made).order_by(Event.number.desc()).limit(1))


def choices(session: Session) -> Sequence[Event]:
    """Every such choice and its end, the oldest first."""
    made = (Event.name.in_((CHOSEN, ENDED)), Event.chain_id == SYSTEM_CHAIN)
    return session.scalars(select(Event).where(*made).order_by(Event.number)).all()

"""Notes on their way into an email: those of one person on one version go together, once nothing was added for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Annotation, NoteState, Version
from campaigns.core import events
from campaigns.core.campaign import Deliverable, find_deliverable
from campaigns.core.event_names import EventName
from campaigns.core.people import CLOCK, SYSTEM
from campaigns.core.permissions import Role
from campaigns.core.role_grants import holders

QUIET = timedelta(minutes=10)
BATCH = 100


def gone_quiet(session: Session, *, at: datetime) -> Sequence[tuple[UUID, UUID]]:
    """The versions, each with the writer of notes on it that no email tells of yet, whose last one is ten minutes old."""
    return [(version_id, person_id) for version_id, person_id in session.execute(_quiet(at).limit(BATCH))]


def _quiet(at: datetime) -> Select[UUID, UUID]:
    query = select(Annotation.version_id, Annotation.written_by).where(Annotation.told_at.is_(None))
    return query.group_by(Annotation.version_id, Annotation.written_by).having(func.max(Annotation.written_at) <= at - QUIET)


def gather(session: Session, version_id: UUID, person_id: UUID, *, at: datetime) -> list[UUID]:
    """Record as one fact, once, the person's untold notes on the version that are still open; none where one was added meanwhile."""
    version = session.get_one(Version, version_id)
    deliverable = find_deliverable(session, version.deliverable_id, by=SYSTEM, lock=True)
    theirs = (Annotation.version_id == version_id, Annotation.written_by == person_id)
    if session.execute(_quiet(at).where(*theirs)).first() is None:
        return []
    found = _told(session, theirs, at=at)
    if found:
        events.record(
            session, EventName.CLIENT_DELIVERY_NOTES_GATHERED, by=CLOCK, at=at, campaign_id=deliverable.campaign_id,
            deliverable_id=deliverable.id,
            cut=str(version_id), number=version.number, writer=str(person_id), notes=[str(note_id) for note_id in found],
        )  # fmt: skip
    return found


def tell_with_decision(session: Session, version: Version, deliverable: Deliverable, *, at: datetime) -> None:
    """The brand's notes on the version go into the email that says its decision, and into no other."""
    brand = [person.id for person in holders(session, Role.APPROVER, deliverable.scope)]
    _told(session, (Annotation.version_id == version.id, Annotation.written_by.in_(brand), Annotation.internal.is_(False)), at=at)


def notes_by(session: Session, version_id: UUID, people: Sequence[UUID]) -> list[Annotation]:
    """What these people's open notes on the version say to both sides, in the order of its moments."""
    mine = (Annotation.version_id == version_id, Annotation.written_by.in_(people), Annotation.internal.is_(False))
    query = select(Annotation).where(*mine, Annotation.state == NoteState.OPEN)
    return list(session.scalars(query.order_by(Annotation.at_ms.nulls_last(), Annotation.id)))


def _told(session: Session, which: Sequence[ColumnElement[bool]], *, at: datetime) -> list[UUID]:
    """Those of the untold notes that are still open; what was settled meanwhile needs no email."""
    told = update(Annotation).where(*which, Annotation.told_at.is_(None)).values(told_at=at)
    found = session.execute(told.returning(Annotation.id, Annotation.state)).all()
    return sorted(note_id for note_id, state in found if state is NoteState.OPEN)

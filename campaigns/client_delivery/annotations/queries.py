"""The notes on a deliverable's versions, and who reads them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from campaigns.client_delivery.errors import NoSuchNote
from campaigns.client_delivery.models import Annotation, NoteState, Version, Weight
from campaigns.client_delivery.queries import sees_inside, sees_version
from campaigns.core.campaign import Campaign, Deliverable, find_deliverable, visible_to
from campaigns.core.people import Actor, Person
from campaigns.core.words import _


@dataclass(frozen=True, slots=True)
class Noted:
    """A note with the version that it is on, who wrote it, and where and by whom it was settled."""

    note: Annotation
    version: Version
    deliverable: Deliverable
    by: str
    settled_by: str | None
    done_in: int | None

    @property
    def is_open(self) -> bool:
        return self.note.state is NoteState.OPEN

    @property
    def is_required(self) -> bool:
        """Whether the version cannot be approved before this is done or let go."""
        return self.is_open and self.note.weight is Weight.REQUIRED and not self.note.internal


def _noted() -> Select[Annotation, Version, Deliverable, str, str, int]:
    settler, later = aliased(Person), aliased(Version)
    return (
        select(Annotation, Version, Deliverable, Person.name, settler.name, later.number)
        .join(Version, Version.id == Annotation.version_id)
        .join(Deliverable, Deliverable.id == Version.deliverable_id)
        .join(Person, Person.id == Annotation.written_by)
        .outerjoin(settler, settler.id == Annotation.settled_by)
        .outerjoin(later, later.id == Annotation.done_in)
    )


def find_note(session: Session, note_id: UUID, *, by: Actor, lock: bool = False) -> Noted:
    """The note, if it exists for this actor; with `lock`, its deliverable is held. Raises NoSuchNote."""
    visible = _noted().join(Campaign, Campaign.id == Deliverable.campaign_id).where(Annotation.id == note_id, visible_to(by))
    visible = visible.execution_options(populate_existing=True)
    row = session.execute(visible).one_or_none()
    if row is not None and lock:
        find_deliverable(session, row[2].id, by=by, lock=True)
        # What was true before the wait for the lock may not be so any more.
        row = session.execute(visible).one_or_none()
    if row is None or not _reads(Noted(*row), by):
        raise NoSuchNote(_("There is no such note."))
    return Noted(*row)


def _reads(noted: Noted, by: Actor) -> bool:
    """Whether the actor reads the note: what is internal only those who see inside."""
    return sees_version(noted.version, noted.deliverable, by) and (not noted.note.internal or sees_inside(by, noted.deliverable))


def notes(session: Session, deliverable: Deliverable, *, by: Actor, after: UUID | None = None, limit: int = 30) -> list[Noted]:
    """The notes on the deliverable's versions that the actor reads, newest first."""
    query = _noted().where(Version.deliverable_id == deliverable.id).order_by(Annotation.id.desc()).limit(limit)
    query = query.where(Annotation.id < after) if after else query
    if not sees_inside(by, deliverable):
        query = query.where(Version.presented_at.is_not(None), Annotation.internal.is_(False))
    return [Noted(*row) for row in session.execute(query)]


def open_required(session: Session, deliverable: Deliverable) -> list[Annotation]:
    """The required changes that still keep the deliverable's present visit from an approval, oldest first."""
    query = select(Annotation).join(Version, Version.id == Annotation.version_id).order_by(Annotation.id)
    query = query.where(Version.deliverable_id == deliverable.id, Version.visit == deliverable.visit)
    required = (Annotation.state == NoteState.OPEN, Annotation.weight == Weight.REQUIRED, Annotation.internal.is_(False))
    return list(session.scalars(query.where(*required)))


def open_notes_of(session: Session, deliverable: Deliverable) -> list[Noted]:
    """What is still open of the deliverable's notes, for those who make its next version; oldest first."""
    query = _noted().where(Version.deliverable_id == deliverable.id, Annotation.state == NoteState.OPEN).order_by(Annotation.id)
    return [Noted(*row) for row in session.execute(query)]


def timecode(at_ms: int) -> str:
    """The moment as it stands beside a note, to the tenth of a second."""
    seconds, rest = divmod(at_ms // 100, 10)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    whole = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{whole}.{rest}" if rest else whole

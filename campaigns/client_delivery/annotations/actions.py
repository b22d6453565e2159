"""What is done with the notes on a version: written, done in a later version, let go, opened again, taken back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.client_delivery.annotations.queries import Noted, find_note, open_required
from campaigns.client_delivery.errors import (
    NoMomentInIt,
    NotALaterVersion,
    NoteSettled,
    NothingNoted,
    NotYourNote,
    OnlyAWish,
    RequiredStillOpen,
)
from campaigns.client_delivery.models import Annotation, NoteState, Weight
from campaigns.client_delivery.queries import find_version_details, sees_inside
from campaigns.client_delivery.rules import require_in_delivery, require_unapproved
from campaigns.core import events
from campaigns.core.campaign import Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _, n_
from campaigns.open_call.media.formats import BY_MIME, MediaKind

LONGEST_MS = 24 * 60 * 60 * 1000


def annotate(
    session: Session,
    version_id: UUID,
    words: str,
    weight: Weight,
    at_ms: int | None = None,
    internal: bool = False,
    *,
    by: Actor,
    at: datetime,
) -> Annotation:
    """Write a note on the version, at a moment of it or on the whole; on one that the brand has not seen it stays with staff.

    The same words at the same place again, while the note is open, are that note.
    """
    details = find_version_details(session, version_id, by=by, lock=True)
    by.require(Permission.ANNOTATE, on=details.deliverable)
    require_in_delivery(details.deliverable)
    require_unapproved(session, details.deliverable)
    _require_words(words)
    _require_moment(details.version.mime, at_ms)
    _require_weight(weight, details.deliverable, by)
    stays_inside = sees_inside(by, details.deliverable) and (internal or details.version.presented_at is None)
    note = Annotation(
        version_id=version_id, at_ms=at_ms, words=words.strip(), weight=weight, internal=stays_inside, written_by=by.person, written_at=at
    )
    if same := _open_alike(session, note):
        return same
    session.add(note)
    session.flush()
    about = {"weight": weight.value, "number": details.version.number}
    _record(session, EventName.CLIENT_DELIVERY_NOTED, note, details.deliverable, about, by=by, at=at)
    return note


def _open_alike(session: Session, note: Annotation) -> Annotation | None:
    """The open note of the same person that says the same at the same place: someone went back in their browser and pressed again."""
    alike = {
        "version_id": note.version_id,
        "words": note.words,
        "weight": note.weight,
        "internal": note.internal,
        "written_by": note.written_by,
    }
    at_same = Annotation.at_ms.is_not_distinct_from(note.at_ms)
    return session.scalars(select(Annotation).filter_by(**alike, state=NoteState.OPEN).where(at_same)).first()


def finish(session: Session, note_id: UUID, version_id: UUID, *, by: Actor, at: datetime) -> Annotation:
    """Say in which later version the note is done; saying it twice changes nothing."""
    noted = find_note(session, note_id, by=by, lock=True)
    by.require(Permission.MAKE_VERSION, on=noted.deliverable)
    require_in_delivery(noted.deliverable)
    note = noted.note
    if note.done_in == version_id:
        return note
    _require_open(noted)
    later = find_version_details(session, version_id, by=by)
    if later.deliverable.id != noted.deliverable.id or later.version.number <= noted.version.number:
        raise NotALaterVersion(_("A note can only be done in a later version."), field="version_id")
    note.state, note.done_in, note.settled_by, note.settled_at = NoteState.DONE, version_id, by.person, at
    session.flush()
    _record(session, EventName.CLIENT_DELIVERY_NOTE_DONE, note, noted.deliverable, {"number": later.version.number}, by=by, at=at)
    return note


def reopen(session: Session, note_id: UUID, *, by: Actor, at: datetime) -> Annotation:
    """Open a note again that is not done after all, or was let go too soon."""
    noted = find_note(session, note_id, by=by, lock=True)
    by.require(Permission.ANNOTATE, on=noted.deliverable)
    require_in_delivery(noted.deliverable)
    note = noted.note
    if note.state is NoteState.OPEN:
        return note
    note.state, note.done_in, note.settled_by, note.settled_at = NoteState.OPEN, None, None, None
    session.flush()
    _record(session, EventName.CLIENT_DELIVERY_NOTE_REOPENED, note, noted.deliverable, {}, by=by, at=at)
    return note


def let_go(session: Session, note_id: UUID, *, by: Actor, at: datetime) -> Annotation:
    """Do without what the note asks for: whoever wrote it may, and whoever decides."""
    noted = find_note(session, note_id, by=by, lock=True)
    by.require(Permission.ANNOTATE, on=noted.deliverable)
    if noted.note.written_by != by.person and not by.may(Permission.DECIDE_VERSION, on=noted.deliverable):
        raise NotYourNote(_("Only {name} or an approver of the brand can dismiss this note.", name=noted.by))
    if noted.note.state is NoteState.LET_GO:
        return noted.note
    _require_open(noted)
    return _let_go(session, noted.note, noted.deliverable, by=by, at=at)


def settle_required(session: Session, deliverable: Deliverable, letting_go: Collection[UUID], *, by: Actor, at: datetime) -> None:
    """Let the named required changes go before an approval; raises RequiredStillOpen while one that is not named is open."""
    required = open_required(session, deliverable)
    kept = [note for note in required if note.id not in letting_go]
    if kept:
        sentence = n_(
            "{count} must-fix note is still open. Dismiss it, or request changes.",
            "{count} must-fix notes are still open. Dismiss them, or request changes.",
            len(kept),
        )
        raise RequiredStillOpen(sentence, field="let_go")
    for note in required:
        _let_go(session, note, deliverable, by=by, at=at)


def _let_go(session: Session, note: Annotation, deliverable: Deliverable, *, by: Actor, at: datetime) -> Annotation:
    note.state, note.settled_by, note.settled_at = NoteState.LET_GO, by.person, at
    session.flush()
    _record(session, EventName.CLIENT_DELIVERY_NOTE_LET_GO, note, deliverable, {}, by=by, at=at)
    return note


def _record(
    session: Session, name: EventName, note: Annotation, deliverable: Deliverable, about: Mapping[str, Any], *, by: Actor, at: datetime
) -> None:
    events.record(
        session, name, by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        note=str(note.id), cut=str(note.version_id), **about,
    )  # fmt: skip


def _require_words(words: str) -> None:
    if not words.strip():
        raise NothingNoted(_("Write what you see or what should change."), field="words")


def _require_moment(mime: str, at_ms: int | None) -> None:
    if at_ms is None:
        return
    if BY_MIME[mime].kind not in (MediaKind.SOUND, MediaKind.FILM):
        raise NoMomentInIt(_("Only sound and film have a timeline. Leave the time empty."), field="moment")
    if not 0 <= at_ms <= LONGEST_MS:
        raise NoMomentInIt(_("This time is out of range."), field="moment")


def _require_weight(weight: Weight, deliverable: Deliverable, by: Actor) -> None:
    may_require = by.may(Permission.DECIDE_VERSION, on=deliverable) or by.may(Permission.APPROVE_INTERNALLY, on=deliverable)
    if weight is Weight.REQUIRED and not may_require:
        raise OnlyAWish(_("Only the brand and the partnership manager can mark notes as must fix. Write a suggestion."), field="weight")


def _require_open(noted: Noted) -> None:
    if not noted.is_open:
        raise NoteSettled(_("{name} has already resolved this note.", name=noted.settled_by or _("Someone")))

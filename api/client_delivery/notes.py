"""The notes on a deliverable's versions over HTTP: written, done in a later version, let go, opened again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, OnlyOnce, Page, Tx, page_of
from campaigns.client_delivery.annotations import actions as annotation_actions
from campaigns.client_delivery.annotations.queries import Noted, find_note, notes
from campaigns.client_delivery.models import NoteState, Weight
from campaigns.client_delivery.queries import find_deliverable_seen

router = APIRouter()


class NoteForm(BaseModel):
    """A note on a version. A `required` note blocks approval until it is done or dismissed."""

    words: str = Field(min_length=1, max_length=4000, examples=["The lanterns are hidden behind the flare."])
    weight: Weight = Weight.WISH
    at_ms: Annotated[int, Field(strict=True, ge=0)] | None = Field(
        None, examples=[4200], description="For sound and film, the moment in milliseconds; without it, the note is on the whole version."
    )
    internal: bool = Field(
        False, description="Visible only to those who make and present the version, like every note on a version before it is presented."
    )


class DoneForm(BaseModel):
    done_in: UUID = Field(description="The later version in which it is done.")


class NoteShown(BaseModel):
    """A note with its version and its state."""

    id: UUID
    version: UUID
    number: int = Field(description="The number of the version that it is on.")
    at_ms: int | None
    words: str
    weight: Weight
    internal: bool
    state: NoteState
    done_in: int | None = Field(description="The number of the version in which it is done.")
    settled_by: str | None
    settled_at: datetime | None
    by: str
    at: datetime

    @classmethod
    def of(cls, noted: Noted) -> "NoteShown":
        note = noted.note
        return cls(
            id=note.id, version=note.version_id, number=noted.version.number, at_ms=note.at_ms, words=note.words, weight=note.weight,
            internal=note.internal, state=note.state, done_in=noted.done_in, settled_by=noted.settled_by, settled_at=note.settled_at,
            by=noted.by, at=note.written_at,
        )  # fmt: skip


class NoteList(Listing):
    items: list[NoteShown]


@router.post("/versions/{version_id}/annotations", status_code=201, response_model=NoteShown)
def annotate(version_id: UUID, body: NoteForm, session: Tx, by: By, at: At, once: OnlyOnce) -> NoteShown | Response:
    """Add a note to the version, at a moment or on the whole version."""

    def write() -> NoteShown:
        note = annotation_actions.annotate(session, version_id, body.words, body.weight, body.at_ms, body.internal, by=by, at=at)
        return NoteShown.of(find_note(session, note.id, by=by))

    return once(write)


@router.get("/deliverables/{deliverable_id}/annotations")
def list_notes(deliverable_id: UUID, session: Tx, by: By, page: Page) -> NoteList:
    """The notes that you can see on all versions of the deliverable, newest first."""
    deliverable = find_deliverable_seen(session, deliverable_id, by=by)
    found = notes(session, deliverable, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda noted: noted.note.id)
    return NoteList(items=[NoteShown.of(noted) for noted in shown], next=following)


@router.post("/annotations/{note_id}/done")
def finish(note_id: UUID, body: DoneForm, session: Tx, by: By, at: At) -> NoteShown:
    """Mark the note as done in a later version."""
    annotation_actions.finish(session, note_id, body.done_in, by=by, at=at)
    return NoteShown.of(find_note(session, note_id, by=by))


@router.post("/annotations/{note_id}/letting-go")
def let_go(note_id: UUID, session: Tx, by: By, at: At) -> NoteShown:
    """Dismiss the note."""
    annotation_actions.let_go(session, note_id, by=by, at=at)
    return NoteShown.of(find_note(session, note_id, by=by))


@router.post("/annotations/{note_id}/reopening")
def reopen(note_id: UUID, session: Tx, by: By, at: At) -> NoteShown:
    """Reopen a note."""
    annotation_actions.reopen(session, note_id, by=by, at=at)
    return NoteShown.of(find_note(session, note_id, by=by))

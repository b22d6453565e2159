"""The notes on a deliverable's versions over HTTP: written, done in a later version, let go, opened again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, OnlyOnce, Page, Tx
from campaigns.client_delivery import annotating
from campaigns.client_delivery.annotations import Noted, find_note, notes
from campaigns.client_delivery.models import NoteState, Weight
from campaigns.client_delivery.queries import find_track_seen

router = APIRouter()


class NoteForm(BaseModel):
    """A note on a version; what is `required` keeps it from being approved until it is done or let go."""

    words: str = Field(min_length=1, max_length=4000, examples=["The lanterns are hidden behind the flare."])
    weight: Weight = Weight.WISH
    at_ms: Annotated[int, Field(strict=True, ge=0)] | None = Field(
        None, examples=[4200], description="Of sound or film, the moment in milliseconds; without one the note is on the whole."
    )
    internal: bool = Field(
        False, description="For those who make and present it only; so is every note on a version before it is presented."
    )


class DoneForm(BaseModel):
    done_in: UUID = Field(description="The later version in which it is done.")


class NoteShown(BaseModel):
    """A note, on which version it is and what became of it."""

    id: UUID
    cut: UUID
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
            id=note.id, cut=note.cut_id, number=noted.cut.number, at_ms=note.at_ms, words=note.words, weight=note.weight,
            internal=note.internal, state=note.state, done_in=noted.done_in, settled_by=noted.settled_by, settled_at=note.settled_at,
            by=noted.by, at=note.written_at,
        )  # fmt: skip


class NoteList(Listing):
    items: list[NoteShown]


@router.post("/cuts/{cut_id}/annotations", status_code=201, response_model=NoteShown)
def annotate(cut_id: UUID, body: NoteForm, session: Tx, by: By, at: At, once: OnlyOnce) -> NoteShown | Response:
    """Write a note on the version, at a moment of it or on the whole."""

    def write() -> NoteShown:
        note = annotating.annotate(session, cut_id, body.words, body.weight, body.at_ms, body.internal, by=by, at=at)
        return NoteShown.of(find_note(session, note.id, by=by))

    return once(write)


@router.get("/deliverables/{track_id}/annotations")
def list_notes(track_id: UUID, session: Tx, by: By, page: Page) -> NoteList:
    """The notes on all versions of the deliverable that you see, newest first."""
    track = find_track_seen(session, track_id, by=by)
    found = notes(session, track, by=by, after=page.after, limit=page.one_more)
    items = [NoteShown.of(noted) for noted in found[: page.limit]]
    return NoteList(items=items, next=items[-1].id if len(found) > page.limit else None)


@router.post("/annotations/{note_id}/done")
def finish(note_id: UUID, body: DoneForm, session: Tx, by: By, at: At) -> NoteShown:
    """Say in which later version the note is done."""
    annotating.finish(session, note_id, body.done_in, by=by, at=at)
    return NoteShown.of(find_note(session, note_id, by=by))


@router.post("/annotations/{note_id}/letting-go")
def let_go(note_id: UUID, session: Tx, by: By, at: At) -> NoteShown:
    """Do without what the note asks for."""
    annotating.let_go(session, note_id, by=by, at=at)
    return NoteShown.of(find_note(session, note_id, by=by))


@router.post("/annotations/{note_id}/reopening")
def reopen(note_id: UUID, session: Tx, by: By, at: At) -> NoteShown:
    """Open a note again that is not done after all."""
    annotating.reopen(session, note_id, by=by, at=at)
    return NoteShown.of(find_note(session, note_id, by=by))

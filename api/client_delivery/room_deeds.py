"""What is done in the review room: a note written or settled, a licence declared, a version presented or decided on."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.client_delivery.timecode import milliseconds
from api.client_delivery.versions import LicenceForm, ReviewDecisionForm
from api.reader import OnceForm, Reader, SignedIn
from campaigns.client_delivery.annotations import actions as annotation_actions
from campaigns.client_delivery.models import Verdict, Weight
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.versions import actions as version_actions
from campaigns.core.words import _

pages = APIRouter()


class WrittenNote(OnceForm):
    """A note as it is typed; `moment` is a time of sound or film, or empty."""

    words: str = Field(max_length=4000)
    moment: str = Field("", max_length=20)
    weight: Weight = Weight.WISH
    internal: bool = False


class InRoom(BaseModel):
    """The version whose room the reader is in."""

    room: UUID


@pages.post("/versions/{version_id}/notes")
def annotate(version_id: UUID, form: Annotated[WrittenNote, Form()], reader: SignedIn) -> RedirectResponse:
    """Write a note on the version."""

    def write() -> tuple[str, str]:
        moment = milliseconds(form.moment)
        note = annotation_actions.annotate(
            reader.session, version_id, form.words, form.weight, moment, form.internal, by=reader.by, at=reader.at
        )  # fmt: skip
        return f"/versions/{version_id}#note-{note.id}", _("Note added, internal only.") if note.internal else _("Note added.")

    return reader.once(form, write)


@pages.post("/notes/{note_id}/done")
def finish(note_id: UUID, form: Annotated[InRoom, Form()], reader: SignedIn) -> RedirectResponse:
    """The note is done in the version that the reader looks at."""
    annotation_actions.finish(reader.session, note_id, form.room, by=reader.by, at=reader.at)
    return _back(note_id, form, reader, _("Marked as done in this version."))


@pages.post("/notes/{note_id}/let-go")
def let_go(note_id: UUID, form: Annotated[InRoom, Form()], reader: SignedIn) -> RedirectResponse:
    """The note is done without."""
    annotation_actions.let_go(reader.session, note_id, by=reader.by, at=reader.at)
    return _back(note_id, form, reader, _("Note dismissed."))


@pages.post("/notes/{note_id}/open")
def reopen(note_id: UUID, form: Annotated[InRoom, Form()], reader: SignedIn) -> RedirectResponse:
    """The note is open again."""
    annotation_actions.reopen(reader.session, note_id, by=reader.by, at=reader.at)
    return _back(note_id, form, reader, _("Note reopened."))


def _back(note_id: UUID, form: InRoom, reader: Reader, said: str) -> RedirectResponse:
    return reader.done(f"/versions/{form.room}#note-{note_id}", said)


@pages.post("/versions/{version_id}/outside/{material_id}/licence")
def license_outside(version_id: UUID, material_id: UUID, form: Annotated[LicenceForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Say under which licence something from outside is in the version."""
    material = version_actions.license_outside(reader.session, version_id, material_id, form.licence, by=reader.by, at=reader.at)
    said = _("License for {title} saved.", title=material.title) if material.licence else _("License removed.")
    return reader.done(f"/versions/{version_id}#outside", said)


@pages.post("/versions/{version_id}/internal-approval")
def present(version_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Present the version to the brand."""
    version = version_actions.approve_internally(reader.session, version_id, by=reader.by, at=reader.at)
    return reader.done(
        f"/versions/{version_id}", _("Version {number} presented. The brand's approvers get an email.", number=version.number)
    )


@pages.post("/versions/{version_id}/package/again")
def pack_again(version_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Have a package made that was stopped."""
    package_actions.pack_again(reader.session, version_id, by=reader.by, at=reader.at)
    return reader.done(f"/versions/{version_id}", _("The package is being retried."))


@pages.post("/versions/{version_id}/decision")
def decide(version_id: UUID, form: Annotated[ReviewDecisionForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Decide for the brand on exactly this version."""
    version_actions.decide(
        reader.session, version_id, form.verdict, form.file_sha256, form.parts_sha256, form.note, form.let_go, by=reader.by, at=reader.at
    )
    if form.verdict is Verdict.APPROVED:
        return reader.done(f"/versions/{version_id}", _("Approved. The package is being prepared, and you can download it here."))
    return reader.done(f"/versions/{version_id}", _("Changes requested. The makers will work on the next version."))

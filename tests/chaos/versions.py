"""The versions that an editor uploads and makes over HTTP: films, pictures and texts."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.open_call.models import Upload, UploadState
from campaigns.open_call.uploads import find_upload
from tests import everyone, samples
from tests.chaos.acts import Sending, say
from tests.chaos.word import Word
from workers.transactions import unit_of_work

if TYPE_CHECKING:
    from tests.chaos.assignment import Assignment

# Of the editors who make a version together.
SHARES = (3, 2)
FILES: Mapping[str, Callable[[Path], Path]] = {"film": samples.film, "picture": samples.picture, "text": samples.text}


def make_version(assignment: "Assignment", deliverable: Deliverable) -> None:
    """The editor uploads the deliverable's file, once in each visit, and makes its next version of it and of the chosen contributions."""
    key = (deliverable.id, deliverable.visit)
    sent = assignment.versions.get(key) or assignment.versions.setdefault(key, _file_for(assignment, deliverable))
    sent.go_on(assignment.voice)
    with unit_of_work() as session:
        is_proven = _upload_of(session, sent).state is UploadState.PROVEN
        contributions = everyone.material_of(session, assignment.all_, deliverable)
    if is_proven:
        makers = {str(editor.person): shares for editor, shares in zip(assignment.editors, SHARES, strict=False)}
        body = {"upload_id": str(sent.upload), "components": [str(contribution) for contribution in contributions], "makers": makers}
        say(assignment, "version", key, Word(sent.by, f"/deliverables/{deliverable.id}/versions", dict(body)))


def _upload_of(session: Session, sent: Sending) -> Upload:
    assert isinstance(sent.upload, UUID)
    return find_upload(session, sent.upload, by=sent.by)


def _file_for(assignment: "Assignment", deliverable: Deliverable) -> Sending:
    folder = assignment.home / f"{deliverable.id}-{deliverable.visit}"
    folder.mkdir(exist_ok=True)
    return Sending(assignment.all_.editor, f"{deliverable.title}, visit {deliverable.visit}", FILES[deliverable.kind](folder))

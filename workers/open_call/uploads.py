"""Uploads whose bytes are complete, proved once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from typing import Any
from uuid import UUID

from sqlalchemy import update

from campaigns.core import clock
from campaigns.core.errors import Invalid
from campaigns.core.files import storage
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.open_call.errors import BeingWritten, NoSuchUpload
from campaigns.open_call.media import proof
from campaigns.open_call.models import Upload, UploadState
from campaigns.open_call.uploads import LIFE, fault_of, find_upload
from workers.transactions import unit_of_work


@contextmanager
def held(upload_id: UUID, *, wait: bool = False) -> Iterator[FileIO]:
    """The staged file, locked until the block or the process ends; raises BeingWritten, unless it may wait, and NoSuchUpload."""
    try:
        file = storage().staged(upload_id).open("r+b", buffering=0)
    except FileNotFoundError:
        raise NoSuchUpload(_("You have no such upload."), field="upload_id") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise BeingWritten(_("Another request is sending this upload. Wait until it ends, then check the offset.")) from None
        yield file


def settle(upload_id: UUID, *, by: Actor) -> Upload:
    """Prove an upload whose bytes are complete, once, whoever asks first; the fault of one that was refused is raised each time."""
    with suppress(NoSuchUpload), held(upload_id, wait=True):
        with unit_of_work() as session:
            upload = find_upload(session, upload_id, by=by)
        if upload.state is UploadState.COMPLETE:
            _conclude(upload)
    with unit_of_work() as session:
        upload = find_upload(session, upload_id, by=by)
    if upload.state is UploadState.REFUSED:
        raise fault_of(upload)
    return upload


def _conclude(upload: Upload) -> None:
    staged = storage().staged(upload.id)
    found: dict[str, Any]
    try:
        format_ = proof.prove(staged, upload.name, upload.declared)
    except Invalid as refusal:
        found = {"state": UploadState.REFUSED, "fault": refusal.code, "refusal": refusal.message}
    else:
        found = {"state": UploadState.PROVEN, "sha256": storage().keep(staged).sha256, "mime": format_.mime}
        # Whoever keeps the same bytes after this moment keeps them for something else.
        found["expires_at"] = clock.process_now() + LIFE
    with unit_of_work() as session:
        session.execute(update(Upload).where(Upload.id == upload.id).values(found))
    staged.unlink(missing_ok=True)

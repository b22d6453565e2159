"""One request's part of an upload: its bytes are appended, and counted only once they are safe."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from uuid import UUID

from sqlalchemy import delete, update

from campaigns.core import clock
from campaigns.core.files import is_full, no_room, storage
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.open_call.errors import ChecksumMismatch, StaleOffset, TooLarge
from campaigns.open_call.models import Upload, UploadState
from campaigns.open_call.room import require_disk
from campaigns.open_call.uploads import LIFE, find_upload
from workers.open_call.uploads import held
from workers.transactions import unit_of_work

SAFE_EVERY = 8 * 1024 * 1024


class UploadWriter:
    """The only writer of an upload; `offset` is where the next byte goes."""

    def __init__(self, upload: Upload, file: FileIO, checksum: bytes | None) -> None:
        self.upload = upload
        self.offset = self.safe = upload.offset
        self._file = file
        self._checksum = checksum
        self._hash = hashlib.sha256()

    @property
    def is_complete(self) -> bool:
        return self.safe == self.upload.length

    @property
    def wants_safety(self) -> bool:
        """Whether enough has come to make it safe; bytes under a checksum are all kept or all dropped."""
        return self._checksum is None and self.offset - self.safe >= SAFE_EVERY

    def write(self, chunk: bytes) -> None:
        """Append `chunk`; raises TooLarge, and forgets the upload, when it is more than was announced, and NoRoom when the disk is full."""
        if self.offset + len(chunk) > self.upload.length:
            self._forget()
            raise TooLarge(_("“{file}” is larger than announced. Start the upload again.", file=self.upload.name), field="file")
        with self._with_room():
            written = 0
            while written < len(chunk):
                written += self._file.write(chunk[written:])
        self._hash.update(chunk)
        self.offset += len(chunk)

    def finish(self) -> None:
        """The request has ended: what came is safe, or raises ChecksumMismatch and drops it."""
        if self._checksum is not None and self._checksum != self._hash.digest():
            raise ChecksumMismatch(_("The bytes were damaged in transit. Send them again."))
        self.make_safe()

    def keep_what_came(self) -> None:
        """The request was cut off: what came stays, unless it can no longer be checked."""
        if self._checksum is None:
            self.make_safe()

    def make_safe(self) -> None:
        """Write what has come to the disk, then count it."""
        if self.offset == self.safe:
            return
        with self._with_room():
            os.fsync(self._file.fileno())
        complete = self.offset == self.upload.length
        state = UploadState.COMPLETE if complete else UploadState.ARRIVING
        with unit_of_work() as session:
            ours = (Upload.id == self.upload.id, Upload.state == UploadState.ARRIVING)
            session.execute(update(Upload).where(*ours).values(offset=self.offset, state=state, expires_at=clock.process_now() + LIFE))
        self.safe = self.offset

    @contextmanager
    def _with_room(self) -> Iterator[None]:
        """Where the disk is full, what is not safe yet is given back, and the upload goes on from there once there is room."""
        try:
            yield
        except OSError as error:
            if not is_full(error):
                raise
            self.offset = self.safe
            self._file.truncate(self.safe)
            raise no_room() from error

    def _forget(self) -> None:
        with unit_of_work() as session:
            session.execute(delete(Upload).where(Upload.id == self.upload.id))
        storage().staged(self.upload.id).unlink(missing_ok=True)


@contextmanager
def arrival(upload_id: UUID, offset: int, checksum: bytes | None, *, by: Actor) -> Iterator[UploadWriter]:
    """Go on with an upload at `offset`, alone.

    Raises StaleOffset where its safe bytes end elsewhere, BeingWritten beside a rival, and NoRoom where the disk is nearly full.
    """
    with held(upload_id) as file:
        with unit_of_work() as session:
            upload = find_upload(session, upload_id, by=by)
        require_disk()
        if offset != upload.offset:
            raise StaleOffset(_("This upload continues at byte {offset}. Send the rest from there.", offset=upload.offset))
        # Bytes past the last safe one may be there from a server that died; they are sent again.
        file.truncate(offset)
        file.seek(offset)
        yield UploadWriter(upload, file, checksum)

"""Files: kept once under the hash of their bytes, and shown through short-lived links that say nothing about them."""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel

from campaigns.core import clock
from campaigns.core.errors import NotFound, Refusal
from campaigns.core.sealing import Forged, SealPurpose, seal, unseal
from campaigns.core.settings import settings
from campaigns.core.words import _

LINK_LIFE = timedelta(hours=1)
WHEN_BYTES = 8
# For our own user and its group, a backup's for example; no other user of the machine looks in.
READABLE, CLOSED_FOLDER = 0o640, 0o750
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class NoRoom(Refusal):
    """The disk is full: nothing that was sent is stored; everything stored before is intact."""

    status = 507


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the storage: the SHA-256 of its bytes in hexadecimal, and how many they are."""

    sha256: str
    bytes: int


class Storage(Protocol):
    """Where files are kept; one that is there never changes."""

    def staged(self, upload_id: UUID) -> Path:
        """Where the bytes of an upload gather until they are complete."""
        ...

    def scratch(self) -> AbstractContextManager[Path]:
        """A folder to make files in; it is gone when the block ends."""
        ...

    def keep(self, source: Path) -> Stored:
        """Keep the file at `source`, staged or made in a scratch folder: hashed, durable, once for equal bytes."""
        ...

    def discard(self, sha256: str, *, kept_before: datetime) -> None:
        """Forget the file, unless someone has kept it again since `kept_before`."""
        ...

    def kept(self, shelf: str, *, before: datetime) -> Iterator[str]:
        """The files whose hash begins with the two digits of `shelf` and that nobody has kept since `before`."""
        ...

    def path(self, sha256: str) -> Path:
        """A path to read the file from; raises NotFound."""
        ...

    def room(self) -> tuple[int, int]:
        """How many bytes are free, and how many there are in all."""
        ...


class LocalFolder:
    """A storage in a folder of this machine: `sha256/ab/cd/<hash>`, and `tmp/` for what is still arriving."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def staged(self, upload_id: UUID) -> Path:
        """Where the bytes of an upload gather until they are complete."""
        return self._arrivals() / str(upload_id)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder to make files in; it is gone when the block ends."""
        with TemporaryDirectory(prefix="scratch-", dir=self._arrivals()) as folder:
            yield Path(folder)

    def keep(self, source: Path) -> Stored:
        """Keep the file at `source`, staged or made in a scratch folder: hashed, durable, once for equal bytes."""
        stored = Stored(sha256_of(source), source.stat().st_size)
        place = self._place(stored.sha256)
        self._make(place.parent)
        source.chmod(READABLE)
        _sync(source)
        with _alone_in(place.parent):
            # A link is made whole or not at all, and never over a file that is there.
            with suppress(FileExistsError):
                os.link(source, place)
            os.utime(place)
        _sync(place.parent)
        return stored

    def discard(self, sha256: str, *, kept_before: datetime) -> None:
        """Forget the file, unless someone has kept it again since `kept_before`."""
        place = self._place(sha256)
        with suppress(FileNotFoundError), _alone_in(place.parent):
            if place.stat().st_mtime < kept_before.timestamp():
                place.unlink()

    def kept(self, shelf: str, *, before: datetime) -> Iterator[str]:
        """The files whose hash begins with the two digits of `shelf` and that nobody has kept since `before`."""
        for place in (self.home / "sha256" / shelf).glob("*/*"):
            if place.stat().st_mtime < before.timestamp():
                yield place.name

    def path(self, sha256: str) -> Path:
        """A path to read the file from; raises NotFound."""
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound(_("This file no longer exists."))
        return place

    def room(self) -> tuple[int, int]:
        """How many bytes are free, and how many there are in all."""
        found = shutil.disk_usage(self._arrivals())
        return found.free, found.total

    def _arrivals(self) -> Path:
        folder = self.home / "tmp"
        self._make(folder)
        return folder

    def _make(self, folder: Path) -> None:
        self.home.mkdir(mode=CLOSED_FOLDER, parents=True, exist_ok=True)
        folder.mkdir(mode=CLOSED_FOLDER, parents=True, exist_ok=True)

    def _place(self, sha256: str) -> Path:
        return self.home / "sha256" / sha256[:2] / sha256[2:4] / sha256


def is_full(error: OSError) -> bool:
    """Whether this went wrong because there is no room on the disk."""
    return error.errno in FULL


def no_room() -> NoRoom:
    """The refusal of what there is no room for."""
    return NoRoom(_("Our disk is full, so this was not saved. Tell whoever runs Callboard, and try again later."))


def storage() -> Storage:
    """The configured storage."""
    return LocalFolder(settings().files_home)


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No one else keeps or discards in `folder` while the block runs."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FileLink(BaseModel):
    """What a link leads to; `name` is what the file is called when it is saved."""

    sha256: str
    mime: str
    name: str


def link_to(file: FileLink) -> str:
    """The path of a link that shows the file for an hour: sealed, so that two links to one file cannot be told to be so."""
    made = _seconds().to_bytes(WHEN_BYTES)
    return f"/files/{seal(SealPurpose.FILES, made + file.model_dump_json().encode())}"


def opened(token: str) -> FileLink:
    """What the link's token leads to; raises NotFound when it is forged or past its hour."""
    try:
        said = unseal(SealPurpose.FILES, token)
    except Forged:
        raise _run_out() from None
    if _seconds() - int.from_bytes(said[:WHEN_BYTES]) > LINK_LIFE.total_seconds():
        raise _run_out()
    return FileLink.model_validate_json(said[WHEN_BYTES:])


def _run_out() -> NotFound:
    return NotFound(_("This link has expired; reload the page for a new one."))


def _seconds() -> int:
    return int(clock.process_now().timestamp())

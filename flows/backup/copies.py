"""Files copied and proved: each is what its name, the SHA-256 of its bytes, says."""

import ctypes
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from campaigns.core.files import sha256_of
from campaigns.core.words import _
from flows.backup.manifest import FILES
from flows.supervise.errors import CannotStart

PIECE = 1 << 20
_libc = ctypes.CDLL(None)


def place_of(backup: Path, sha256: str) -> Path:
    """Where a backup keeps a file."""
    return backup / FILES / sha256[:2] / sha256[2:4] / sha256


def is_whole(path: Path, sha256: str) -> bool:
    """Whether the file is there and is what its name says."""
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False


def bring(sha256: str, target: Path, *, earlier: Path | None, storage: Path | None) -> int | None:
    """Put the file at `target`: a link to the earlier backup's, which costs no room, or a copy; its bytes, None when neither is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if earlier and is_whole(earlier, sha256):
        with suppress(OSError):  # not every file system has links
            os.link(earlier, target)
            return target.stat().st_size
    found = (_copied(source, target, sha256) for source in (storage, earlier) if source)
    return next((size for size in found if size is not None), None)


def _copied(source: Path, target: Path, sha256: str) -> int | None:
    """Copy and hash in one reading; what turns out to be another file is taken away again."""
    seen, size = hashlib.sha256(), 0
    try:
        reading = source.open("rb")
    except OSError:
        return None
    with reading, target.open("xb") as writing:
        while piece := reading.read(PIECE):
            writing.write(piece)
            seen.update(piece)
            size += len(piece)
    if seen.hexdigest() == sha256:
        return size
    target.unlink()
    return None


def listed(files: Mapping[str, int]) -> str:
    """The list of a backup's files, in the form that `sha256sum --check` reads."""
    return "".join(f"{sha256}  {place_of(Path(), sha256)}\n" for sha256 in sorted(files))


def names_in(listing: str) -> Iterator[str]:
    """The files that a backup's list names."""
    return (line.partition("  ")[0] for line in listing.splitlines())


def require_whole(backup: Path, names: Iterable[str]) -> None:
    """Raise CannotStart, naming the first file of a backup that is missing or is not what its name says."""
    for sha256 in names:
        place = place_of(backup, sha256)
        if not place.exists():
            raise CannotStart(_("The backup lacks {file}: nothing was restored. Take another backup.", file=place))
        if not is_whole(place, sha256):
            raise CannotStart(_("{file} is damaged: nothing was restored. Take another backup.", file=place))


def make_durable(folder: Path) -> None:
    """Return once all that was written to the file system of `folder` is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        # One call for many files: to ask for each by itself takes as long as the copying.
        if not hasattr(_libc, "syncfs") or _libc.syncfs(handle):
            os.sync()
    finally:
        os.close(handle)

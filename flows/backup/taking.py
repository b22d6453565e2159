"""Taking a backup: one snapshot of the database, then every file that it names; under its name only once all of it is on the disk."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.errors import NotFound
from campaigns.core.files import sha256_of, storage
from campaigns.core.settings import Settings
from campaigns.core.words import _, n_
from flows.backup import copies, database
from flows.backup.manifest import DUMP, LIST, MANIFEST, Manifest, fingerprint, proof_of
from flows.supervise.errors import CannotStart
from workers import housekeeping
from workers.transactions import engine

NAME = "callboard-%Y-%m-%dT%H%M%SZ"
UNFINISHED = ".unfinished-"
Say = Callable[[str], None]


def take(settings: Settings, folder: Path, say: Say) -> tuple[Path, Manifest]:
    """Take a backup into a new folder in `folder`; returns where it is and what it says of itself.

    Raises CannotStart when it could not be taken whole, and then leaves nothing behind.
    """
    with alone_in(folder), database.opened(settings):
        name = clock.process_now().strftime(NAME)
        draft, target = folder / f"{UNFINISHED}{name}", folder / name
        if target.exists():
            raise CannotStart(_("There is already a backup of this second: {folder}.", folder=target))
        try:
            draft.mkdir(mode=0o700)
            manifest = _fill(settings, draft, newest(folder), say)
            copies.make_durable(draft)
            draft.rename(target)
            copies.make_durable(folder)
        except SQLAlchemyError as failed:
            raise CannotStart(_("The database could not be read: {why}.", why=str(failed).splitlines()[0])) from failed
        except OSError as full:
            raise CannotStart(
                _("The backup could not be written to {folder} ({why}); the partial backup was removed.", folder=folder, why=full.strerror)
            ) from full
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target, manifest


def newest(folder: Path) -> Path | None:
    """The newest whole backup in a folder."""
    return max((found.parent for found in folder.glob(f"callboard-*/{MANIFEST}")), default=None)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else takes a backup there while the block runs; what one that was killed has left is gone."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as closed:
        raise CannotStart(_("{folder} cannot be written ({why}): choose another folder.", folder=folder, why=closed.strerror)) from closed
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    except BlockingIOError as held:
        raise CannotStart(_("Another backup is being written to {folder}: wait until it is done.", folder=folder)) from held
    finally:
        os.close(handle)


def _fill(settings: Settings, draft: Path, earlier: Path | None, say: Say) -> Manifest:
    with engine().connect() as connection, housekeeping.every_file_stays(connection):
        taken_at = clock.process_now()
        with engine().connect().execution_options(isolation_level="REPEATABLE READ") as reading, Session(reading) as session:
            _require_an_installation(reading)
            snapshot = session.scalars(text("select pg_export_snapshot()")).one()
            database.dump(settings, snapshot, draft / DUMP)
            say(_("The database is backed up."))
            proof, named = proof_of(session), housekeeping.named_files(session)
            server = reading.connection.driver_connection.info.server_version  # type: ignore[union-attr]
        files = _bring(named, draft, earlier)
    listing = copies.listed(files)
    (draft / LIST).write_text(listing)
    manifest = Manifest(
        callboard=version("callboard"),
        taken_at=taken_at,
        postgresql=server // 10_000,
        dump=sha256_of(draft / DUMP),
        listed=sha256_of(draft / LIST),
        files=len(files),
        bytes=sum(files.values()),
        lost=sorted(named - files.keys()),
        secret=fingerprint(settings),
        proof=proof,
    )
    (draft / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
    return manifest


def _require_an_installation(reading: Connection) -> None:
    if reading.scalar(text("select to_regclass('alembic_version')")) is None:
        raise CannotStart(_("There is no installation in this database: nothing to back up."))
    if reading.scalar(text("select to_regnamespace(:name)"), {"name": database.UNFINISHED}):
        raise CannotStart(_("A restore into this database was not finished: finish it before you take a backup."))


def _bring(named: set[str], draft: Path, earlier: Path | None) -> Mapping[str, int]:
    """Every file that the snapshot names, whole and proved, with its bytes; those that are whole nowhere are left out."""
    found: dict[str, int] = {}
    for sha256 in sorted(named):
        target = copies.place_of(draft, sha256)
        size = copies.bring(sha256, target, earlier=copies.place_of(earlier, sha256) if earlier else None, storage=_stored(sha256))
        if size is not None:
            found[sha256] = size
    return found


def _stored(sha256: str) -> Path | None:
    try:
        return storage().path(sha256)
    except NotFound:
        return None


def told(where: Path, manifest: Manifest) -> str:
    """What was taken, in one sentence."""
    return n_(
        "{where}: the database and {count} file, {bytes} bytes, all verified.",
        "{where}: the database and {count} files, {bytes} bytes, all verified.",
        manifest.files,
        where=where,
        bytes=manifest.bytes,
    )


def told_of_the_lost(manifest: Manifest) -> str:
    """What the storage itself had lost before, in one sentence."""
    return n_(
        "{count} file that the database names is lost or damaged in the storage, and in no earlier backup here: {names}.",
        "{count} files that the database names are lost or damaged in the storage, and in no earlier backup here: {names}.",
        len(manifest.lost),
        names=", ".join(manifest.lost[:5]),
    )

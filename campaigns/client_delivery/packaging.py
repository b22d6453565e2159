"""The package that is handed over for an approved version: built outside any transaction, recorded once, the same bytes each time."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import BinaryIO
from uuid import UUID
from zipfile import ZipFile, ZipInfo

from sqlalchemy.orm import Session

from campaigns.client_delivery.errors import FileChanged, NothingStopped
from campaigns.client_delivery.manifest import credits_text, licence_text, manifest, provenance_of
from campaigns.client_delivery.models import Cut, Package
from campaigns.client_delivery.queries import find_version
from campaigns.core import events
from campaigns.core.campaign import Track
from campaigns.core.files import Stored, storage
from campaigns.core.people import HOUSE, Actor
from campaigns.core.permissions import Permission
from campaigns.core.settings import settings
from campaigns.core.words import _, reading_in

EARLIEST = (1980, 1, 1, 0, 0, 0)
UNIX, READABLE = 3, 0o644 << 16
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a package: the deliverable's file, kept under `sha256` and called `name`, and the texts beside it by their names."""

    name: str
    sha256: str
    texts: Mapping[str, bytes]


def contents_of(session: Session, cut_id: UUID) -> Contents:
    """What the package of an approved version contains, its SHA256SUMS last."""
    found = provenance_of(session, cut_id)
    with reading_in(settings().default_locale):
        texts = {"CREDITS.txt": credits_text(found), "MANIFEST.json": manifest(found)}
    texts |= {f"LICENCE-{version}.txt": licence_text(version) for version in found.licences}
    whole = {name: text.encode() for name, text in texts.items()}
    hashes = {found.version.file_name: found.version.cut.sha256} | {name: hashlib.sha256(text).hexdigest() for name, text in whole.items()}
    sums = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(hashes.items()))
    return Contents(found.version.file_name, found.version.cut.sha256, whole | {"SHA256SUMS": sums.encode()})


def build(contents: Contents) -> Stored:
    """Build the package and put it into the storage; safe to do twice, for the same contents make the same file.

    Raises FileChanged where the file is not the one that was approved any more, and NotFound where it is gone.
    """
    original = storage().path(contents.sha256)
    with storage().scratch() as folder:
        path = folder / "package.zip"
        # Nothing is compressed: media hardly shrink, and how a text is compressed differs between machines.
        with ZipFile(path, "w") as package:
            with original.open("rb") as file:
                if _add(package, contents.name, file, original.stat().st_size) != contents.sha256:
                    raise FileChanged(_("The kept file of this version is not the one that was approved: its bytes have changed."))
            for name, text in sorted(contents.texts.items()):
                _add(package, name, BytesIO(text), len(text))
        return storage().keep(path)


def _add(package: ZipFile, name: str, source: BinaryIO, length: int) -> str:
    """Write what `source` has under `name`; returns the SHA-256 of the bytes that were written, in hexadecimal."""
    copied = hashlib.sha256()
    member = ZipInfo(name, EARLIEST)
    member.create_system, member.external_attr, member.file_size = UNIX, READABLE, length
    with package.open(member, "w") as target:
        while chunk := source.read(CHUNK):
            copied.update(chunk)
            target.write(chunk)
    return copied.hexdigest()


def record(session: Session, cut_id: UUID, stored: Stored, *, at: datetime) -> Package:
    """Record the package, once: the first one recorded stands."""
    if (there := session.get(Package, cut_id)) is not None:
        return there
    cut, package = session.get_one(Cut, cut_id), Package(cut_id=cut_id, sha256=stored.sha256, bytes=stored.bytes, made_at=at)
    session.add(package)
    session.flush()
    track = session.get_one(Track, cut.track_id)
    events.record(
        session, "client_delivery.packaged", by=HOUSE, at=at, campaign_id=track.campaign_id, track_id=track.id,
        cut=str(cut_id), number=cut.number, sha256=stored.sha256, bytes=stored.bytes,
    )  # fmt: skip
    return package


def stop(session: Session, cut_id: UUID, problem: str, *, at: datetime) -> None:
    """Record why there is no package, once; nothing is tried again until somebody asks for it."""
    cut = session.get_one(Cut, cut_id, with_for_update=True, populate_existing=True)
    if cut.package_problem is not None or session.get(Package, cut_id) is not None:
        return
    cut.package_problem = problem
    track = session.get_one(Track, cut.track_id)
    events.record(
        session, "client_delivery.package_stopped", by=HOUSE, at=at, campaign_id=track.campaign_id, track_id=track.id,
        reason=problem, cut=str(cut_id), number=cut.number,
    )  # fmt: skip


def pack_again(session: Session, cut_id: UUID, *, by: Actor, at: datetime) -> Cut:
    """Have a package tried again that was stopped, once its file is back as it was; raises NothingStopped."""
    version = find_version(session, cut_id, by=by, lock=True)
    by.require(Permission.APPROVE_INTERNALLY, on=version.track)
    if version.cut.package_problem is None:
        raise NothingStopped(_("No package of this version was stopped."))
    version.cut.package_problem = None
    session.flush()
    events.record(
        session, "client_delivery.package_asked", by=by, at=at, campaign_id=version.track.campaign_id, track_id=version.track.id,
        cut=str(cut_id), number=version.cut.number,
    )  # fmt: skip
    return version.cut

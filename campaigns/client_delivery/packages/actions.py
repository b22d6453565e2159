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

from campaigns.client_delivery.details import VersionDetails
from campaigns.client_delivery.errors import FileChanged, NothingStopped
from campaigns.client_delivery.models import Package, Version
from campaigns.client_delivery.packages.manifests import credits_text, licence_text, manifest, provenance_of
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.rules import require_deliverable
from campaigns.core import events
from campaigns.core.campaign import Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.files import Stored, storage
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Permission
from campaigns.core.settings import settings
from campaigns.core.words import _, reading_in

EARLIEST = (1980, 1, 1, 0, 0, 0)
UNIX, READABLE = 3, 0o644 << 16
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a package: the deliverable's file, kept under `sha256` and called `name`, and the texts beside it by their names.

    `lineage_sha256` is the hash of the lineage that they were written from.
    """

    name: str
    sha256: str
    texts: Mapping[str, bytes]
    lineage_sha256: str | None = None

    @property
    def texts_sha256(self) -> str:
        """The hash, in hexadecimal, of every text: of its SHA256SUMS, where it has them."""
        return hashlib.sha256(b"".join(text for _name, text in sorted(self.texts.items()))).hexdigest()


@dataclass(frozen=True, slots=True)
class Built(Stored):
    """A package in the storage, the hash of the lineage that its texts were written from, and that of the texts themselves."""

    lineage_sha256: str | None = None
    texts_sha256: str | None = None


def contents_of(session: Session, version_id: UUID) -> Contents:
    """What the package of an approved version contains, its SHA256SUMS last."""
    found = provenance_of(session, version_id)
    with reading_in(settings().default_locale):
        texts = {"CREDITS.txt": credits_text(found), "MANIFEST.json": manifest(found)}
    texts |= {f"LICENCE-{version}.txt": licence_text(version) for version in found.licences}
    whole = {name: text.encode() for name, text in texts.items()}
    hashes = {found.details.file_name: found.details.version.sha256} | {
        name: hashlib.sha256(text).hexdigest() for name, text in whole.items()
    }
    sums = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(hashes.items()))
    texts_and_sums = whole | {"SHA256SUMS": sums.encode()}
    return Contents(found.details.file_name, found.details.version.sha256, texts_and_sums, found.lineage.sha256)


def build(contents: Contents) -> Built:
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
                    raise FileChanged(_("The stored file of this version differs from the approved one: its bytes have changed."))
            for name, text in sorted(contents.texts.items()):
                _add(package, name, BytesIO(text), len(text))
        stored = storage().keep(path)
    return Built(stored.sha256, stored.bytes, contents.lineage_sha256, contents.texts_sha256)


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


def record(session: Session, version_id: UUID, built: Built, *, at: datetime) -> Package | None:
    """Record the package, once: the first one recorded stands. None where its credits are not true any more: it is built anew.

    Raises the refusal of what has come in its way since it was built; nothing else of its campaign changes until the transaction ends.
    """
    details = find_version_details(session, version_id, by=SYSTEM, lock=True)
    if details.package is not None:
        return details.package
    require_deliverable(details)
    if not _is_true(session, version_id, built):
        return None
    package = Package(version_id=version_id, sha256=built.sha256, bytes=built.bytes, made_at=at, lineage_sha256=built.lineage_sha256)
    session.add(package)
    session.flush()
    _record(session, EventName.CLIENT_DELIVERY_PACKAGED, details, package, at)
    return package


def record_again(session: Session, version_id: UUID, built: Built, *, at: datetime) -> Package:
    """Record the package that takes the place of one whose credits were outdated; what was delivered stays so, whatever was taken down.

    Where what it says is not true any more either, the old one stays outdated, and it is built anew.
    """
    details = find_version_details(session, version_id, by=SYSTEM, lock=True)
    package = session.get_one(Package, version_id, with_for_update=True, populate_existing=True)
    if not _is_true(session, version_id, built):
        return package
    package.is_outdated = False
    if package.sha256 == built.sha256:
        session.flush()
        return package
    package.sha256, package.bytes, package.made_at, package.lineage_sha256 = built.sha256, built.bytes, at, built.lineage_sha256
    package.edition += 1
    session.flush()
    _record(session, EventName.CLIENT_DELIVERY_PACKAGED_AGAIN, details, package, at)
    return package


def _is_true(session: Session, version_id: UUID, built: Built) -> bool:
    """Whether what its texts say is still so: the lineage, who has confirmed their credit, and what was taken down."""
    return built.texts_sha256 in (None, contents_of(session, version_id).texts_sha256)


def _record(session: Session, name: EventName, details: VersionDetails, package: Package, at: datetime) -> None:
    events.record(
        session, name, by=SYSTEM, at=at, campaign_id=details.deliverable.campaign_id,
        deliverable_id=details.deliverable.id,
        cut=str(package.version_id), number=details.version.number, sha256=package.sha256, bytes=package.bytes,
    )  # fmt: skip


def stop(session: Session, version_id: UUID, problem: str, *, at: datetime) -> None:
    """Record why there is no package, once; nothing is tried again until somebody asks for it."""
    version = session.get_one(Version, version_id, with_for_update=True, populate_existing=True)
    if version.package_problem is not None:
        return
    version.package_problem = problem
    deliverable = session.get_one(Deliverable, version.deliverable_id)
    events.record(
        session, EventName.CLIENT_DELIVERY_PACKAGE_STOPPED, by=SYSTEM, at=at, campaign_id=deliverable.campaign_id,
        deliverable_id=deliverable.id,
        reason=problem, cut=str(version_id), number=version.number,
    )  # fmt: skip


def pack_again(session: Session, version_id: UUID, *, by: Actor, at: datetime) -> Version:
    """Have a package tried again that was stopped, once its file is back as it was; raises NothingStopped."""
    details = find_version_details(session, version_id, by=by, lock=True)
    by.require(Permission.APPROVE_INTERNALLY, on=details.deliverable)
    if details.version.package_problem is None:
        raise NothingStopped(_("The package of this version has not failed."))
    details.version.package_problem = None
    session.flush()
    events.record(
        session, EventName.CLIENT_DELIVERY_PACKAGE_ASKED, by=by, at=at, campaign_id=details.deliverable.campaign_id,
        deliverable_id=details.deliverable.id,
        cut=str(version_id), number=details.version.number,
    )  # fmt: skip
    return details.version

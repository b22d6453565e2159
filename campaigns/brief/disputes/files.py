"""Files of the evidence of a dispute: one for each of the bank's fields, ours to change until they are handed in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from campaigns.brief.disputes.errors import EvidenceTooLarge, NoSuchFile, TooManyPages
from campaigns.brief.disputes.models import FILE_FIELDS, MOST_BYTES, MOST_PAGES, DisputeFile
from campaigns.brief.disputes.queries import find_answerable
from campaigns.core.errors import Invalid
from campaigns.core.people import Actor
from campaigns.core.words import _


@dataclass(frozen=True, slots=True)
class Proven:
    """A file that is what it says, kept in the storage."""

    name: str
    mime: str
    sha256: str
    bytes: int
    pages: int


def require_field(field: str) -> None:
    """Raise Invalid where the bank has no such field for a file."""
    if field not in FILE_FIELDS:
        raise Invalid(_("The bank has no such field for a file."), field="field")


def attach(session: Session, dispute_id: UUID, field: str, file: Proven, *, by: Actor, at: datetime) -> DisputeFile:
    """Put a file into a field of the evidence, in the place of the one before; the same once more changes nothing."""
    require_field(field)
    dispute = find_answerable(session, dispute_id, by=by, at=at)
    files = files_of(session, dispute.id)
    before = next((each for each in files if each.field == field), None)
    if before and (before.sha256, before.name) == (file.sha256, file.name):
        return before
    _require_room(file, [each for each in files if each is not before], field)
    if before:
        session.delete(before)
        session.flush()
    about = {"name": file.name, "mime": file.mime, "sha256": file.sha256, "bytes": file.bytes, "pages": file.pages}
    new = DisputeFile(dispute_id=dispute.id, field=field, added_by=by.person, added_at=at, **about)
    session.add(new)
    session.flush()
    return new


def _require_room(file: Proven, others: Collection[DisputeFile], field: str) -> None:
    if file.bytes + sum(each.bytes for each in others) > MOST_BYTES:
        raise too_large(file.name, field)
    if file.pages + sum(each.pages for each in others) > MOST_PAGES:
        sentence = _("With “{file}”, the files have more than the {count} pages the bank accepts.", file=file.name, count=MOST_PAGES)
        raise TooManyPages(sentence, field=field)


def too_large(name: str, field: str) -> EvidenceTooLarge:
    """The refusal of a file for which the bank has no room."""
    return EvidenceTooLarge(
        _("“{file}” is too large: all files together may be {most} MB. Send a smaller one.", file=name, most=f"{MOST_BYTES / 1e6:g}"),
        field=field,
    )


def remove(session: Session, dispute_id: UUID, field: str, *, by: Actor, at: datetime) -> None:
    """Take a file out of the evidence; raises NoSuchFile where the field has none."""
    dispute = find_answerable(session, dispute_id, by=by, at=at)
    found = session.scalars(select(DisputeFile).where(DisputeFile.dispute_id == dispute.id, DisputeFile.field == field)).one_or_none()
    if found is None:
        raise NoSuchFile(_("There is no such file in the evidence."))
    session.delete(found)
    session.flush()


def files_of(session: Session, dispute_id: UUID) -> Sequence[DisputeFile]:
    """The files of a dispute that whoever asks may see, in the order of the fields."""
    found = session.scalars(select(DisputeFile).where(DisputeFile.dispute_id == dispute_id)).all()
    return sorted(found, key=lambda file: FILE_FIELDS.index(file.field))


def has_files(session: Session, dispute_id: UUID) -> bool:
    """Whether the evidence has a file at all."""
    return bool(session.scalar(select(exists().where(DisputeFile.dispute_id == dispute_id))))


def forget_sent(session: Session, dispute_id: UUID) -> None:
    """Have every file sent anew with the next answer: the provider may have refused the evidence because it no longer has one of them."""
    send_anew(session, DisputeFile.dispute_id == dispute_id)


def send_anew(session: Session, which: ColumnElement[bool]) -> None:
    """Under a key that has no answer yet."""
    session.execute(update(DisputeFile).where(which).values(provider_id=None, tries=DisputeFile.tries + 1))

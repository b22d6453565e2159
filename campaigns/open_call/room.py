"""Room for files that belong to nothing yet: bounded for each person and in all, and the disk is never filled by them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from campaigns.core.files import NoRoom, storage
from campaigns.core.people import Actor, Person
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.open_call.errors import TooManyUploads, TooMuchUploaded
from campaigns.open_call.models import Upload, UploadState

MOST_LOOSE = 20
LARGEST_SHARE = 4  # of what one file may have, in files that belong to nothing, for one person
LEAST_LEFT, MOST_LEFT, PART_LEFT = 1024**3, 20 * 1024**3, 20
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Disk:
    """What is left of the disk that files are kept on, and how much of it stays free of new uploads; in bytes."""

    free: int
    total: int
    reserve: int

    @property
    def is_short(self) -> bool:
        return self.free < self.reserve


def disk() -> Disk:
    """The disk as it is now: a twentieth of it stays free, unless the installation says how much."""
    free, total = storage().room()
    return Disk(free, total, settings().disk_reserve_bytes or min(max(total // PART_LEFT, LEAST_LEFT), MOST_LEFT))


def require_room(session: Session, length: int, *, by: Actor, now: datetime) -> None:
    """Raise TooManyUploads, TooMuchUploaded or NoRoom where a file of `length` bytes more is too much for its owner or for us.

    Beginnings of one person are counted one by one. Those of several at once may go past what is allowed in all by a file each: the
    reserve is larger than that.
    """
    session.execute(select(Person.id).where(Person.id == by.person).with_for_update(key_share=True))
    mine, bytes_mine = _loose(session, Upload.person_id == by.person)
    if mine >= MOST_LOOSE:
        sentence = _("You have {most} unused uploads. Use or cancel one before you start another.", most=MOST_LOOSE)
        raise TooManyUploads(sentence)
    if bytes_mine + length > (most := LARGEST_SHARE * settings().upload_limit_bytes):
        sentence = _("Your unused uploads are limited to {most} in total. Use or cancel some of them.", most=_size(most))
        raise TooMuchUploaded(sentence)
    _all, bytes_of_all = _loose(session)
    if bytes_of_all + length > settings().loose_upload_bytes:
        raise NoRoom(_("Upload storage is full at the moment. Try again in a few hours."))
    require_disk(length + _coming(session, now))


def require_disk(more: int = 0) -> None:
    """Raise NoRoom where `more` bytes would leave less of the disk free than its reserve."""
    there = disk()
    if there.free - more < there.reserve:
        raise NoRoom(_("The disk is nearly full, so uploads are paused. Tell the operator of Callboard and try again later."))


def _is_loose() -> ColumnElement[bool]:
    """Whether it is on the disk, or coming to it, and belongs to no contribution and no version: also once it has expired, until it is
    deleted."""
    return ~Upload.is_used & (Upload.state != UploadState.REFUSED)


def _loose(session: Session, *whose: ColumnElement[bool]) -> tuple[int, int]:
    query = select(func.count(), func.coalesce(func.sum(Upload.length), 0)).where(_is_loose(), *whose)
    count, length = session.execute(query).one()
    return count, int(length)


def _coming(session: Session, now: datetime) -> int:
    """How many bytes have been announced, are not here yet and may still come."""
    to_come = func.coalesce(func.sum(Upload.length - Upload.offset), 0)
    is_arriving = (Upload.state == UploadState.ARRIVING) & (Upload.expires_at > now)
    return int(session.scalar(select(to_come).where(_is_loose(), is_arriving)) or 0)


def _size(count: int) -> str:
    return _("{count} GB", count=f"{count / GIGABYTE:.1f}")

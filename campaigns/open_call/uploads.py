"""Uploads: bytes that arrive in pieces, survive the death of the server, and become a file only once all of it has been proved."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.errors import Invalid
from campaigns.core.files import READABLE, storage
from campaigns.core.people import Actor
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.core.writing import as_name
from campaigns.open_call.errors import ArrivedAlready, EmptyFile, NoSuchUpload, TooLarge, UploadExpired, UploadUsed
from campaigns.open_call.media import decode, faults, proof
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.models import Upload, UploadState
from campaigns.open_call.room import MOST_LOOSE, require_room

LIFE = timedelta(hours=24)
UNFINISHED = (UploadState.ARRIVING, UploadState.COMPLETE)


def begin(session: Session, name: str, declared: str | None, length: int, *, by: Actor) -> Upload:
    """Make room for a file of `length` bytes that its owner calls `name`."""
    name = as_name(name) or _("file")
    if length < 1:
        raise EmptyFile(_("“{file}” is empty. Upload a file with content.", file=name), field="file")
    if length > (most := settings().upload_limit_bytes):
        raise TooLarge(_("“{file}” is too large. Files can have up to {most} bytes.", file=name, most=most), field="file")
    now = clock.process_now()
    require_room(session, length, by=by, now=now)
    upload = Upload(
        person_id=by.person, name=name[-255:], declared=(declared or "")[:120] or None, length=length, offset=0,
        began_at=now, expires_at=now + LIFE,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    storage().staged(upload.id).touch(READABLE)
    return upload


def give_up(session: Session, upload_id: UUID, *, by: Actor) -> Upload:
    """Forget one's own upload, whole or not, that is in no contribution and no version; raises UploadUsed for one that is.

    The file of one that is whole goes once this is committed: see `housekeeping.let_go`.
    """
    upload = find_upload(session, upload_id, by=by, lock=True)
    if upload.is_used:
        raise UploadUsed(_("“{file}” is already used in a contribution or a version, so the upload cannot be canceled.", file=upload.name))
    if upload.state is UploadState.COMPLETE:
        raise ArrivedAlready(_("“{file}” is being checked. Cancel the upload once that is done.", file=upload.name))
    session.delete(upload)
    session.flush()
    storage().staged(upload_id).unlink(missing_ok=True)
    return upload


def take_text(session: Session, text: str, mime: str, *, by: Actor) -> Upload:
    """A text that was written here instead of uploaded, proved at once; `mime` is text/markdown or text/plain."""
    raw, format_ = text.encode(), BY_MIME[mime]
    name = _("your text")
    if (found := decode.text_fault(raw)) is not None:
        raise proof.fault(found, name)
    require_room(session, len(raw), by=by, now=clock.process_now())
    with storage().scratch() as folder:
        (folder / "text").write_bytes(raw)
        stored = storage().keep(folder / "text")
    now = clock.process_now()
    upload = Upload(
        person_id=by.person, name=f"text.{format_.endings[0]}", declared=mime, length=len(raw), offset=len(raw), began_at=now,
        expires_at=now + LIFE, state=UploadState.PROVEN, sha256=stored.sha256, mime=format_.mime,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    return upload


def find_upload(session: Session, upload_id: UUID, *, by: Actor, lock: bool = False) -> Upload:
    """One's own upload; raises NoSuchUpload, and UploadExpired when its bytes did not come in time."""
    query = select(Upload).where(Upload.id == upload_id, Upload.person_id == by.person).execution_options(populate_existing=True)
    upload = session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if upload is None:
        raise NoSuchUpload(_("You have no such upload."), field="upload_id")
    if upload.state in UNFINISHED and upload.expires_at <= clock.process_now():
        raise UploadExpired(_("This upload was not finished in time. Start it again."), field="upload_id")
    return upload


def at_hand(session: Session, *, by: Actor) -> Sequence[Upload]:
    """One's uploads that are whole and in no contribution or version yet, as long as they are kept, or still on their way, newest first."""
    is_kept = (Upload.state == UploadState.PROVEN) | (Upload.expires_at > clock.process_now())
    query = select(Upload).where(Upload.person_id == by.person, is_kept, ~Upload.is_used)
    return session.scalars(query.where(Upload.state != UploadState.REFUSED).order_by(Upload.id.desc()).limit(MOST_LOOSE)).all()


def fault_of(upload: Upload) -> Invalid:
    """The refusal of an upload that was refused."""
    refusal: Invalid = getattr(faults, upload.fault or "")(upload.refusal, field="file")
    return refusal


def discard_expired(session: Session, *, at: datetime) -> int:
    """Forget the uploads whose bytes did not come by `at`, a process time; returns how many."""
    late = session.scalars(
        delete(Upload).where(Upload.state.in_(UNFINISHED), Upload.expires_at <= at).returning(Upload.id)
    ).all()  # fmt: skip
    for upload_id in late:
        storage().staged(upload_id).unlink(missing_ok=True)
    return len(late)

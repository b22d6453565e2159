"""Uploads by tus 1.0 (core, creation, expiration, checksum): a file in pieces, taken up again wherever it stopped."""

import logging
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import APIRouter, Cookie, Depends, Header, Request, Response
from fastapi.concurrency import contextmanager_in_threadpool
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect

from api.deps import COOKIE, By, Tx, anyone, bearer, someone
from campaigns.core.errors import Invalid, Refusal
from campaigns.core.people import Actor
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.open_call import uploads
from campaigns.open_call.media.turns import CORES
from campaigns.open_call.models import Upload, UploadState
from workers import housekeeping
from workers.open_call.upload_writers import UploadWriter, arrival
from workers.open_call.uploads import settle
from workers.transactions import unit_of_work

router = APIRouter()
VERSION = "1.0.0"
TUS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
BYTES = "application/offset+octet-stream"
# Proving a film takes minutes: it must not use up the threads that everything else is answered with. How many programs do so at once on
# the machine is bounded where they are started.
PROVERS = CapacityLimiter(CORES)
COUNT, WORDS = {"type": "integer", "minimum": 0}, {"type": "string"}
SAID: dict[str, dict[str, Any]] = {
    "Tus-Resumable": {"const": VERSION}, "Upload-Offset": COUNT, "Upload-Length": COUNT, "Location": WORDS, "Tus-Version": WORDS,
    "Tus-Extension": WORDS, "Tus-Checksum-Algorithm": WORDS, "Tus-Max-Size": COUNT,
}  # fmt: skip
BODY = {"required": True, "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}}
log = logging.getLogger("callboard.api")


class UnknownProtocol(Refusal):
    """The client does not use the supported version of tus."""

    status = 412


class NotBytes(Refusal):
    """The Content-Type of the body is not the one for upload bytes."""

    status = 415


class UploadShown(BaseModel):
    """The progress of one of your uploads; `refusal` says what is wrong with its file."""

    id: UUID
    state: UploadState
    offset: int = Field(examples=[1048576], description="Number of bytes stored.")
    length: int = Field(examples=[4194304])
    mime: str | None = Field(examples=["image/jpeg"])
    refusal: str | None = None
    expires_at: datetime

    @classmethod
    def of(cls, upload: Upload) -> "UploadShown":
        return cls(
            id=upload.id, state=upload.state, offset=upload.offset, length=upload.length, mime=upload.mime,
            refusal=upload.refusal, expires_at=upload.expires_at,
        )  # fmt: skip


def sender(
    request: Request,
    token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)] = None,
) -> Actor:
    """Who sends, in a transaction that has ended before the first byte: an upload may take hours."""
    with unit_of_work() as session:
        return someone(anyone(request, session, token, cookie))


def speaks_tus(tus_resumable: Annotated[str | None, Header(examples=[VERSION])] = None) -> None:
    """Raise UnknownProtocol unless the client speaks our version of tus."""
    if tus_resumable != VERSION:
        sentence = _("The header Tus-Resumable must be {version}.", version=VERSION)
        raise UnknownProtocol(sentence, field="Tus-Resumable")


def tells(status: int, *more: str) -> dict[int | str, dict[str, Any]]:
    """What an answer of this status says in its headers, as the API's description has it."""
    return {status: {"headers": {name: {"required": True, "schema": SAID[name]} for name in ("Tus-Resumable", *more)}}}


Sender = Annotated[Actor, Depends(sender)]
InTus = [Depends(speaks_tus)]


@router.options("/uploads", status_code=204, responses=tells(204, "Tus-Version", "Tus-Extension", "Tus-Checksum-Algorithm", "Tus-Max-Size"))
def say_what_is_possible() -> Response:
    """Show which parts of tus this server supports."""
    able = {
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,expiration,checksum,termination",
        "Tus-Checksum-Algorithm": "sha256",
        "Tus-Max-Size": str(settings().upload_limit_bytes),
    }
    return Response(status_code=204, headers=TUS | able)


@router.post("/uploads", status_code=201, response_class=Response, responses=tells(201, "Location", "Upload-Offset"), dependencies=InTus)
def begin_upload(
    session: Tx,
    by: By,
    upload_length: Annotated[int, Header(examples=[4194304])],
    upload_metadata: Annotated[str, Header(examples=["filename bGFudGVybnMuanBn,filetype aW1hZ2UvanBlZw=="])] = "",
) -> Response:
    """Start an upload: its length, and its `filename` and `filetype` in Upload-Metadata. `Location` is the URL for its bytes."""
    said = metadata(upload_metadata)
    if not said.get("filename"):
        raise Invalid(_("Upload-Metadata must include the filename."), field="Upload-Metadata")
    upload = uploads.begin(session, said["filename"], said.get("filetype"), upload_length, by=by)
    return Response(status_code=201, headers=_standing(upload) | {"Location": f"/api/v1/uploads/{upload.id}"})


@router.head(
    "/uploads/{upload_id}",
    status_code=200,
    response_class=Response,
    responses=tells(200, "Upload-Offset", "Upload-Length"),
    dependencies=InTus,
)
async def ask_offset(upload_id: UUID, by: Sender) -> Response:
    """Show how many bytes are stored. A complete file whose check was interrupted is checked now."""
    upload = await to_thread.run_sync(partial(_found, upload_id, by))
    if upload.state is UploadState.COMPLETE:
        upload = await to_thread.run_sync(partial(settle, upload_id, by=by), limiter=PROVERS)
    return Response(status_code=200, headers=_standing(upload) | {"Upload-Length": str(upload.length)})


@router.get("/uploads/{upload_id}")
def show_upload(upload_id: UUID, session: Tx, by: By) -> UploadShown:
    """Show the progress of one of your uploads, and what is wrong with its file."""
    return UploadShown.of(uploads.find_upload(session, upload_id, by=by))


@router.patch(
    "/uploads/{upload_id}", status_code=204, responses=tells(204, "Upload-Offset"), dependencies=InTus, openapi_extra={"requestBody": BODY}
)
async def send_bytes(
    upload_id: UUID,
    request: Request,
    by: Sender,
    upload_offset: Annotated[int, Header()],
    content_type: Annotated[str, Header(include_in_schema=False)] = "",
    upload_checksum: Annotated[str | None, Header(examples=["sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="])] = None,
) -> Response:
    """Send bytes from `Upload-Offset` on. After the last one, the file is decoded to check it and accepted or refused."""
    if content_type != BYTES:
        raise NotBytes(_("Send the bytes as {type}.", type=BYTES), field="Content-Type")
    async with contextmanager_in_threadpool(arrival(upload_id, upload_offset, _checksum(upload_checksum), by=by)) as arriving:
        await _receive(request, arriving)
    upload = arriving.upload
    if arriving.is_complete:
        upload = await to_thread.run_sync(partial(settle, upload_id, by=by), limiter=PROVERS)
    return Response(status_code=204, headers=_standing(upload) | {"Upload-Offset": str(arriving.safe)})


@router.delete("/uploads/{upload_id}", status_code=204, responses=tells(204), dependencies=InTus)
def give_up(upload_id: UUID, session: Tx, by: By) -> Response:
    """Cancel one of your uploads, complete or not, that is not in any contribution or version."""
    given_up = uploads.give_up(session, upload_id, by=by)
    # Only after the commit: a file without its row is a file too many, a row without its file is a contribution that is lost.
    return Response(status_code=204, headers=TUS, background=BackgroundTask(housekeeping.let_go, given_up))


async def _receive(request: Request, arriving: UploadWriter) -> None:
    try:
        async for chunk in request.stream():
            arriving.write(chunk)
            if arriving.wants_safety:
                await to_thread.run_sync(arriving.make_safe)
        await to_thread.run_sync(arriving.finish)
    except ClientDisconnect:
        log.info("The connection of an upload was lost: it goes on from what came.")
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(arriving.keep_what_came)


def _found(upload_id: UUID, by: Actor) -> Upload:
    with unit_of_work() as session:
        return uploads.find_upload(session, upload_id, by=by)


def _standing(upload: Upload) -> dict[str, str]:
    expires = (
        {"Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)} if upload.state in uploads.UNFINISHED else {}
    )
    return TUS | expires | {"Upload-Offset": str(upload.offset)}


def metadata(header: str) -> dict[str, str]:
    """Upload-Metadata as a dictionary: `key base64,key base64`; raises Invalid."""
    try:
        pairs = (part.strip().partition(" ") for part in header.split(",") if part.strip())
        return {key: b64decode(value, validate=True).decode() for key, _space, value in pairs}
    except (NotBase64, UnicodeDecodeError):
        raise Invalid(_("Upload-Metadata is not of the form “key base64, key base64”."), field="Upload-Metadata") from None


def _checksum(header: str | None) -> bytes | None:
    if header is None:
        return None
    algorithm, _space, value = header.partition(" ")
    if algorithm != "sha256":
        raise Invalid(_("Only sha256 checksums are supported."), field="Upload-Checksum")
    try:
        return b64decode(value, validate=True)
    except NotBase64:
        raise Invalid(_("The checksum is not base64."), field="Upload-Checksum") from None

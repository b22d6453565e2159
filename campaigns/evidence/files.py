"""A file for a dispute's evidence, as it comes: what it is is seen by its bytes, all of it is opened once, and then it is kept."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import filetype
from sqlalchemy.orm import Session

from campaigns.brief.disputes import files
from campaigns.brief.disputes.errors import NotEvidence
from campaigns.brief.disputes.files import Proven
from campaigns.brief.disputes.models import MOST_BYTES, DisputeFile
from campaigns.brief.disputes.queries import require_answerable
from campaigns.core.errors import Invalid
from campaigns.core.files import READABLE, storage
from campaigns.core.ids import new_id
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.core.writing import as_name
from campaigns.open_call.media import confined, proof

DECODE = "campaigns.open_call.media.decode"
# What opens each, walled in.
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "application/pdf": ("campaigns.open_call.media.paper",),
    "image/jpeg": (DECODE, "picture", "jpegload"),
    "image/png": (DECODE, "picture", "pngload"),
}


def attach_file(
    session: Session, dispute_id: UUID, field: str, name: str, content: BinaryIO, *, by: Actor, at: datetime
) -> DisputeFile:  # fmt: skip
    """Put a file into a field of the evidence; raises an Invalid, naming the file, for what a bank could not open or would not read."""
    require_answerable(session, dispute_id, by=by, at=at)
    files.require_field(field)
    name = (as_name(name) or _("file"))[-255:]
    staged = storage().staged(new_id())
    staged.touch(READABLE)
    try:
        proven = _proven(_arrived(content, staged, name, field), name)
    except Invalid as refusal:
        refusal.field = field
        raise
    finally:
        staged.unlink(missing_ok=True)
    return files.attach(session, dispute_id, field, proven, by=by, at=at)


def _arrived(content: BinaryIO, staged: Path, name: str, field: str) -> Path:
    """The file with all its bytes in it; raises EvidenceTooLarge before more are read than there may be."""
    came = content.read(MOST_BYTES + 1)
    if len(came) > MOST_BYTES:
        raise files.too_large(name, field)
    staged.write_bytes(came)
    return staged


def _proven(path: Path, name: str) -> Proven:
    guess = filetype.guess(str(path))
    if guess is None or guess.mime not in PROGRAMS:
        raise NotEvidence(_("A bank cannot open “{file}”: send a PDF, JPEG or PNG.", file=name))
    try:
        found = confined.python(*PROGRAMS[guess.mime], str(path), name=name, reads=path)
    except confined.Failed:
        found = {"fault": "damaged"}
    if found["fault"] == "locked":
        raise NotEvidence(_("“{file}” is locked with a password, so a bank cannot open it: send it without a password.", file=name))
    if found["fault"]:
        raise proof.fault(found["fault"], name)
    stored = storage().keep(path)
    return Proven(name, guess.mime, stored.sha256, stored.bytes, found.get("pages", 1))

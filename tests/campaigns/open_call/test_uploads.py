"""Uploads, whatever way their bytes come."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.files import storage
from campaigns.core.people import Actor
from campaigns.open_call import uploads
from campaigns.open_call.errors import ChecksumMismatch
from campaigns.open_call.media.faults import Unsafe
from campaigns.open_call.models import Upload, UploadState
from tests import factories
from workers.open_call.upload_writers import arrival
from workers.open_call.uploads import settle
from workers.transactions import unit_of_work

WORDS = b"Every December we walk down the street of lanterns, and nobody says a word until the bridge. " * 3
ENDS = ("finished", "cut off", "killed", "damaged")


def send(upload: Upload, by: Actor, offset: int, part: bytes, end: str) -> None:
    """One request with `part`, that ends in one of four ways."""
    checksum = hashlib.sha256(b"other").digest() if end == "damaged" else None
    with arrival(upload.id, offset, checksum, by=by) as arriving:
        arriving.write(part)
        if end == "finished":
            arriving.finish()
        elif end == "cut off":
            arriving.keep_what_came()
        elif end == "damaged":
            with pytest.raises(ChecksumMismatch):
                arriving.finish()
            arriving.keep_what_came()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 120), st.sampled_from(ENDS)), max_size=12))
def test_bytes_that_come_in_any_pieces_through_any_cuts_make_the_file_that_was_sent(
    fresh_database: str, requests: list[tuple[int, str]]
) -> None:
    with unit_of_work() as session:
        ana = factories.person(session)
        upload = uploads.begin(session, "story.txt", "text/plain", len(WORDS), by=ana)
    safe = 0
    for size, end in [*requests, (len(WORDS), "finished")]:
        part = WORDS[safe : safe + size]
        if not part:
            break
        send(upload, ana, safe, part, end)
        safe += len(part) if end in {"finished", "cut off"} else 0
        with unit_of_work() as session:
            assert uploads.find_upload(session, upload.id, by=ana).offset == safe
    settled = settle(upload.id, by=ana)
    assert (settled.state, settled.mime, settled.sha256) == (UploadState.PROVEN, "text/plain", hashlib.sha256(WORDS).hexdigest())
    assert storage().path(settled.sha256 or "").read_bytes() == WORDS
    assert not storage().staged(upload.id).exists()


def test_a_text_written_here_is_proved_at_once(session: Session) -> None:
    ana = factories.person(session)
    upload = uploads.take_text(session, "Añu nuevo.", "text/plain", by=ana)
    assert (upload.state, upload.mime, upload.length, upload.name) == (UploadState.PROVEN, "text/plain", 11, "text.txt")
    assert storage().path(upload.sha256 or "").read_text() == "Añu nuevo."


def test_a_text_that_could_run_is_refused_and_kept_nowhere(session: Session) -> None:
    ana = factories.person(session)
    with pytest.raises(Unsafe, match="“your text” contains HTML"):
        uploads.take_text(session, "<script>", "text/markdown", by=ana)
    assert session.scalar(select(func.count()).select_from(Upload)) == 0

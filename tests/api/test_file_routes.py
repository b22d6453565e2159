"""Files are shown through links, in ranges, and never run."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from campaigns.core import clock
from campaigns.core.files import LINK_LIFE, FileLink, link_to, opened, storage
from tests.api.caller import caller


@pytest.fixture
def guest(fresh_database: str) -> TestClient:
    return caller()


def kept(content: bytes, mime: str, name: str = "a file") -> str:
    """A link to a file with this content."""
    with storage().scratch() as folder:
        (folder / "file").write_bytes(content)
        return link_to(FileLink(sha256=storage().keep(folder / "file").sha256, mime=mime, name=name))


def test_a_file_is_served_whole_and_in_ranges(guest: TestClient) -> None:
    link = kept(b"0123456789", "video/mp4")
    whole, part, beyond = (guest.get(link, headers=h) for h in ({}, {"Range": "bytes=2-4"}, {"Range": "bytes=50-"}))
    assert [(a.status_code, a.content) for a in (whole, part)] == [(200, b"0123456789"), (206, b"234")]
    assert (part.headers["Content-Range"], beyond.status_code) == ("bytes 2-4/10", 416)


@pytest.mark.parametrize(
    ("mime", "served", "disposition"),
    [
        ("image/webp", "image/webp", "inline"),
        ("text/html", "text/html; charset=utf-8", "inline"),
        ("text/markdown", "application/octet-stream", "attachment"),
        ("image/svg+xml", "application/octet-stream", "attachment"),
        ("audio/flac", "application/octet-stream", "attachment"),
    ],
)
def test_only_harmless_types_are_shown_and_all_in_a_sandbox(guest: TestClient, mime: str, served: str, disposition: str) -> None:
    answer = guest.get(kept(b"x", mime, "näme.bin"))
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"].partition(";")[0]) == (served, disposition)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_forged_link_and_one_past_its_hour_lead_nowhere(guest: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    link = kept(b"x", "image/webp")
    assert guest.get(link[:-5] + "AAAAA").status_code == 404
    late = clock.process_now() + LINK_LIFE + timedelta(seconds=2)
    monkeypatch.setattr("campaigns.core.clock.process_now", lambda: late)
    assert guest.get(link).status_code == 404


def test_equal_bytes_are_kept_once_and_a_kept_file_stays_when_its_source_goes(guest: TestClient) -> None:
    first, second = (opened(kept(b"the same", "image/webp").removeprefix("/files/")) for _ in range(2))
    assert first.sha256 == second.sha256
    assert storage().path(first.sha256).read_bytes() == b"the same"

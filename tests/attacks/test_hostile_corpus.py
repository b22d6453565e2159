"""Films and pictures that mean harm, from a kept corpus, sent as contributions: refused by name, or shown as what can be seen of them."""

import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest

from api.files import INLINE, SANDBOX
from campaigns.core import clock
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from tests import factories
from tests.api.caller import token_of
from tests.attacks.corpus.make import FILES, hostile
from tests.attacks.corpus.page import AS_EVIDENCE, AS_WORK, MADE_BY
from tests.attacks.endless import BYTES, begun
from tests.attacks.server import Server
from tests.attacks.traps import SECRET, Traps
from tests.factories import Partnership, someone
from tests.journeys.world import work
from workers.transactions import unit_of_work

API = "/api/v1"
SHOWN = {"a film": {"film", "poster", "thumbnail"}, "a picture": {"picture", "thumbnail"}, "words": {"text"}}
SECONDS, FLAT_MEGABYTES, LARGEST_RENDITION, LARGEST_CORPUS = 60, 24, 2_000_000, 300_000


@pytest.fixture(scope="module")
def made(server: Server) -> Partnership:
    with unit_of_work() as session:
        return factories.opened_call(session, at=clock.business_now(session))


@pytest.fixture(scope="module")
def judge(server: Server, made: Partnership) -> Iterator[httpx.Client]:
    with unit_of_work() as session:
        token = token_of(session, someone(session, Role.CURATOR, "Cleo"))
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
        yield client


@pytest.fixture
def ana(server: Server) -> Iterator[httpx.Client]:
    with unit_of_work() as session:
        token = token_of(session, factories.person(session, "Ana"))
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
        yield client


def test_every_file_of_the_corpus_is_made_as_its_page_says() -> None:
    kept = {path.name: path.read_bytes() for path in FILES.iterdir()}
    assert kept.keys() == AS_WORK.keys() == AS_EVIDENCE.keys()
    assert {name for name, content in hostile() if kept[name] != content} == set()
    assert {name for name, by in MADE_BY.items() if by.endswith(".py")} == {name for name, _content in hostile()}
    assert sum(map(len, kept.values())) < LARGEST_CORPUS


@pytest.mark.parametrize(
    ("name", "how", "springs"),
    [
        ("list-that-fetches.mp4", ("-f", "hls"), "heard"),
        ("list-that-reads.mp4", ("-f", "hls", "-allowed_extensions", "ALL", "-extension_picky", "0"), "read"),
        ("list-that-joins.webm", ("-f", "concat", "-safe", "0"), "read"),
        ("data-in-a-file.mov", ("-enable_drefs", "1", "-use_absolute_path", "1"), "read"),
    ],
)
def test_a_program_without_walls_falls_into_the_traps(traps: Traps, tmp_path: Path, name: str, how: tuple[str, ...], springs: str) -> None:
    bait = tmp_path / name
    bait.write_bytes(traps.bait(name))
    opened = ["-protocol_whitelist", "file,http,tcp", *how, "-i", str(bait)]
    asked = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-rw_timeout", "1000000", *opened, "-f", "null", "-"]
    subprocess.run(asked, capture_output=True, timeout=60, check=False)
    assert {"heard": traps.is_heard(), "read": traps.is_read()}[springs]


@pytest.mark.parametrize("name", AS_WORK)
def test_what_means_harm_is_refused_by_name_or_shown_as_what_can_be_seen_of_it(
    server: Server, ana: httpx.Client, judge: httpx.Client, made: Partnership, traps: Traps, name: str
) -> None:
    content, before, began = traps.bait(name), server.megabytes, time.monotonic()
    address = begun(ana, len(content), name.encode())
    answer = ana.patch(address, content=content, headers=BYTES)
    said = f"refused: {answer.json()['code']}" if answer.is_error else f"shown as {shown(ana, judge, made, address, name)}"
    assert (said, time.monotonic() - began < SECONDS, server.megabytes - before < FLAT_MEGABYTES) == (AS_WORK[name], True, True)
    if answer.is_error:
        assert (ana.get(address).json()["state"], f"“{name}”" in answer.json()["detail"]) == ("refused", True)
    assert (traps.is_heard(), traps.is_read()) == (False, False)
    assert (httpx.get(f"{server.url}/health").status_code, judge.get(f"{API}/campaigns/{made.id}/screening").status_code) == (200, 200)
    assert [path for path in (settings().files_home / "tmp").iterdir() if path.is_dir()] == []


def shown(ana: httpx.Client, judge: httpx.Client, made: Partnership, address: str, name: str) -> str:
    """As what it is shown, once it is a contribution; fails where more of the file than that is in it."""
    sent = {"title": "Lantern street", "licence_version": "2026-01", "upload": address.rpartition("/")[2]}
    answer = ana.post(f"{API}/campaigns/{made.id}/contributions", json=sent)
    assert answer.status_code == 201, answer.text
    work(made.id)
    items = judge.get(f"{API}/campaigns/{made.id}/screening").json()["items"]
    [item] = [item for item in items if item["id"] == answer.json()["id"]]
    assert item["renditions"], item
    for rendition in item["renditions"]:
        looked_at(judge.get(rendition["url"]), rendition, is_words=name == "list-as-words.txt")
    roles = {rendition["role"] for rendition in item["renditions"]}
    return next(what for what, these in SHOWN.items() if these == roles)


def looked_at(answer: httpx.Response, rendition: dict[str, Any], *, is_words: bool) -> None:
    """What others are given of it: nothing of the file beside what can be seen, and nothing that runs."""
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in SANDBOX} == SANDBOX
    kind, told = answer.headers["Content-Type"].partition(";")[0], answer.headers["Content-Disposition"]
    assert (kind in INLINE and told.startswith("inline")) or (kind, told[:10]) == ("application/octet-stream", "attachment")
    assert [bad for bad in (b"zqmarker", b"<script", b"%PDF", b"PK\x03\x04", SECRET[:8]) if bad in answer.content] == []
    assert (b"file:///tmp" in answer.content) is is_words
    assert (len(answer.content) < LARGEST_RENDITION, rendition["mime"]) == (True, kind)


def test_the_name_in_which_a_file_comes_back_is_no_other_than_a_name(ana: httpx.Client) -> None:
    for name in ("a\r\nSet-Cookie: x=1.png", '"; filename="evil.html', "../../etc/passwd.png", "evil.html\x00.png"):
        encoded = b64encode(name.encode()).decode()
        answer = ana.post(f"{API}/uploads", headers=BYTES | {"Upload-Length": "9", "Upload-Metadata": f"filename {encoded}"})
        assert (answer.status_code in (201, 400), "set-cookie" in answer.headers, "evil" in str(answer.headers)) == (True, False, False)

"""Bytes that are no honest request, sent to the real web process: requests within others, endless heads, lines that stay silent."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from api.headers import SAFE
from campaigns.core.people import Person
from tests import factories
from tests.api.caller import token_of
from tests.attacks.server import HEALTH, Server, hasty, serving
from workers.transactions import POOL_SIZE, unit_of_work

HIDDEN = b"POST /api/v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n"
HIDDEN += b'{"email": "hidden@example.org"}'[:30]
POST = b"POST /api/v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")


@pytest.fixture(scope="module")
def token(module_database: str) -> str:
    with unit_of_work() as session:
        return token_of(session, factories.person(session, "Ana"))


@pytest.fixture(scope="module")
def server(module_database: str, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("web")) as server:
        yield server


def statuses(answered: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(answered)]


def people() -> set[str]:
    with unit_of_work() as session:
        return {person.email for person in session.query(Person)}


LENGTHS = {
    "a length and chunks": POST + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "chunks and a length": POST + CHUNKED + b"Content-Length: 6\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 2000\r\n\r\n{}" + HIDDEN,
    "two lengths in one": POST + b"Content-Length: 2, 2000\r\n\r\n{}" + HIDDEN,
    "a signed length": POST + b"Content-Length: +2\r\n\r\n{}" + HIDDEN,
    "a length below nothing": POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "a length in sixteens": POST + b"Content-Length: 0x2\r\n\r\n{}" + HIDDEN,
    "chunks by another name": POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}" + HIDDEN,
    "chunks twice": POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks behind a tab": POST + b"Transfer-Encoding:\tchunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded head": POST + b"Content-Length: 2\r\n X: y\r\n\r\n{}" + HIDDEN,
    "a chunk of no size": POST + CHUNKED + b"\r\nzz\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a chunk larger than any": POST + CHUNKED + b"\r\n" + b"f" * 30 + b"\r\n{}\r\n0\r\n\r\n" + HIDDEN,
}


@pytest.mark.parametrize("said", LENGTHS.values(), ids=LENGTHS)
def test_a_request_of_doubtful_length_is_refused_or_read_to_its_end_and_hides_no_other(server: Server, said: bytes) -> None:
    answered = server.answers_to(said)
    # What follows a body whose end is beyond doubt is a request of its own; nothing is ever taken for two things.
    assert statuses(answered) in ([400], [422], [422, 202], [422, 400], [422, 422], [501])
    assert "hidden@example.org" not in people()


@pytest.mark.parametrize(
    "said",
    [
        b"GET /health HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n" + HEALTH,
        b"GET /health HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET /health\r\n\r\n",
        b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET  /health  HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /heal\x00th HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_or_read_as_one_and_the_process_lives(server: Server, said: bytes) -> None:
    assert set(statuses(server.answers_to(said))) <= {200, 400, 404}
    assert httpx.get(f"{server.url}/health").status_code == 200


@pytest.mark.parametrize("said", [b"no request\r\n\r\n", b"GET /" + b"a" * 20_000], ids=["none", "endless"])
def test_what_is_refused_before_it_is_a_request_is_answered_with_the_headers_of_every_answer(server: Server, said: bytes) -> None:
    answered = server.answers_to(said)
    head = [line.partition(b": ") for line in answered.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]]
    told = {name.decode().lower(): value.decode() for name, _sign, value in head}
    assert statuses(answered) == [400]
    assert {name: told.get(name.lower()) for name in SAFE} == SAFE


def test_what_the_web_process_logs_of_it_are_entries_with_their_time(server: Server) -> None:
    server.answers_to(b"no request\r\n\r\n")
    # What follows a request on its connection and is none is noted under the id of that request.
    entry = re.compile(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 WARNING uvicorn\.error(?: \[[0-9a-f-]{36}\])?: Invalid HTTP request received\."
    )
    assert ([line for line in server.said.splitlines() if not entry.fullmatch(line)], "Invalid" in server.said) == ([], True)


def test_no_word_of_a_request_comes_back_as_a_header(server: Server) -> None:
    for said in (b"/nowhere%0d%0aSet-Cookie:%20a=b", b"/unsubscribe/x%0d%0aSet-Cookie:%20a=b", b"/?x=%0d%0aSet-Cookie:%20a=b"):
        answered = server.answers_to(b"GET " + said + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head = answered.partition(b"\r\n\r\n")[0].lower()
        assert (statuses(answered) != [], b"\r\nset-cookie: a=b" in head) == (True, False)


def test_a_header_of_a_megabyte_is_refused_and_costs_no_memory(server: Server) -> None:
    before = server.megabytes
    for head in (b"Cookie: __Host-cb=", b"Authorization: Bearer ", b"X: "):
        answered = server.answers_to(b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n" + head + b"a" * 1024 * 1024 + b"\r\n\r\n")
        assert statuses(answered) in ([400], [431], [])
    many = b"".join(b"X-%d: y\r\n" % number for number in range(100_000))
    assert statuses(server.answers_to(b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + many + b"\r\n")) in ([400], [431], [])
    assert (httpx.get(f"{server.url}/health").status_code, server.megabytes - before < 20) == (200, True)


def test_lines_on_which_nothing_comes_keep_nobody_waiting(server: Server, token: str) -> None:
    halves = [
        b"",
        b"GET /hea",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: ",
        POST + b"Content-Length: 100\r\n\r\n{",
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\ne",
        # A deed without a body of its own, under a key: its body is part of what the key stands for.
        b"POST /api/v1/me/payout-account HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\n"
        b"Authorization: Bearer " + token.encode() + b"\r\nContent-Length: 100\r\n\r\n",
        b"POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    ]
    with ExitStack() as lines:
        for half in halves * (POOL_SIZE + 4):
            lines.enter_context(server.line()).sendall(half)
        for path in ("/health", "/api/v1/me", "/calls"):
            answer = httpx.get(server.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=5)
            assert (path, answer.status_code) == (path, 200)


def test_whoever_says_nothing_is_hung_up_on_and_a_body_that_does_not_come_is_refused(
    module_database: str, token: str, tmp_path: Path
) -> None:
    with serving(tmp_path, PYTHONPATH=str(hasty(tmp_path))) as server, ThreadPoolExecutor(4) as callers:
        halves = (b"", b"GET /hea", HEALTH + b"GET /hea", POST + b"Content-Length: 100\r\n\r\n{")
        silent, half, second, slow = callers.map(server.answers_to, halves)
        assert (silent, half, statuses(second)) == (b"", b"", [200])
        assert (statuses(slow), b"took too long to arrive" in slow) == ([408], True)


def test_nobody_takes_a_line_over_to_speak_another_protocol(server: Server) -> None:
    asked = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    answered = server.answers_to(asked + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    assert statuses(answered) == [200]


def test_methods_that_no_address_takes_are_refused(server: Server) -> None:
    assert {method: httpx.request(method, f"{server.url}/health").status_code for method in ("TRACE", "CONNECT", "DEBUG", "PROPFIND")} == (
        dict.fromkeys(("TRACE", "CONNECT", "DEBUG", "PROPFIND"), 405)
    )


def test_nothing_that_one_reads_stays_in_a_cache(server: Server, token: str) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    for path in ("/api/v1/me", "/api/v1/tokens", "/calls", "/nowhere", "/api/v1/campaigns/01937a5c-2f4e-7c3a-9b1d-5e6f7a8b9c0d"):
        assert (path, httpx.get(server.url + path, headers=bearer).headers["cache-control"]) == (path, "no-store")

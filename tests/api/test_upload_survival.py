"""An upload survives a line that is cut and a server that is killed: a real server, a real socket."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from campaigns.core.files import sha256_of, storage
from campaigns.core.settings import settings
from tests import factories
from tests.api.caller import token_of
from tests.ports import free_port
from workers.open_call.upload_writers import SAFE_EVERY
from workers.transactions import unit_of_work

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}
SECONDS_OF_WAV = 160


@pytest.fixture
def token(fresh_database: str) -> str:
    with unit_of_work() as session:
        return token_of(session, factories.person(session, "Ana"))


@contextmanager
def served(port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The application as a process of its own; ended when the block ends."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:make_app", "--port", str(port), "--log-level", "warning"]
    environment = os.environ | {"CALLBOARD_HOME": str(settings().home)}
    process = subprocess.Popen(command, env=environment)
    try:
        _wait_for(port)
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError


def wav(path: Path) -> bytes:
    """A long tone, some 14 MB."""
    rate, size = 44_100, 44_100 * 2 * SECONDS_OF_WAV
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    form = (1).to_bytes(2, "little") * 2 + rate.to_bytes(4, "little") + (rate * 2).to_bytes(4, "little") + (2).to_bytes(2, "little")
    path.write_bytes(head + form + (16).to_bytes(2, "little") + b"data" + size.to_bytes(4, "little") + bytes(range(250)) * (size // 250))
    return path.read_bytes()


def begun(client: httpx.Client, length: int) -> str:
    answer = client.post("/api/v1/uploads", headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": "filename c29uZy53YXY="})
    return answer.headers["Location"]


def safe_bytes(client: httpx.Client, address: str) -> int:
    return int(client.head(address, headers=TUS).headers["Upload-Offset"])


def half_sent(port: int, token: str, address: str, part: bytes, offset: int, announced: int) -> socket.socket:
    """An open line on which `part` of `announced` bytes from `offset` on has been sent."""
    lines = [
        f"PATCH {address} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}", "Tus-Resumable: 1.0.0",
        f"Upload-Offset: {offset}", "Content-Type: application/offset+octet-stream", f"Content-Length: {announced}", "", "",
    ]  # fmt: skip
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall("\r\n".join(lines).encode() + part)
    return line


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.05)


def test_an_upload_cut_off_and_a_server_killed_lose_nothing_that_was_safe(token: str, tmp_path: Path) -> None:
    whole, port = wav(tmp_path / "song.wav"), free_port()
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    with served(port) as server:
        address = begun(client, len(whole))
        half_sent(port, token, address, whole[:1_000_000], 0, len(whole)).close()
        wait_until(lambda: safe_bytes(client, address) == 1_000_000)
        with half_sent(port, token, address, whole[1_000_000:11_000_000], 1_000_000, len(whole) - 1_000_000):
            wait_until(lambda: safe_bytes(client, address) > SAFE_EVERY)
            server.send_signal(signal.SIGKILL)
            server.wait()
    with served(port):
        safe = safe_bytes(client, address)
        assert SAFE_EVERY < safe <= 11_000_000
        answer = client.patch(address, content=whole[safe:], headers=BYTES | {"Upload-Offset": str(safe)})
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(whole)))
        shown = client.get(address).json()
        assert (shown["state"], shown["mime"]) == ("proven", "audio/wav")
    assert storage().path(sha256_of(tmp_path / "song.wav")).read_bytes() == whole

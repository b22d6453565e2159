"""Uploads as long as one likes, sent over the resumable protocol while the web process is watched."""

from base64 import b64encode
from collections.abc import Iterator

import httpx

from tests.attacks.server import Server

MEGABYTE = 1024 * 1024
PART = 65_536
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}


def begun(client: httpx.Client, length: int, name: bytes) -> str:
    """Announce a file of this length; where its bytes go."""
    encoded = b64encode(name).decode()
    answer = client.post("/api/v1/uploads", headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": f"filename {encoded}"})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def without_end(parts: int = 10**6) -> Iterator[bytes]:
    for _ in range(parts):
        yield b"\0" * PART


def sent_whole(server: Server, client: httpx.Client, size: int) -> tuple[int, str, float]:
    """Send so many bytes of nothing: how that was answered, what became of the upload, and by how many megabytes the process grew."""
    before, address, most = server.megabytes, begun(client, size, b"lantern.wav"), 0.0

    def sent() -> Iterator[bytes]:
        nonlocal most
        for part in without_end(size // PART):
            most = max(most, server.megabytes)
            yield part

    answer = client.patch(address, content=sent(), headers=BYTES | {"Content-Length": str(size)})
    state = client.get(address).json()["state"]
    return answer.status_code, state, max(most, server.megabytes) - before

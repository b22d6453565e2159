"""The resumable protocol as a client speaks it, and the servers of it that stand beside ours: tus's own for Node, and tusd where it is."""

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.bench.environment import PEERS, node_packages
from tests.bench.figure import seconds
from tests.bench.sounds import recording
from tests.installation import wait_for
from tests.ports import free_port

SPOKEN = {"Tus-Resumable": "1.0.0"}
LONGEST = 1800.0


def sent(client: httpx.Client, to: str, size: int, watched: Callable[[], object]) -> str:
    """Announce a recording of so many bytes and send all of them at once; where it lies. `watched` is called at each part."""
    name = b64encode(b"lantern.wav").decode()
    begun = client.post(to, headers=SPOKEN | {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}"})
    assert begun.status_code == 201, begun.text

    def parts() -> Iterator[bytes]:
        for part in recording(size):
            watched()
            yield part

    headers = SPOKEN | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0", "Content-Length": str(size)}
    answer = client.patch(begun.headers["Location"], content=parts(), headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(size)), answer.text
    return begun.headers["Location"]


def peer_seconds(command: list[str], folder: Path, port: int, size: int) -> float:
    """How long a server that is started by this takes for the same recording; its bytes must be there afterwards."""
    with started(command, port) as url, httpx.Client(base_url=url, timeout=LONGEST) as client:
        took = seconds(lambda: sent(client, "/files/", size, lambda: None))
    assert any(file.stat().st_size == size for file in folder.rglob("*") if file.is_file())
    return took


def node_seconds(folder: Path, size: int) -> float:
    port = free_port()
    command = ["node", str(PEERS / "tus_server.mjs"), str(node_packages("tus")), str(folder), str(port)]
    return peer_seconds(command, folder, port, size)


def tusd_seconds(folder: Path, size: int) -> float | None:
    """None where tusd is not on the PATH."""
    if not (tusd := shutil.which("tusd")):
        return None
    port = free_port()
    command = [tusd, "-host", "127.0.0.1", "-port", str(port), "-upload-dir", str(folder)]
    return peer_seconds(command, folder, port, size)


@contextmanager
def started(command: list[str], port: int) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: _answers(url), 30)
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.options(f"{url}/files/", headers=SPOKEN).is_success
    except httpx.TransportError:
        return False

"""The real web process on a port of its own, and lines to it on which anything may be said."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from campaigns.core.settings import settings
from flows.supervise.program import answers
from tests.installation import wait_for
from tests.ports import free_port

SECONDS = 20
SILENT_SECONDS = 0.7
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
BYTES_IN_A_MEGABYTE = 1024 * 1024


class Server:
    """One web process; `log` is all that it says."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.port, self.process, self.log = port, process, log

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def megabytes(self) -> float:
        """What it holds in memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / BYTES_IN_A_MEGABYTE

    @property
    def loop_milliseconds(self) -> float:
        """How long its event loop's thread has computed since it began, whatever else the machine did meanwhile."""
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/schedstat").read_text().split()[0]) / 1e6

    def line(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)

    def answers_to(self, said: bytes) -> bytes:
        """All that it answers on a line of its own to these bytes."""
        with self.line() as line, suppress(ConnectionError):
            line.sendall(said)
            return heard(line)
        return b""


def heard(line: socket.socket) -> bytes:
    """What comes on the line until the other side hangs up, or has said something and nothing more for a while."""
    came = b""
    with suppress(ConnectionError, TimeoutError):
        while part := line.recv(65_536):
            came += part
            line.settimeout(SILENT_SECONDS)
    return came


@contextmanager
def serving(home: Path, **environment: str) -> Iterator[Server]:
    """`python -m api` over this process's database, ended when the block ends."""
    port, log = free_port(), home / "web.log"
    own = {"CALLBOARD_HOME": str(settings().home), "CALLBOARD_PORT": str(port)}
    with log.open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", "api"], env=os.environ | own | environment, stdout=said, stderr=said)
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/health")() or process.poll() is not None, 120)
        yield Server(port, process, log)
    finally:
        process.kill()
        process.wait()


def hasty(folder: Path) -> Path:
    """A folder that has a web process lose its patience after a second, when Python looks for modules there first."""
    patience = "from api import bodies, lines\nlines.SECONDS_TO_ASK = bodies.SLOWEST_SECONDS = 1\n"
    (folder / "sitecustomize.py").write_text(patience, encoding="utf-8")
    return folder

"""The web process of the bench: started as any other, watched from outside."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.supervise.program import answers
from tests.browser.town import COOKIE
from tests.installation import wait_for
from tests.ports import free_port

# Even where every core is busy with something else.
STARTS_WITHIN = 300
TICKS = os.sysconf("SC_CLK_TCK")
# As a browser asks.
ASKED = {"Accept": "text/html,application/json", "Accept-Encoding": "gzip, deflate, br, zstd", "Connection": "keep-alive"}


@dataclass(frozen=True)
class Server:
    """One web process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """The time that its threads have computed so far; to a hundredth."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


class Client:
    """One reader with one connection."""

    def __init__(self, server: Server, secret: str | None) -> None:
        self._connection = http.client.HTTPConnection("localhost", server.port, timeout=120)
        self.secret = secret

    def get(self, path: str) -> tuple[int, int]:
        """The status of the answer and its bytes over the wire."""
        cookie = {"Cookie": f"{COOKIE}={self.secret}"} if self.secret else {}
        self._connection.request("GET", path, headers=ASKED | cookie)
        answer = self._connection.getresponse()
        return answer.status, len(answer.read())


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[Server]:
    """`python -m api` with these settings."""
    port = free_port()
    own = {"CALLBOARD_PORT": str(port), "CALLBOARD_PUBLIC_URL": f"http://localhost:{port}"}
    with subprocess.Popen([sys.executable, "-m", "api"], env=os.environ | environment | own) as process:
        try:
            wait_for(answers(f"http://localhost:{port}/health"), STARTS_WITHIN)
            yield Server(port, process.pid)
        finally:
            process.terminate()

"""pretalx with its own sample event, served by gunicorn from one process over a PostgreSQL of the same kind: what its pages take.

Its event has some eighty submissions where the crowd has 100,000 contributions; no cache beside its own memory is set up.
"""

import http.client
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.supervise.postgres import Cluster
from tests.bench.databases import running
from tests.bench.environment import PEERS, python
from tests.bench.figure import percentile
from tests.installation import wait_for
from tests.ports import free_port

EVENT = "bench"
# The event, its call, its schedule, its talks, its speakers, and the schedule for programs.
PAGES = ("/", "/cfp", "/schedule/", "/talk/", "/speaker/", "/schedule/export/schedule.json")
WARM = 5
STARTS_WITHIN = 300
MADE_BY = (
    ("migrate", "-v0"), ("collectstatic", "--noinput", "-v0"), ("init", "--noinput"), ("create_test_event", "--slug", EVENT, "--seed", "7"),
)  # fmt: skip


def page_milliseconds(times: int) -> Mapping[str, float]:
    """The median of each page, for one client that has been there before."""
    with running() as cluster, TemporaryDirectory() as home:
        cluster.drop_database("pretalx")
        cluster.add_database("pretalx")
        port = free_port()
        environment = settings(cluster, Path(home), port)
        for words in MADE_BY:
            subprocess.run([python("pretalx"), "-m", "pretalx", *words], env=environment, cwd=home, check=True, stdout=subprocess.DEVNULL)
        with served(environment, port):
            took = {page: median(port, f"/{EVENT}{page}", times) for page in PAGES}
        cluster.drop_database("pretalx")
    return took


def settings(cluster: Cluster, home: Path, port: int) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "pretalx_settings", "PYTHONPATH": str(PEERS), "PRETALX_DATA_DIR": str(home),
        "PRETALX_FILESYSTEM_STATIC": str(home / "static"), "PRETALX_SITE_URL": f"http://localhost:{port}",
        "PRETALX_DB_TYPE": "postgresql", "PRETALX_DB_NAME": "pretalx", "PRETALX_DB_USER": "callboard", "PRETALX_DB_PASS": "",
        "PRETALX_DB_HOST": str(cluster.socket_home),
        "DJANGO_SUPERUSER_EMAIL": "ada@example.org", "DJANGO_SUPERUSER_PASSWORD": "only-for-the-bench-1",
        "PRETALX_INIT_ORGANISER_NAME": "Bench", "PRETALX_INIT_ORGANISER_SLUG": "bench",
    }  # fmt: skip


@contextmanager
def served(environment: Mapping[str, str], port: int) -> Iterator[None]:
    words = ("-m", "gunicorn", "pretalx.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--log-level", "error")
    with subprocess.Popen([python("pretalx"), *words], env=environment, cwd=environment["PRETALX_DATA_DIR"]) as process:
        try:
            wait_for(lambda: _answers(port), STARTS_WITHIN)
            yield
        finally:
            process.terminate()


def median(port: int, path: str, times: int) -> float:
    """Refuses what is not answered with 200."""
    took = []
    for _time in range(WARM + times):
        began = time.perf_counter()
        status = _status(port, path)
        took.append((time.perf_counter() - began) * 1000)
        assert status == 200, f"pretalx answers {path} with {status}"
    return percentile(took[WARM:], 50)


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("localhost", port, timeout=120)
    try:
        connection.request("GET", path, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def _answers(port: int) -> bool:
    try:
        return _status(port, f"/{EVENT}/") == 200
    except OSError:
        return False

"""A database for one figure: migrated and empty, on a PostgreSQL of the bench's own with the settings of every day."""

import hashlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config

from flows.supervise.postgres import Cluster, wait_until_open
from tests.bench.figure import BENCH
from tests.browser.town import within

ROOT = Path(__file__).parents[2]


@contextmanager
def running() -> Iterator[Cluster]:
    """The bench's PostgreSQL; it keeps every promise to survive a crash, as an installation's does."""
    home = BENCH / "figures"
    home.mkdir(parents=True, exist_ok=True)
    cluster = Cluster.at(_cluster_home(home), None)
    server = cluster.start(home / "postgres.log")
    wait_until_open(cluster, server)
    try:
        yield cluster
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


@contextmanager
def migrated(cluster: Cluster, name: str = "figure") -> Iterator[str]:
    """The address of an empty database with Callboard's tables; within the block this process's settings point to it."""
    cluster.drop_database(name)
    cluster.add_database(name)
    environment = {"DATABASE_URL": cluster.url(name), "CALLBOARD_HOME": str(BENCH / "figures"), "CALLBOARD_ENV_FILE": os.devnull}
    with within(environment):
        command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
        yield cluster.url(name)
    cluster.drop_database(name)


def _cluster_home(home: Path) -> Path:
    """As root, where the system user of PostgreSQL can reach it."""
    if os.geteuid():
        return home / "postgres"
    return Path("/var/lib/callboard") / f"bench-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}"

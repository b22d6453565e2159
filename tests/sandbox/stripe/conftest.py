"""A simulator of the tests' own, empty at the start of each test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url

from campaigns.core.clock import process_now
from campaigns.core.clock_moves import ClockMove
from flows.supervise.postgres import Cluster
from sandbox.stripe.limiter import BucketLimiter
from sandbox.stripe.tables import create_tables
from tests.sandbox.stripe.stage import Simulator, empty, running

INSTALLED = Path(__file__).parents[4] / "api/static/node_modules"
NOT_RUN = "Stripe's command line is not installed, so its test was not run: `npm ci` in api/static, or any `stripe` on the PATH, brings it."


def stripe_on_this_machine() -> Path | None:
    """Stripe's command line, ours or the machine's."""
    ours = [INSTALLED / "@stripe/cli-linux-x64/bin/stripe", INSTALLED / ".bin/stripe"]
    found = next((str(path) for path in ours if path.exists()), shutil.which("stripe"))
    return Path(found) if found else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the command line there is nothing that its test could say; the run says so instead."""
    if stripe_on_this_machine():
        return
    without = [item for item in items if "stripe_command" in getattr(item, "fixturenames", ())]
    if without:
        items[:] = [item for item in items if item not in without]
        config.hook.pytest_deselected(items=without)
        config.issue_config_time_warning(UserWarning(NOT_RUN), stacklevel=1)


@pytest.fixture
def stripe_command() -> Path:
    found = stripe_on_this_machine()
    assert found
    return found


@pytest.fixture(scope="session")
def sandbox_engine(cluster: Cluster) -> Iterator[Engine]:
    """A database beside the shared one, for here time passes."""
    with database_of_its_own(cluster, "stripe_simulator") as engine:
        yield engine


@contextmanager
def database_of_its_own(cluster: Cluster, name: str) -> Iterator[Engine]:
    """A new database that has, of Callboard's own tables, the clock's alone."""
    cluster.add_database(name)
    engine = create_engine(make_url(cluster.url(name)).set(drivername="postgresql+psycopg"), pool_size=20)
    ClockMove.metadata.create_all(engine, [ClockMove.metadata.tables["clock_move"]])
    create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def limiter() -> BucketLimiter:
    return BucketLimiter(process_now)


@pytest.fixture(scope="session")
def served(sandbox_engine: Engine, limiter: BucketLimiter) -> Iterator[Simulator]:
    with running(sandbox_engine, limiter) as simulator:
        yield simulator


@pytest.fixture
def simulator(served: Simulator, limiter: BucketLimiter) -> Simulator:
    """A simulator that knows nothing yet."""
    empty(served.engine)
    limiter.buckets.clear()
    return served


@pytest.fixture
def apart(cluster: Cluster) -> Iterator[tuple[str, Engine]]:
    """A database at which no simulator is at work: its address, and an engine."""
    name = f"stripe_{uuid4().hex}"
    with database_of_its_own(cluster, name) as engine:
        yield cluster.url(name), engine
    cluster.drop_database(name)

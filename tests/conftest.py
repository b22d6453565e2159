"""The database of the tests: one PostgreSQL for each test process, migrated once, a copy for whoever commits.

`session` rolls back at the end of the test; `fresh_database` is a database of the test's own, for code that opens `unit_of_work()`.
"""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from campaigns.core.settings import Settings, settings
from flows.supervise.postgres import Cluster, wait_until_open
from flows.supervise.programs import prefect_settings
from tests.engines import engine_of_its_kind
from tests.installation import Installation
from workers import transactions

if TYPE_CHECKING:
    from tests.browser.town import Town

ROOT = Path(__file__).parents[1]
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
OURS = ("CALLBOARD_", "PREFECT_", "STRIPE_", "SENDGRID_", "DATABASE_URL")
# Prefect's own loops, which look at all runs again and again; what a flow has done is recorded without them.
LOOPS = (
    "CANCELLATION_CLEANUP", "CLEANUP_RECONCILER", "EVENT_PERSISTER", "FOREMAN", "LATE_RUNS", "PAUSE_EXPIRATIONS", "REPOSSESSOR",
    "SCHEDULER", "TRIGGERS",
)  # fmt: skip
MEMORY, ROOM = Path("/dev/shm"), 4 << 30


def pytest_configure() -> None:
    """What the tests write stays in memory where there is room: a database is copied there in a twentieth of the time.

    What they leave as garbage is looked for seldom: it would be looked for among all that was imported. Nothing speaks TLS here, and
    every client of HTTP would read the certificates of all the world.
    """
    gc.set_threshold(100_000, 20, 20)
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)  # which holds none
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """No setting of the developer's machine reaches a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(OURS)]:
            patch.delenv(name)
        patch.setitem(Settings.model_config, "env_file", None)
        patch.setenv("CALLBOARD_ENV_FILE", os.devnull)
        patch.setenv("CALLBOARD_HOME", str(tmp_path_factory.mktemp("home")))
        _read_settings_again()
        yield patch
    _read_settings_again()


@pytest.fixture(scope="session", autouse=True)
def _one_engine(_own_settings: pytest.MonkeyPatch) -> None:
    """What was compiled for one database serves the next."""
    _own_settings.setattr(transactions, "create_engine", engine_of_its_kind)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test process's own, for speed without any promise to survive a crash."""
    home = Path(tempfile.mkdtemp(prefix="callboard-"))
    cluster = Cluster.at(home, None, **FAST)
    server = cluster.start(home / "log")
    wait_until_open(cluster, server)
    yield cluster
    server.send_signal(signal.SIGINT)
    server.wait(30)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def template(cluster: Cluster, _own_settings: pytest.MonkeyPatch) -> str:
    """The name of a migrated database that nobody connects to, to be copied."""
    cluster.add_database("pattern")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", cluster.url("pattern"))
        _read_settings_again()
        command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
        _close_connections()
    return "pattern"


@pytest.fixture(scope="session")
def database_url(cluster: Cluster, template: str, _own_settings: pytest.MonkeyPatch) -> str:
    """The migrated database that every test of this process shares, and leaves as it was."""
    cluster.add_database("callboard", template=template)
    _own_settings.setenv("DATABASE_URL", cluster.url("callboard"))
    _read_settings_again()
    return cluster.url("callboard")


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """The shared database's engine."""
    engine = create_engine(settings().sqlalchemy_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose every commit is undone when the test ends."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, _own_settings: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The whole of `callboard up` with its own PostgreSQL, Prefect server and worker, shared by all tests that ask for it."""
    with Installation.standing(tmp_path_factory.mktemp("stack")) as installation:
        yield installation


@pytest.fixture
def on_stack(stack: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The stack, with this process's settings, database and Prefect client pointing at it."""
    with monkeypatch.context() as patch:
        for name, value in {**stack.environment, **prefect_settings(stack.settings)}.items():
            patch.setenv(name, value)
        _read_settings_again()
        with _prefect_of_the_environment():
            yield stack
        _close_connections()
    _read_settings_again()


@pytest.fixture(scope="session")
def founded_town(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> "Town":
    """A town with a campaign in each stage, which nobody changes for good, and a copy of its database for those who do."""
    from tests.browser.town import founded

    cluster.add_database("town", template=template)
    town = founded(cluster.url("town"), tmp_path_factory.mktemp("town"))
    cluster.add_database("busy_town", template="town")
    return town


@pytest.fixture(scope="session")
def own_prefect() -> Iterator[None]:
    """A Prefect without a worker, for tests that call a flow themselves; it does nothing by itself."""
    from prefect.testing.utilities import prefect_test_harness

    with pytest.MonkeyPatch.context() as patch:
        for loop in LOOPS:
            patch.setenv(f"PREFECT_SERVER_SERVICES_{loop}_ENABLED", "false")
        with prefect_test_harness(server_startup_timeout=120):
            yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long to set up is set up once: all tests that share it go to one test process."""
    for item in items:
        for shared in {"stack", "own_prefect", "founded_town"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture
def fresh_database(cluster: Cluster, template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated database of the test's own, to which the settings point; dropped when the test ends."""
    name = f"test_{uuid4().hex}"
    cluster.add_database(name, template=template)
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", cluster.url(name))
        _read_settings_again()
        _settle_on(cluster.url(name))
        yield cluster.url(name)
        _close_connections()
    _read_settings_again()
    cluster.drop_database(name)


def _settle_on(url: str) -> None:
    """Fill the cache of settings at once: a thread that still reads the old ones would leave them there.

    It may do so while they are read here, of which only a second reading tells: that one is of the cache.
    """
    while {settings().database_url, settings().database_url} != {url}:
        _read_settings_again()


def _read_settings_again() -> None:
    settings.cache_clear()
    transactions.engine.cache_clear()


def _close_connections() -> None:
    if transactions.engine.cache_info().currsize:
        transactions.engine().dispose()


@contextmanager
def _prefect_of_the_environment() -> Iterator[None]:
    """Within the block Prefect's client asks whom the environment names, also where tests have a Prefect of their own in this process."""
    from prefect.context import SettingsContext, get_settings_context
    from prefect.settings import Settings as PrefectSettings

    from flows import engine

    with SettingsContext(profile=get_settings_context().profile, settings=PrefectSettings()):
        engine.client.cache_clear()
        yield
    engine.client.cache_clear()

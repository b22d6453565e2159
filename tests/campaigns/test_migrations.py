"""Migrations over a database in which assignments are under way, one in each stage."""

import os
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import alembic.command
import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from campaigns import lifecycle
from campaigns.core import clock
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.settings import settings
from campaigns.core.stages import Stage
from campaigns.installation import checks as installation_checks
from flows.supervise.postgres import Cluster
from flows.supervise.programs import ROOT
from tests.browser.town import Town
from workers.transactions import engine, unit_of_work

# A log of its own, which goes with its table and begins again with it.
FORGOTTEN = {"security_entry"}
PARENT = os.getpid()


@pytest.fixture
def config() -> Config:
    return Config(toml_file=str(ROOT / "pyproject.toml"))


@pytest.fixture
def newest_first(config: Config) -> list[str]:
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]


@pytest.fixture
def live(founded_town: Town, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A copy of the town, with a campaign in each of the six stages."""
    yield from a_copy(cluster, "town", monkeypatch)


@pytest.fixture
def bare(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database that holds nothing yet."""
    yield from a_copy(cluster, "template1", monkeypatch)


def a_copy(cluster: Cluster, pattern: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    name = f"test_{uuid4().hex}"
    # A database that someone looks at cannot be copied; who looks at the town connects anew.
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (pattern,))
    cluster.add_database(name, template=pattern)
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", cluster.url(name))
        settings.cache_clear()
        engine.cache_clear()
        yield
        engine().dispose()
    settings.cache_clear()
    engine.cache_clear()
    cluster.drop_database(name)


def broken() -> list[str]:
    with unit_of_work() as session:
        return [fault.name for fault in installation_checks.broken(session)]


def counts() -> dict[str, int]:
    """How many rows each table has."""
    with unit_of_work() as session:
        names = session.scalars(text("select tablename from pg_tables where schemaname = 'public' order by 1")).all()
        return {name: session.scalars(text(f'select count(*) from "{name}"')).one() for name in names}


@pytest.mark.usefixtures("live")
def test_every_migration_runs_over_the_rows_of_assignments_that_are_under_way(config: Config, newest_first: list[str]) -> None:
    assert broken() == []
    for revision, before in zip(newest_first, [*newest_first[1:], "base"], strict=True):
        alembic.command.downgrade(config, before)
        alembic.command.upgrade(config, revision)
    alembic.command.upgrade(config, "head")
    assert broken() == []


def stands() -> dict[UUID, Stage]:
    with unit_of_work() as session:
        return dict(session.execute(select(Deliverable.id, Deliverable.stage)).all())


def go_on() -> None:
    """Half a year later, every gate that is open is walked through."""
    with unit_of_work() as session:
        at = clock.move_clock(session, timedelta(days=180))
        for campaign in session.scalars(select(Campaign.id).where(Campaign.done_at.is_(None), Campaign.cancelled_at.is_(None))).all():
            lifecycle.move_on(session, campaign, at=at)


@pytest.mark.usefixtures("live")
def test_assignments_under_way_go_on_after_the_newest_migrations(config: Config, newest_first: list[str]) -> None:
    before, stood = counts(), stands()
    alembic.command.downgrade(config, newest_first[3])
    kept = counts().keys()  # a table that one of these migrations makes begins empty
    alembic.command.upgrade(config, "head")
    # What was given before appointments were kept is written down as given at the machine.
    counted = kept - FORGOTTEN - {"appointment"}
    changed = {name: rows for name, rows in counts().items() if name in counted and rows != before[name]}
    assert (changed, stands(), broken()) == ({}, stood, [])
    go_on()
    moved = {(stood[deliverable], stage) for deliverable, stage in stands().items() if stage is not stood[deliverable]}
    assert (moved, broken()) == ({(Stage.COLLABORATION, Stage.CURATION)}, [])


@pytest.mark.usefixtures("bare")
def test_of_two_who_start_at_once_one_migrates_and_the_other_finds_it_done(config: Config) -> None:
    children = [os.fork() for _each in range(2) if os.getpid() == PARENT]
    if os.getpid() != PARENT:
        try:
            alembic.command.upgrade(config, "head")
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    assert broken() == []


def test_a_database_of_a_newer_callboard_is_left_alone_with_a_sentence(fresh_database: str, config: Config) -> None:
    with unit_of_work() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(SystemExit, match="The database belongs to a newer Callboard, by its revision 9999: start that version"):
        alembic.command.upgrade(config, "head")

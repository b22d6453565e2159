"""Migrations over a database in which campaigns are under way, one in each stage."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import alembic.command
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
from tests.before_the_squash import load
from workers.transactions import engine, unit_of_work

# All that a schema is: a line for each column, constraint, index, trigger and function.
SHAPE = text("""
    select format('column %s.%s %s %s%s%s', relname, attname, format_type(atttypid, atttypmod), attidentity, attgenerated,
        ' ' || pg_get_expr(adbin, adrelid)) || case when attnotnull then ' not null' else '' end
    from pg_attribute a join pg_class c on c.oid = attrelid left join pg_attrdef d on d.adrelid = attrelid and adnum = attnum
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
    union all select format('table %s %s', relname, relpersistence) from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'
    union all select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
    where connamespace = 'public'::regnamespace and conrelid <> 0 and contype <> 'n'
    union all select pg_get_indexdef(indexrelid) from pg_index join pg_class on pg_class.oid = indexrelid
    where relnamespace = 'public'::regnamespace
    union all select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = tgrelid
    where relnamespace = 'public'::regnamespace and not tgisinternal
    union all select pg_get_functiondef(p.oid) from pg_proc p join pg_language l on l.oid = prolang
    where pronamespace = 'public'::regnamespace and lanname in ('sql', 'plpgsql')
""")
# PostgreSQL shows `state in ('a', 'b')` in one of three ways, by what it has been through.
BY_HISTORY = re.compile(r"::(?:text|character varying)(?:\[\])?|[()\s]")
PARENT = os.getpid()


@pytest.fixture
def config() -> Config:
    return Config(toml_file=str(ROOT / "pyproject.toml"))


@pytest.fixture
def newest_first(config: Config) -> list[str]:
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]


@pytest.fixture
def bare(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database that holds nothing yet."""
    yield from a_copy(cluster, "template1", monkeypatch)


def a_copy(cluster: Cluster, pattern: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    name = f"test_{uuid4().hex}"
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


@pytest.fixture
def before_the_squash(bare: None) -> dict[str, int]:
    """How many rows each table has of a database that was last used when 0100 was the newest revision."""
    load()
    return counts()


def shape() -> set[str]:
    with unit_of_work() as session:
        return {BY_HISTORY.sub("", line) for line in session.scalars(SHAPE)}


def broken() -> list[str]:
    with unit_of_work() as session:
        return [fault.name for fault in installation_checks.broken(session)]


def counts() -> dict[str, int]:
    """How many rows each table has."""
    with unit_of_work() as session:
        names = session.scalars(text("select tablename from pg_tables where schemaname = 'public' order by 1")).all()
        return {name: session.scalars(text(f'select count(*) from "{name}"')).one() for name in names}


@pytest.mark.usefixtures("bare")
def test_every_migration_can_be_taken_back_and_made_again(config: Config, newest_first: list[str]) -> None:
    alembic.command.upgrade(config, "head")
    made = shape()
    for revision, before in zip(newest_first, [*newest_first[1:], "base"], strict=True):
        alembic.command.downgrade(config, before)
        alembic.command.upgrade(config, revision)
    alembic.command.upgrade(config, "head")
    assert (shape(), broken()) == (made, [])


def stands() -> dict[UUID, Stage]:
    with unit_of_work() as session:
        return dict(session.execute(select(Deliverable.id, Deliverable.stage)).all())


def go_on() -> None:
    """Half a year later, every gate that is open is walked through."""
    with unit_of_work() as session:
        at = clock.move_clock(session, timedelta(days=180))
        for campaign in session.scalars(select(Campaign.id).where(Campaign.done_at.is_(None), Campaign.cancelled_at.is_(None))).all():
            lifecycle.move_on(session, campaign, at=at)


def test_campaigns_under_way_go_on_in_a_database_from_before_the_migrations_were_squashed(
    before_the_squash: dict[str, int], config: Config
) -> None:
    alembic.command.upgrade(config, "head")
    assert (sorted(counts().values()), broken()) == (sorted(before_the_squash.values()), [])
    stood = stands()
    assert set(stood.values()) >= set(Stage) - {Stage.DONE, Stage.CANCELLED}
    go_on()
    moved = {(stood[deliverable], stage) for deliverable, stage in stands().items() if stage is not stood[deliverable]}
    assert (moved, broken()) == ({(Stage.COLLABORATION, Stage.CURATION)}, [])


def test_a_database_from_before_the_migrations_were_squashed_becomes_what_a_new_one_is(
    before_the_squash: dict[str, int], cluster: Cluster, template: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    alembic.command.upgrade(config, "head")
    brought = shape()
    for _each in a_copy(cluster, template, monkeypatch):
        assert brought == shape()


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


def test_a_database_that_is_older_than_the_squash_is_left_alone_with_a_sentence(fresh_database: str, config: Config) -> None:
    with unit_of_work() as session:
        session.execute(text("update alembic_version set version_num = '0098'"))
    with pytest.raises(SystemExit, match="The database is of revision 0098: start a Callboard of revision 0100 first"):
        alembic.command.upgrade(config, "head")

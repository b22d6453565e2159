"""A backup and the way back: what is proved, what is refused with a sentence, and that nothing is left half-done."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import alembic.command
import psycopg
import pytest
from alembic.config import Config
from sqlalchemy import select, text, update

from campaigns.core import access, clock, events
from campaigns.core.access import SignInLink, WebSession
from campaigns.core.files import sha256_of, storage
from campaigns.core.restoration import Restoration
from campaigns.core.settings import settings
from campaigns.installation import restored
from campaigns.open_call.models import Upload
from flows.backup import __main__ as command
from flows.backup import copies, database, restoring, taking
from flows.backup.manifest import Manifest, proof_of
from flows.supervise.alone import one_at_a_time
from flows.supervise.postgres import Cluster
from flows.supervise.programs import ROOT
from tests import factories
from tests.api.test_full_disk import room_for
from tests.before_the_squash import load
from tests.flows.places import Place, restore, take
from workers import housekeeping
from workers.transactions import engine, unit_of_work

UNFINISHED = "A restore into this database was not finished: run the same `callboard restore` again."
KILLED = 9
TEXTS = ("The lanterns are lit.", "Snow on the market square.")


@pytest.fixture
def lived_in(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An installation with a campaign whose call is open, two contributions of text, and someone who is signed in and uploads."""
    place = Place(fresh_database, tmp_path / "old", monkeypatch)
    place.enter()
    with unit_of_work() as session:
        made = factories.opened_call(session, at=clock.business_now(session))
        for number, words in enumerate(TEXTS):
            factories.taking_part(session, made, title=f"Work {number}", words=words, at=clock.business_now(session))
        ana = factories.person(session, "Ana in the middle")
        access.open_session(session, ana.person)
        access.make_link(session, ana.person)
        now = clock.process_now()
        session.add(Upload(person_id=ana.person, name="film.mp4", length=9, began_at=now, expires_at=now + timedelta(hours=1)))
    return place


@pytest.fixture
def empty(lived_in: Place, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Somewhere else, with an empty database whose owner may do nothing beyond it."""
    name = f"test_{uuid4().hex}"
    cluster.add_database(name)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"create role {name} login")
        connection.execute(f"alter database {name} owner to {name}")
    with psycopg.connect(cluster.url(name), autocommit=True) as connection:
        connection.execute("create extension pg_trgm")  # as where the provider of the database has made it
    yield Place(cluster.url(name).replace("callboard@", f"{name}@"), tmp_path / "new", monkeypatch)
    engine().dispose()
    cluster.drop_database(name)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"drop role {name}")


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def proof() -> object:
    with unit_of_work() as session:
        return proof_of(session)


def tables() -> int:
    with unit_of_work() as session:
        return int(session.scalars(text("select count(*) from pg_tables where schemaname = 'public'")).one())


def test_what_is_restored_is_what_was_backed_up_and_says_so(
    lived_in: Place, empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup, before = take(backups), proof()
    with unit_of_work() as session:
        named = housekeeping.named_files(session)
    empty.enter()
    assert restore(backup) == 0
    said = capsys.readouterr().out
    with unit_of_work() as session:
        assert housekeeping.named_files(session) == named
        [restoration] = session.scalars(select(Restoration))
        facts = session.scalars(select(events.Event.facts).where(events.Event.name == "house.restored")).one()
        gone = [session.scalars(select(table)).all() for table in (WebSession, SignInLink)]
        uploads = session.scalars(select(Upload.name)).all()
    manifest = Manifest.of(backup)
    assert manifest.proof == before
    assert set(TEXTS) < {storage().path(sha256).read_text() for sha256 in named}
    assert (restoration.backup, restoration.taken_at, restoration.caught_up_at) == (backup.name, manifest.taken_at, None)
    assert facts == {"backup": backup.name, "taken_at": manifest.taken_at.isoformat()}
    assert (gone, sorted(uploads)) == ([[], []], ["text.md", "text.md"])
    assert f"sealed {manifest.proof.heads[:16]}." in said
    assert "Restored. Start it with `callboard up`" in said


def test_a_backup_that_is_taken_while_contributions_come_in_is_one_moment_of_them(
    lived_in: Place, empty: Place, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, dump = proof(), database.dump

    def come_in_and_dump(*given: Any) -> None:
        with unit_of_work() as session:
            made = factories.opened_call(session, at=clock.business_now(session))
            factories.taking_part(session, made, words="The last lantern.", at=clock.business_now(session))
        dump(*given)

    monkeypatch.setattr(database, "dump", come_in_and_dump)
    backup, after = take(backups), proof()
    empty.enter()
    assert (restore(backup), Manifest.of(backup).proof == before, after == before) == (0, True, False)


def test_a_second_backup_shares_the_files_of_the_first_and_its_list_can_be_checked_without_us(lived_in: Place, backups: Path) -> None:
    take(backups)
    second = take_later(backups)
    [first] = backups.glob("callboard-19*")
    same = [(first / line.partition("  ")[2], second / line.partition("  ")[2]) for line in (second / "files.txt").read_text().splitlines()]
    assert len(same) == Manifest.of(second).files > 0
    assert all(one.samefile(other) for one, other in same)
    assert subprocess.run(["sha256sum", "--check", "--quiet", "files.txt"], cwd=second, check=False).returncode == 0
    shutil.rmtree(first)
    assert subprocess.run(["sha256sum", "--check", "--quiet", "files.txt"], cwd=second, check=False).returncode == 0


def take_later(backups: Path) -> Path:
    """The next backup, of another second."""
    for old in backups.glob("callboard-*"):
        old.rename(old.with_name(old.name.replace("callboard-20", "callboard-19")))
    return take(backups)


def test_a_file_that_the_storage_has_lost_is_taken_from_the_backup_before_or_named(
    lived_in: Place, empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(backups)
    with unit_of_work() as session:
        lost, damaged, *_others = sorted(housekeeping.named_files(session))
    storage().path(lost).unlink()
    storage().path(damaged).write_bytes(b"something else")
    second = take_later(backups)
    assert (Manifest.of(second).lost, copies.is_whole(copies.place_of(second, lost), lost)) == ([], True)
    elsewhere = backups.with_name("elsewhere")
    assert command.main(["take", str(elsewhere)]) == 1
    [bare] = elsewhere.glob("callboard-*")
    assert Manifest.of(bare).lost == [lost, damaged]
    assert f"2 files that the database names are lost or damaged in the storage, and in no earlier backup here: {lost}, {damaged}." in (
        capsys.readouterr().err
    )
    empty.enter()
    assert restore(bare) == 1
    assert lost in capsys.readouterr().err


def killed_at(where: object, name: str, *arguments: str) -> None:
    """The command in a process of its own, which ends as by a kill where it would call `where.name`."""
    engine().dispose()
    child = os.fork()
    if child == 0:
        engine.cache_clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(where, name, lambda *_, **__: os._exit(KILLED))
            command.main(list(arguments))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def test_a_backup_that_is_killed_is_never_taken_for_a_whole_one(lived_in: Place, empty: Place, backups: Path) -> None:
    for where, name in ((database, "dump"), (copies, "bring"), (copies, "make_durable")):
        killed_at(where, name, "take", str(backups))
        assert [left.name[:12] for left in backups.iterdir()] == [".unfinished-"]
    whole = take(backups)
    assert list(backups.iterdir()) == [whole]
    empty.enter()
    assert restore(whole) == 0


def test_a_restore_that_is_killed_goes_on_with_the_same_command_and_nothing_starts_before(
    lived_in: Place, empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup, before = take(backups), proof()
    other = another(backup)
    empty.enter()
    for where, name in ((restoring, "keep_files"), (database, "restore"), (restoring, "prove"), (restored, "take_up")):
        killed_at(where, name, "restore", str(backup))
        with pytest.raises(SystemExit, match=UNFINISHED):
            migrate()
        assert restore(other) == 2
        assert "The restore of another backup was started in this database: " in capsys.readouterr().err
    assert (restore(backup), Manifest.of(backup).proof) == (0, before)
    migrate()


def another(backup: Path) -> Path:
    """A backup of something else."""
    other = backup.with_name("callboard-another")
    shutil.copytree(backup, other)
    (other / "database.dump").write_bytes(b"of something else")
    said = json.loads((other / "manifest.json").read_text()) | {"dump": sha256_of(other / "database.dump")}
    (other / "manifest.json").write_text(json.dumps(said))
    return other


def migrate() -> None:
    """What `callboard up` does to its database first."""
    alembic.command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")


def test_a_restore_never_writes_over_anything(lived_in: Place, backups: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup, before = take(backups), proof()
    engine().dispose()
    assert restore(backup) == 2
    assert capsys.readouterr().err.startswith("This database is not empty, and a restore never overwrites data: ")
    assert proof() == before


def test_a_restore_refuses_while_somebody_works_on_the_database(
    lived_in: Place, empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = take(backups)
    empty.enter()
    with engine().connect():
        assert restore(backup) == 2
    assert capsys.readouterr().err == "This database is in use: stop every `callboard up` that uses it, then restore.\n"
    engine().dispose()
    with one_at_a_time(settings().home):
        assert restore(backup) == 2
    assert capsys.readouterr().err.startswith("Callboard is already running from ")
    assert tables() == 0


def damage_a_file(backup: Path) -> Path:
    victim = next(path for path in (backup / "files").rglob("*") if path.is_file())
    victim.write_bytes(b"something else")
    return victim


def lose_a_file(backup: Path) -> Path:
    victim = next(path for path in (backup / "files").rglob("*") if path.is_file())
    victim.unlink()
    return victim


def damage_the_dump(backup: Path) -> Path:
    (backup / "database.dump").open("r+b").write(b"something else")
    return backup / "database.dump"


def shorten_the_list(backup: Path) -> Path:
    (backup / "files.txt").write_text("")
    return backup / "files.txt"


def lose_the_manifest(backup: Path) -> Path:
    (backup / "manifest.json").unlink()
    return backup


def come_from_a_newer_one(backup: Path) -> Path:
    said = json.loads((backup / "manifest.json").read_text())
    said["proof"]["migration"] = "9999"
    (backup / "manifest.json").write_text(json.dumps(said))
    return backup


HARMS = (damage_a_file, lose_a_file, damage_the_dump, shorten_the_list, lose_the_manifest, come_from_a_newer_one)


def test_a_backup_that_is_not_whole_is_refused_by_name_and_changes_nothing(
    lived_in: Place, empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = take(backups)
    empty.enter()
    for harm in HARMS:
        harmed = backups / harm.__name__
        shutil.copytree(backup, harmed)
        named = harm(harmed)
        capsys.readouterr()
        assert (restore(harmed), str(named) in (told := capsys.readouterr().err), len(told.splitlines())) == (2, True, 1)
    assert (tables(), storage_of(empty)) == (0, [])


def storage_of(place: Place) -> list[Path]:
    return list((place.home / "files").rglob("*"))


def test_a_backup_whose_database_is_another_is_not_taken_for_proved(
    lived_in: Place, empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = take(backups)
    said = json.loads((backup / "manifest.json").read_text())
    said["proof"]["heads"] = "0" * 64
    (backup / "manifest.json").write_text(json.dumps(said))
    empty.enter()
    assert restore(backup) == 2
    assert "The restored data does not match the backup's manifest" in capsys.readouterr().err
    with unit_of_work() as session:
        assert session.scalars(text("select to_regnamespace('restoring') is not null")).one()


def test_no_file_is_forgotten_while_a_backup_still_needs_it(lived_in: Place) -> None:
    with unit_of_work() as session:
        upload = session.scalars(select(Upload).where(Upload.sha256.is_not(None))).first()
        assert upload
        assert upload.sha256
        orphan, sha256 = upload.id, upload.sha256
        session.execute(text("update upload set expires_at = now() - interval '8 days' where sha256 is not null"))
    os.utime(storage().path(sha256), (0, 0))
    with engine().connect() as connection, housekeeping.every_file_stays(connection):
        housekeeping.tidy()
        with unit_of_work() as session:
            assert session.get(Upload, orphan)
    assert sha256_of(storage().path(sha256)) == sha256


def test_a_broken_invariant_is_named_after_the_restore(
    lived_in: Place, empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with unit_of_work() as session:
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text("update deliverable set visit = 7"))
    backup = take(backups)
    empty.enter()
    assert restore(backup) == 1
    assert "broken  deliverables_stand_where_they_entered: " in capsys.readouterr().out


def test_another_secret_is_said_to_be_another(
    lived_in: Place, empty: Place, backups: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = take(backups)
    empty.enter()
    monkeypatch.setenv("CALLBOARD_SECRET", "another")
    settings.cache_clear()
    assert restore(backup) == 0
    assert "This installation has another secret than the one in the backup: " in capsys.readouterr().out


def test_two_backups_at_once_and_a_folder_that_cannot_be_written_are_told_so(
    lived_in: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backups.mkdir()
    with taking.alone_in(backups):
        assert command.main(["take", str(backups)]) == 2
    assert capsys.readouterr().err == f"Another backup is being written to {backups}: wait until it is done.\n"
    closed = backups / "file"
    closed.touch()
    assert command.main(["take", str(closed)]) == 2
    assert capsys.readouterr().err.startswith(f"{closed} cannot be written (")


def test_an_empty_database_is_not_backed_up(empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty.enter()
    assert command.main(["take", str(backups)]) == 2
    assert capsys.readouterr().err == "There is no installation in this database: nothing to back up.\n"
    assert list(backups.iterdir()) == []


def test_a_backup_of_an_older_callboard_is_brought_up_to_this_one(lived_in: Place, empty: Place, backups: Path) -> None:
    with unit_of_work() as session:
        session.execute(text("drop schema public cascade; create schema public"))
    load()
    with storage().scratch() as folder, unit_of_work() as session:
        (folder / "film").write_bytes(b"every file of that database")
        film = storage().keep(folder / "film").sha256
        session.execute(text("set local session_replication_role = replica"))
        for column in housekeeping.FILES:
            session.execute(update(column.class_).where(column.is_not(None)).values({column: film}))
    backup = take(backups)
    older = Manifest.of(backup).proof
    empty.enter()
    assert restore(backup) == 0
    with unit_of_work() as session:
        now = proof_of(session)
        assert [restoration.backup for restoration in session.scalars(select(Restoration))] == [backup.name]
    assert (older.migration, older.debits) == ("0100", now.debits)


def test_a_restore_that_finds_the_disk_full_says_so_and_goes_on_later(
    lived_in: Place, empty: Place, backups: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with storage().scratch() as folder, unit_of_work() as session:
        (folder / "film").write_bytes(bytes(1_000_000))
        film = storage().keep(folder / "film").sha256
        session.execute(
            text("update upload set sha256 = :film where id = (select min(id::text)::uuid from upload where sha256 is not null)"),
            {"film": film},
        )
    backup = take(backups)
    empty.enter()
    with room_for(500_000):
        assert restore(backup) == 2
    assert "The restore could not continue ([Errno 27] File too large" in capsys.readouterr().err
    assert (restore(backup), sha256_of(storage().path(film))) == (0, film)


def test_a_database_that_cannot_be_opened_is_told_in_one_sentence(
    lived_in: Place, backups: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = take(backups)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    settings.cache_clear()
    for deed, folder in (("take", backups), ("restore", backup)):
        assert command.main([deed, str(folder)]) == 2
        said = capsys.readouterr().err
        assert (said.startswith("DATABASE_URL: "), len(said.splitlines())) == (True, 1)


def test_an_installation_with_its_own_postgresql_is_restored_and_backed_up_while_nothing_runs(
    lived_in: Place, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = take(backups)
    home = Place("", tmp_path / "embedded", monkeypatch)
    home.enter()
    try:
        assert command.main(["take", str(tmp_path / "nothing")]) == 2
        assert capsys.readouterr().err == f"There is no installation in {home.home}: nothing to back up.\n"
        assert restore(backup) == 0
        again = Manifest.of(take(tmp_path / "again"))
        assert (again.proof.debits, again.files) == (Manifest.of(backup).proof.debits, Manifest.of(backup).files)
        assert not (settings().cluster_home / "rows" / "postmaster.pid").exists()
    finally:
        shutil.rmtree(settings().cluster_home, ignore_errors=True)

"""Restoring a backup: into an empty database only, proved before and after; killed in the middle, the same command goes on."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.db import SQUASHED
from campaigns.core.errors import NotFound
from campaigns.core.files import sha256_of, storage
from campaigns.core.settings import Settings
from campaigns.core.words import _
from campaigns.installation import checks as installation_checks
from campaigns.installation import restored
from flows.backup import copies, database
from flows.backup.manifest import DUMP, LIST, Manifest, has_secret, proof_of, stories
from flows.supervise.errors import CannotStart
from flows.supervise.programs import ROOT
from workers import housekeeping
from workers.transactions import engine, unit_of_work

Say = Callable[[str], None]
# Whatever makes a database somebody's: a table outside PostgreSQL's own schemas and our mark.
TABLES = f"""
    select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', '{database.UNFINISHED}')
"""  # nosec B608  # noqa: S608 - the part is a constant


def restore(settings: Settings, backup: Path, say: Say) -> tuple[Manifest, list[installation_checks.Fault]]:
    """Restore a backup and prove that it is that one; returns what it says of itself, and what was broken when it was taken.

    Raises CannotStart, and has then changed nothing that the same command does not go on with.
    """
    manifest = Manifest.of(backup)
    names = require_whole(backup, manifest)
    say(_("The backup of {moment} is complete.", moment=f"{manifest.taken_at:%d %B %Y %H:%M:%S} UTC"))
    with database.opened_alone(settings):
        try:
            found = _bring_back(settings, backup, manifest, names, say)
        except (SQLAlchemyError, OSError) as failed:
            why = str(failed).splitlines()[0]
            raise CannotStart(_("The restore could not continue ({why}): fix that and run the same command again.", why=why)) from failed
        finally:
            engine().dispose()
    if not has_secret(settings, manifest.secret):
        say(_the_secret_is_another())
    return manifest, found


def _bring_back(settings: Settings, backup: Path, manifest: Manifest, names: list[str], say: Say) -> list[installation_checks.Fault]:
    begin(manifest)
    keep_files(backup, names)
    say(_("The files are restored."))
    if _holds_nothing():
        database.restore(settings, backup / DUMP)
    prove(manifest, names)
    for sentence in stories(manifest.proof):
        say(sentence)
    _migrate()
    with unit_of_work() as session:
        found = installation_checks.broken(session)
        restored.take_up(session, backup.name, manifest.taken_at)
        session.execute(text(f"drop schema {database.UNFINISHED} cascade"))
    return found


def require_whole(backup: Path, manifest: Manifest) -> list[str]:
    """The files of a backup, all of which are whole, as its dump is; raises CannotStart otherwise, or when we are too old for it."""
    known = {each.revision for each in ScriptDirectory.from_config(_alembic()).walk_revisions()} | {SQUASHED}
    if manifest.proof.migration not in known:
        raise CannotStart(_("{folder} was made by a newer Callboard ({version}): use that one.", folder=backup, version=manifest.callboard))
    for name, sha256 in ((DUMP, manifest.dump), (LIST, manifest.listed)):
        if not copies.is_whole(backup / name, sha256):
            raise CannotStart(_("{file} is damaged or missing: nothing was restored. Take another backup.", file=backup / name))
    names = list(copies.names_in((backup / LIST).read_text()))
    copies.require_whole(backup, names)
    return names


def begin(manifest: Manifest) -> None:
    """Mark the empty database as being restored, or find the mark of the same restore; raises CannotStart when it holds anything else."""
    with unit_of_work() as session:
        if session.scalar(text("select to_regnamespace(:name)"), {"name": database.UNFINISHED}):
            if session.scalar(text(f"select dump from {database.UNFINISHED}.backup")) != manifest.dump:  # nosec B608  # noqa: S608 - a constant
                raise CannotStart(
                    _("The restore of another backup was started in this database: finish that one, or recreate the database.")
                )
        elif session.scalar(text(TABLES)):
            raise CannotStart(_not_empty())
        else:
            session.execute(text(f"create schema {database.UNFINISHED}"))
            session.execute(text(f"create table {database.UNFINISHED}.backup (dump text not null)"))
            session.execute(text(f"insert into {database.UNFINISHED}.backup values (:dump)"), {"dump": manifest.dump})  # nosec B608  # noqa: S608 - a constant


def keep_files(backup: Path, names: list[str]) -> None:
    """Bring the files of a backup into the storage; those that are there already stay. Raises CannotStart for one that is damaged there."""
    for sha256 in names:
        try:
            there = storage().path(sha256)
        except NotFound:
            with storage().scratch() as folder:
                copy = folder / sha256
                copies.bring(sha256, copy, earlier=None, storage=copies.place_of(backup, sha256))
                storage().keep(copy)
        else:
            if sha256_of(there) != sha256:
                raise CannotStart(_("{file} is damaged: move it away, then restore again.", file=there))


def prove(manifest: Manifest, names: list[str]) -> None:
    """Raise CannotStart unless the database is the one that was backed up and every file that it names is among `names`."""
    with unit_of_work() as session:
        proof, named = proof_of(session), housekeeping.named_files(session)
    if proof != manifest.proof:
        raise CannotStart(_("The restored data does not match the backup's manifest; take another backup."))
    if missing := sorted(named - {*names, *manifest.lost}):
        raise CannotStart(_("The database names {file}, which is missing from the backup; take another backup.", file=missing[0]))


def _holds_nothing() -> bool:
    with unit_of_work() as session:
        return not session.scalar(text(TABLES))


def _migrate() -> None:
    engine().dispose()
    command.upgrade(_alembic(is_restoring=True), "head")


def _alembic(*, is_restoring: bool = False) -> Config:
    return Config(toml_file=str(ROOT / "pyproject.toml"), attributes={"is_restoring": is_restoring})


def _not_empty() -> str:
    return _(
        "This database is not empty, and a restore never overwrites data: "
        "set CALLBOARD_HOME to a new folder, or DATABASE_URL to an empty database."
    )


def _the_secret_is_another() -> str:
    return _(
        "This installation has another secret than the one in the backup: copy the file `secret` from the old CALLBOARD_HOME, "
        "or set CALLBOARD_SECRET, or CALLBOARD_FORMER_SECRET with the new one, to its content; otherwise authenticator apps must be added "
        "again, and links in emails that were sent no longer work."
    )

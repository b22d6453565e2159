"""A database that cannot be used is refused with one sentence, before anything starts."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from flows.supervise.postgres import Cluster, wait_until_open
from flows.supervise.stack import end
from tests.installation import PORTS, wait_for
from tests.ports import free_ports

OLD_SERVER = b"R\x00\x00\x00\x08\x00\x00\x00\x00" + b"S\x00\x00\x00\x18server_version\x0015.4\x00" + b"Z\x00\x00\x00\x05I"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def up(home: Path, **environment: str) -> tuple[int, str, list[str]]:
    """The exit code of `callboard up`, what it said, and what it left in its home beside the lock."""
    chosen = {"CALLBOARD_HOME": str(home), "DATABASE_URL": ""} | dict(zip(PORTS, free_ports(len(PORTS)), strict=True)) | environment
    command = [sys.executable, "-m", "flows.supervise"]
    ran = subprocess.run(command, env=os.environ | chosen, capture_output=True, text=True, check=False, timeout=60)
    return ran.returncode, ran.stdout + ran.stderr, sorted({each.name for each in home.iterdir()} - {"up.lock"})


def refused(sentence: str) -> tuple[int, str, list[str]]:
    return 2, f"{sentence}\n", []


def test_a_database_that_is_not_there_is_refused(home: Path) -> None:
    [port] = free_ports(1)
    assert up(home, DATABASE_URL=f"postgresql://me:hush@127.0.0.1:{port}/callboard") == refused(
        f"DATABASE_URL: postgresql://me:***@127.0.0.1:{port}/callboard cannot be opened: nothing listens there. Correct DATABASE_URL."
    )


def test_an_address_of_another_database_system_is_refused(home: Path) -> None:
    assert up(home, DATABASE_URL="mysql://me@127.0.0.1/callboard") == refused(
        "DATABASE_URL names mysql; Callboard works only with PostgreSQL."
    )


def test_an_address_that_cannot_be_read_is_refused(home: Path) -> None:
    assert up(home, DATABASE_URL="callboard at home") == refused(
        "DATABASE_URL is not an address of the form postgresql://user:password@host:port/database."
    )


def test_a_missing_database_is_refused_by_name(home: Path, cluster: Cluster) -> None:
    assert up(home, DATABASE_URL=cluster.url("nowhere")) == refused(
        "DATABASE_URL: postgresql://callboard@/nowhere cannot be opened: there is no such database or user. Correct DATABASE_URL."
    )


@pytest.fixture
def guarded() -> Iterator[Cluster]:
    """A server that asks everyone but its owner for a password."""
    folder = Path(tempfile.mkdtemp(prefix="callboard-"))
    cluster = Cluster.at(folder, fsync="off")
    (cluster.rows / "pg_hba.conf").write_text("local all callboard trust\nlocal all all scram-sha-256\n")
    server = cluster.start(folder / "log")
    wait_until_open(cluster, server)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("create role guest login password 'right'")
        connection.execute("create database callboard owner guest")
    yield cluster
    end(server, signal.SIGINT)
    shutil.rmtree(folder)


def test_a_wrong_password_is_refused_and_never_shown(home: Path, guarded: Cluster) -> None:
    url = f"postgresql://guest:wrong@/callboard?host={guarded.socket_home}"
    assert up(home, DATABASE_URL=url) == refused(
        "DATABASE_URL: postgresql://guest:***@/callboard cannot be opened: the user name or password is wrong. Correct DATABASE_URL."
    )


def test_a_user_who_may_not_make_prefect_s_database_is_told_to_have_it_made(home: Path, guarded: Cluster) -> None:
    url = f"postgresql://guest:right@/callboard?host={guarded.socket_home}"
    assert up(home, DATABASE_URL=url) == refused(
        "Prefect's database postgresql://guest:***@/prefect cannot be set up: permission denied to create database. "
        "Create it with the extension pg_trgm, or set CALLBOARD_PREFECT_DATABASE_URL to another."
    )


def test_a_postgresql_older_than_16_is_refused(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        Thread(target=_play_old_server, args=(listener,), daemon=True).start()
        assert up(home, DATABASE_URL=f"postgresql://me@127.0.0.1:{port}/callboard?sslmode=disable&gssencmode=disable") == refused(
            f"DATABASE_URL: postgresql://me@127.0.0.1:{port}/callboard is PostgreSQL 15; Callboard needs 16 or newer."
        )


def _play_old_server(listener: socket.socket) -> None:
    """Greet one client as PostgreSQL 15.4 would, and wait until it has gone."""
    client, _ = listener.accept()
    with client:
        client.recv(4096)
        client.sendall(OLD_SERVER)
        while client.recv(4096):
            pass


def test_a_port_in_use_is_refused_with_its_number_and_its_setting(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert up(home, CALLBOARD_PREFECT_PORT=str(port)) == refused(
            f"Port {port} is in use: stop what listens there, or set CALLBOARD_PREFECT_PORT to another port."
        )


def test_two_settings_of_one_port_are_refused(home: Path) -> None:
    assert up(home, CALLBOARD_PORT="8555", CALLBOARD_PREFECT_PORT="8555") == refused(
        "CALLBOARD_PORT and CALLBOARD_PREFECT_PORT are both 8555: give each its own port."
    )


def test_a_key_of_stripe_s_own_without_the_secret_of_its_webhooks_is_refused(home: Path) -> None:
    assert up(home, STRIPE_API_KEY="sk_test_1") == refused(
        "STRIPE_API_KEY is set and STRIPE_WEBHOOK_SECRET is not: without it, no event from Stripe can be verified. "
        "Set it to the signing secrets of both webhook endpoints, separated by a comma."
    )


def test_a_setting_that_makes_no_sense_is_refused_by_name(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows.supervise"]
    ran = subprocess.run(
        command, env={"CALLBOARD_PORT": "eighty", "CALLBOARD_HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (
        2,
        "CALLBOARD_PORT: Input should be a valid integer, unable to parse string as an integer.\n",
    )


def test_a_home_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "file" / "home"
    home.parent.write_text("not a folder")
    ran = subprocess.run(
        [sys.executable, "-m", "flows.supervise"], env={"CALLBOARD_HOME": str(home)}, capture_output=True, text=True, check=False
    )
    sentence = f"{home} cannot be written (Not a directory): set CALLBOARD_HOME to another folder.\n"
    assert (ran.returncode, ran.stderr) == (2, sentence)


def test_an_external_postgresql_is_migrated_and_given_a_database_for_prefect(home: Path, guarded: Cluster) -> None:
    guarded.add_database("own")
    command = [sys.executable, "-m", "flows.supervise", "--only", "migrations", "--once", "json.tool", "--help"]
    environment = {"CALLBOARD_HOME": str(home), "DATABASE_URL": guarded.url("own")} | dict(zip(PORTS, free_ports(4), strict=True))
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True, timeout=60)
    wait_for(guarded.opens)
    with psycopg.connect(guarded.url("own")) as ours, psycopg.connect(guarded.url("prefect")) as theirs:
        assert ours.execute("select count(*) from alembic_version").fetchone() == (1,)
        assert theirs.execute("select extname from pg_extension where extname = 'pg_trgm'").fetchone() == ("pg_trgm",)

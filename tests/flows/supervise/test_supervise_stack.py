"""Nothing is left behind, whatever ends the supervisor, and what crashes comes back."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.installation import Installation, wait_for

Start = Callable[..., Installation]

CRASHING = """
import sys
from pathlib import Path
from flows.supervise.program import Program
from flows.supervise.stack import Stack
said = []
def say(line):
    said.append(line)
    if len(said) == 4:
        raise KeyboardInterrupt
stack = Stack([Program("brief", "Brief life", ("sleep", "0.2"))], home=Path(sys.argv[1]), say=say)
try:
    stack.start()
    stack.watch()
except KeyboardInterrupt:
    stack.stop()
print(*said, sep="\\n")
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts an installation in this test's folder and takes it away afterwards."""
    started: list[Installation] = []

    def start(*arguments: str, **environment: str) -> Installation:
        started.append(Installation.start(tmp_path, *arguments, **environment))
        return started[-1]

    yield start
    for each in started:
        each.remove()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_is_left_however_the_supervisor_ends(start: Start, ending: signal.Signals) -> None:
    up = start("--only", "postgres", "http.server", "0").wait_until_ready()
    wait_for(lambda: len(up.processes()) > 3)  # the supervisor, its client, PostgreSQL and PostgreSQL's own
    up.process.send_signal(ending)
    up.process.wait(20)
    wait_for(lambda: not up.processes())
    assert "database system is shut down" in (up.home / "logs/postgres.log").read_text()


def test_a_killed_postgresql_comes_back_with_its_rows(start: Start) -> None:
    up = start("--only", "postgres").wait_until_ready()
    address = up.settings.libpq_url
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("create table kept as select 7 as seven")
    killed = up.pid("postgres")
    subprocess.run(["kill", "-9", str(killed)], check=True)
    wait_for(lambda: up.pid("postgres") != killed)
    wait_for(lambda: _opens(address))
    with psycopg.connect(address) as connection:
        assert connection.execute("select seven from kept").fetchall() == [(7,)]


def test_the_client_s_exit_code_is_ours_when_it_runs_once(start: Start) -> None:
    up = start("--only", "postgres", "--once", "json.tool", "/no/such/file")
    assert up.process.wait(30) == 2
    assert not up.processes()


def test_a_second_start_from_the_same_folder_is_refused(start: Start) -> None:
    first = start("--only", "postgres").wait_until_ready()
    command = [sys.executable, "-m", "flows.supervise"]
    second = subprocess.run(command, env={"CALLBOARD_HOME": str(first.home)}, capture_output=True, text=True, check=False)
    sentence = f"Callboard is already running from {first.home}: stop it first, or set CALLBOARD_HOME to another folder.\n"
    assert (second.returncode, second.stderr) == (2, sentence)
    assert first.process.poll() is None


def test_what_keeps_crashing_is_restarted_at_growing_intervals(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", CRASHING, tmp_path], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[1:] == [f"Brief life ended (0), starts again in {pause} s" for pause in ("0.25", "0.5", "1")]


def _opens(address: str) -> bool:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True

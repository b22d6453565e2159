"""The process from which flow runs are forked: what its children share, and what becomes of them and of it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import prefect.runner._starter_engine as prefects
import pytest
from anyio import TASK_STATUS_IGNORED
from prefect.runner._process_manager import ProcessHandle

from flows.supervise import flow_run, worker
from flows.supervise.forks import KILLED, ForkedProcess, Forks, Warm, WarmProcessGone
from flows.supervise.process import identity as identity_of
from flows.supervise.process import is_alive
from tests.aside import waited_for
from tests.installation import wait_for

# A flow run of which nobody has heard: its process asks Prefect, of which there is none here, and fails.
NOBODYS = {"PREFECT__FLOW_RUN_ID": "01a2335e-6543-757b-9b1f-c51c999970c8", "PREFECT_API_URL": "http://127.0.0.1:9/api"}
SOON = 60.0
# Two children of a process that has imported what a warm one has, each with what ought to be its own.
TWINS = """
import importlib, os, random
from flows.supervise.warm import IMPORTS
for name in IMPORTS:
    importlib.import_module(name)
import threading
from uuid import uuid4
from workers import transactions
from campaigns.core.ids import new_id
print(threading.active_count(), transactions.engine.cache_info().currsize, len(os.listdir("/proc/self/task")), flush=True)
for _twin in range(2):
    if os.fork() == 0:
        print(new_id().int & 2**62 - 1, uuid4(), random.random(), flush=True)
        os._exit(0)
    os.wait()
"""
# A warm process whose children only say what they were told.
TELLING = """
import os, sys
from flows.supervise import flow_run, warm
warm.IMPORTS = ()
flow_run.run = lambda parent: print(os.environ.get("OWN"), os.getcwd(), sys.argv[1:], parent == os.getppid())
warm.main(os.getppid(), int(sys.argv[1]))
"""
# One that has come to have a second thread.
OF_TWO_THREADS = """
import socket, threading, time
from flows.supervise.warm import Forker
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
Forker(socket.socketpair()[0], 0).fork({"run": "a run"})
print("forked")
"""
# One that has imported a module, which was changed a second after or a second before that began.
CHANGED = """
import os, socket, sys, time
from pathlib import Path
from flows.supervise import warm
warm.ROOT, (ours, theirs) = Path(sys.argv[1]), socket.socketpair()
theirs.close()
sys.path.insert(0, sys.argv[1])
import play
forker = warm.Forker(ours, os.stat(play.__file__).st_ctime_ns + int(sys.argv[2]) * 10**9)
forker.start_anew = lambda: sys.exit("started anew")
forker.serve()
"""
# What ends as a child does, once others have had their last word.
ENDING = """
import atexit, sys, threading, time
from flows.supervise.warm import QuickEnd
class Imported:
    def __del__(self): print("freed")
imported, quick_end = Imported(), QuickEnd()
atexit.register(print, "last word")
threading.Thread(target=lambda: (time.sleep(0.2), print("thread done"))).start()
with quick_end.of_child():
    exec(sys.argv[1])
"""


@pytest.fixture
def warm() -> Iterator[Warm]:
    warm = Warm.start()
    yield warm
    warm.process.kill()
    warm.process.wait()


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forks]:
    """What this process starts flow runs by, until the test ends."""
    monkeypatch.setattr(prefects, "run_process", vars(prefects)["run_process"])
    forks = Forks()
    yield forks
    forks.end()


def ran(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False, timeout=SOON)


def forked(warm: Warm) -> ForkedProcess:
    """A child, once it has become what it is."""
    child = warm.fork(NOBODYS["PREFECT__FLOW_RUN_ID"], NOBODYS, "/").result(SOON)
    wait_for(lambda: title_of(child) == f"python -m flows.supervise.flow_run {NOBODYS['PREFECT__FLOW_RUN_ID']}", SOON)
    return child


def title_of(child: ForkedProcess) -> str:
    return Path(f"/proc/{child.pid}/cmdline").read_bytes().rstrip(b"\0 ").decode()


def test_what_is_forked_has_one_thread_no_connection_and_nothing_random_in_common() -> None:
    before, *twins = [line.split() for line in ran(TWINS).stdout.splitlines()]
    assert (before, len(set(chain.from_iterable(twins)))) == (["1", "0", "1"], 6)


def test_a_process_with_a_second_thread_does_not_fork() -> None:
    refused = ran(OF_TWO_THREADS)
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", "This process has 2 threads and must not fork.\n")


def test_what_one_child_is_told_the_next_does_not_know(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-c", TELLING, str(theirs.fileno())]
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, text=True) as telling:
        theirs.close()
        ends: list[int] = []
        for environment, folder in (({"OWN": "only mine"}, str(tmp_path)), ({}, "/")):
            ours.sendall(json.dumps({"run": "a run", "environment": environment, "folder": folder}).encode())
            told: list[dict[str, Any]] = [json.loads(ours.recv(1024)), json.loads(ours.recv(1024))]
            ends.append(told[1]["status"])
        ours.shutdown(socket.SHUT_RDWR)
        said = telling.communicate(timeout=SOON)[0].splitlines()
    assert (ends, said) == ([0, 0], [f"only mine {tmp_path} [] True", "None / [] True"])


def test_a_child_asks_the_prefect_that_it_was_told_of(warm: Warm) -> None:
    with socket.create_server(("127.0.0.1", 0)) as told_of:
        told_of.settimeout(SOON)
        address = {"PREFECT_API_URL": f"http://127.0.0.1:{told_of.getsockname()[1]}/api"}
        child = warm.fork(NOBODYS["PREFECT__FLOW_RUN_ID"], NOBODYS | address, "/").result(SOON)
        with told_of.accept()[0] as asked:
            assert asked.recv(1024).startswith(f"GET /api/flow_runs/{NOBODYS['PREFECT__FLOW_RUN_ID']} ".encode())
            os.kill(child.pid, signal.SIGKILL)


def test_a_child_bears_the_name_of_its_flow_run_and_its_end_is_told(warm: Warm) -> None:
    child = forked(warm)
    assert (child.ended.result(SOON), is_alive(f"{child.pid}@")) == (1, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_reaches_the_child_and_its_end_by_it_is_told(warm: Warm, number: signal.Signals) -> None:
    child = forked(warm)
    os.kill(child.pid, number)
    assert child.ended.result(SOON) == -number


@pytest.mark.parametrize(
    ("deed", "code", "said"),
    [
        ("pass", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('why')", 1, "why"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_child_waits_for_its_threads_has_its_last_word_and_ends_without_freeing_what_it_shares(deed: str, code: int, said: str) -> None:
    ended = ran(ENDING, deed)
    assert (ended.returncode, ended.stdout, ended.stderr.splitlines()[-1:]) == (code, "thread done\nlast word\n", [said] if said else [])


def test_no_child_outlives_its_warm_process_and_that_is_told(warm: Warm) -> None:
    child = forked(warm)
    os.kill(child.pid, signal.SIGSTOP)
    known_as = identity_of(child.pid)
    warm.process.kill()
    assert (child.ended.result(SOON), known_as is not None) == (KILLED, True)
    wait_for(lambda: not is_alive(str(known_as)), SOON)
    with pytest.raises(WarmProcessGone):
        forked(warm)


def test_code_that_has_changed_is_what_the_next_child_runs(warm: Warm) -> None:
    forked(warm).ended.result(SOON)
    image = Path(f"/proc/{warm.process.pid}/auxv")
    before, same = image.read_bytes(), (forked(warm).ended.result(SOON), image.read_bytes())
    os.utime(str(flow_run.__file__))
    assert (forked(warm).ended.result(SOON), same, image.read_bytes() != before) == (1, (1, before), True)


@pytest.mark.parametrize(("seconds", "said"), [(-1, "started anew\n"), (1, "")])
def test_code_that_has_changed_while_it_was_imported_is_imported_again(tmp_path: Path, seconds: int, said: str) -> None:
    (tmp_path / "play.py").touch()
    assert ran(CHANGED, str(tmp_path), str(seconds)).stderr == said


def test_a_flow_run_whose_warm_process_dies_before_it_forks_is_started_by_its_command(forks: Forks) -> None:
    async def end_of_run() -> Any:

        command = [sys.executable, "-c", "import os; print(os.getcwd()); exit(7)"]
        told: dict[str, Any] = {"task_status": TASK_STATUS_IGNORED, "task_status_handler": ProcessHandle}
        running = asyncio.create_task(forks.run_process(command, env={**os.environ, **NOBODYS}, cwd="/", **told))
        while not forks.warm.asked:
            await asyncio.sleep(0.01)
        forks.end()
        return await running

    os.kill(forks.warm.process.pid, signal.SIGSTOP)
    ended = waited_for(end_of_run())
    assert (ended.returncode, forks.warm.is_gone) == (7, True)


def test_where_no_kernel_binds_processes_to_each_other_flow_runs_are_started_by_their_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ADOPTS", False)
    before = vars(prefects)["run_process"]
    hands = worker.hands_here()
    hands.end_unborn()
    assert vars(prefects)["run_process"] is before

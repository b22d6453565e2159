"""The process from which flow runs are forked: what its children share, and what becomes of them and of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from flows.supervise import flow_run
from flows.supervise.forks import KILLED, Child, Warm, WarmProcessGone
from flows.supervise.process import identity as identity_of
from flows.supervise.process import is_alive
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
from campaigns.core import db
from campaigns.core.ids import new_id
print(threading.active_count(), db.engine.cache_info().currsize, len(os.listdir("/proc/self/task")), flush=True)
for _twin in range(2):
    if os.fork() == 0:
        print(new_id().int & 2**62 - 1, uuid4(), random.random(), flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture
def warm() -> Iterator[Warm]:
    warm = Warm.start()
    yield warm
    warm.process.kill()
    warm.process.wait()


def forked(warm: Warm) -> Child:
    """A child, once it has become what it is."""
    child = warm.fork(NOBODYS["PREFECT__FLOW_RUN_ID"], NOBODYS, "/").result(SOON)
    wait_for(lambda: title_of(child) == f"python -m flows.supervise.flow_run {NOBODYS['PREFECT__FLOW_RUN_ID']}", SOON)
    return child


def title_of(child: Child) -> str:
    return Path(f"/proc/{child.pid}/cmdline").read_bytes().rstrip(b"\0 ").decode()


def test_what_is_forked_has_one_thread_no_connection_and_nothing_random_in_common() -> None:
    said = subprocess.run([sys.executable, "-c", TWINS], capture_output=True, text=True, check=True, timeout=SOON).stdout
    before, *twins = [line.split() for line in said.splitlines()]
    assert (before, len(set(chain.from_iterable(twins)))) == (["1", "0", "1"], 6)


def test_a_child_bears_the_name_of_its_flow_run_and_its_end_is_told(warm: Warm) -> None:
    child = forked(warm)
    assert (child.ended.result(SOON), is_alive(f"{child.pid}@")) == (1, False)


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

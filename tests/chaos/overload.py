"""An overload: something else keeps every core busy, or slows PostgreSQL to a tenth, while many campaigns are due at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from campaigns.core import heartbeat
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.stages import Stage
from flows import engine
from tests.factories import Partnership
from tests.flows.engine_room import close, collaborating, deliverables, stages
from tests.flows.test_campaign_flow_race import send_round
from tests.installation import Installation, traces, wait_for
from workers.transactions import unit_of_work

BUSY = "while True: pass"
STOPPED, GOING = 0.09, 0.01
GLANCE = 0.25
BEFORE = 900.0


@contextmanager
def every_core_busy() -> Iterator[None]:
    """One process for each core that does nothing but compute."""
    hogs = [subprocess.Popen([sys.executable, "-c", BUSY]) for _core in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


@contextmanager
def slow_postgresql(up: Installation) -> Iterator[None]:
    """The installation's PostgreSQL runs for a tenth of the time."""
    is_over = threading.Event()
    slowing = threading.Thread(target=_slow_down, args=(up.pid("postgres"), is_over))
    slowing.start()
    try:
        yield
    finally:
        is_over.set()
        slowing.join()


def _slow_down(postmaster: int, is_over: threading.Event) -> None:
    while not is_over.is_set():
        there = [postmaster, *_children(postmaster)]
        _send(there, signal.SIGSTOP)
        time.sleep(STOPPED)
        _send(there, signal.SIGCONT)
        time.sleep(GOING)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _send(pids: Sequence[int], what: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


@contextmanager
def counted(up: Installation) -> Iterator[list[int]]:
    """How many processes of flow runs the system counts, looked at again and again."""
    counts: list[int] = []
    is_over = threading.Event()

    def count() -> None:
        while not is_over.wait(GLANCE):
            counts.append(len(flow_runs(up)))

    counting = threading.Thread(target=count)
    counting.start()
    try:
        yield counts
    finally:
        is_over.set()
        counting.join()


def flow_runs(up: Installation) -> set[int]:
    """The installation's processes that are flow runs, by what they were started as."""
    home, found = str(up.home).encode(), set[int]()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if b"flows.supervise.flow_run" in Path(f"/proc/{pid}/cmdline").read_bytes() and home in traces(int(pid)):
                found.add(int(pid))
    return found


@dataclass
class Overload:
    """So many campaigns that are due again and again for `seconds` of it; `run` says what must not be and was.

    Where the machine may have others on it, what is left may take so many `times` what the campaigns took to begin before the overload.
    """

    up: Installation
    campaigns: int
    seconds: float
    is_slow: bool = False
    worked_off_within: float = 120.0
    times: float = 0.0
    say: Callable[[str], None] = print
    told_since: datetime | None = None
    worked_off_after: float = 0.0
    rounds: int = 0
    made: list[Partnership] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def run(self) -> list[str]:
        """Let it happen, and say what went wrong."""
        began = time.monotonic()
        self.made = [collaborating() for _campaign in range(self.campaigns)]
        wait_for(lambda: self.all_asleep(Stage.COLLABORATION), BEFORE, every=1)
        self.worked_off_within = max(self.worked_off_within, self.times * (time.monotonic() - began))
        self.say(f"{self.campaigns} campaigns sleep, and the overload begins.")
        with counted(self.up) as self.counts:
            self.keep_due()
            self.say(f"It is over after {self.rounds} rounds; at most {max(self.counts)} processes lived at once.")
            self.work_off()
        self.say(f"Worked off {self.worked_off_after:.0f} s later.")
        return list(self.harms())

    def keep_due(self) -> None:
        """Every gate opens, and again once it was gone through, while it lasts."""
        with ExitStack() as load:
            load.enter_context(every_core_busy())
            if self.is_slow:
                load.enter_context(slow_postgresql(self.up))
            end = time.monotonic() + self.seconds
            for made in self.made:
                close(made)
            while time.monotonic() < end:
                self.have_more_to_do(end)
                self.look()

    def have_more_to_do(self, end: float) -> None:
        """Whatever is through is sent back, with its gate open again."""
        for made in self.made:
            if stages(made) == [Stage.CURATION] and time.monotonic() < end:
                send_round(made, deliverables(made)[0])
                self.rounds += 1

    def work_off(self) -> None:
        """Wait until nothing is left to do and nobody is overloaded."""
        began = time.monotonic()
        while self.worked_off_after <= self.worked_off_within and not (self.all_asleep(Stage.CURATION) and not self.look()):
            time.sleep(0.5)
            self.worked_off_after = time.monotonic() - began

    def look(self) -> datetime | None:
        """Since when Status says that the installation is overloaded."""
        with unit_of_work() as session:
            since = min((life.overloaded_since for life in heartbeat.lives(session) if life.overloaded_since), default=None)
        self.told_since = self.told_since or since
        return since

    def all_asleep(self, stage: Stage) -> bool:
        """Whether every campaign stands there and its run is suspended."""
        ids = [made.id for made in self.made]
        with unit_of_work() as session:
            there = session.scalar(select(func.count()).where(Deliverable.campaign_id.in_(ids), Deliverable.stage == stage))
            runs = session.scalars(select(Campaign.flow_run_id).where(Campaign.id.in_(ids), Campaign.flow_run_id.is_not(None))).all()
        if there != len(ids) or len(runs) != len(ids):
            return False
        return all(run.state and run.state.is_paused() for run in engine.flow_runs(filter(None, runs)).values())

    def harms(self) -> Iterator[str]:
        limit = self.up.settings.worker_limit
        if max(self.counts) > limit:
            yield f"{max(self.counts)} processes of flow runs lived at a limit of {limit}"
        if self.worked_off_after > self.worked_off_within:
            yield f"the backlog was not worked off within {self.worked_off_within:.0f} s"
        if self.told_since is None:
            yield "Status did not say that the installation is overloaded"
        ids = [made.id for made in self.made]
        with unit_of_work() as session:
            replaced = session.scalar(select(func.count()).where(Campaign.id.in_(ids), Campaign.generation > 1))
            wakes = session.scalar(select(func.count()).where(OutboxMessage.kind == OutboxKind.WAKE))
        if replaced:
            yield f"{replaced} runs that lived were replaced"
        if wakes != len(ids):
            yield f"{wakes} wake-ups were enqueued for {len(ids)} campaigns"

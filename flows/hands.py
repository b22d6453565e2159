"""The flow runs that this machine's worker has in its hands: how many it may take, which it must end, which have gone."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.core import clock, flow_processes, heartbeat
from campaigns.core.flow_processes import WorkerProcess
from flows.supervise import process
from workers.transactions import unit_of_work

LOOK_SECONDS = 1.0
PROGRAM = "worker"
log = logging.getLogger("callboard.worker")


class Condemned(RuntimeError):
    """The flow run's process must not be started: it was given up before it came to that."""


@dataclass(slots=True)
class RunSlot:
    """One flow run: the row of its process, whether that was asked for, and the process once it is started."""

    id: UUID
    is_asked_for: bool = False
    process: str | None = None


class RunSlots:
    """What one worker process holds, at most `limit` with all others on the machine; `look` again and again.

    `end_unborn` ends what was asked for a process and has not given one.
    """

    def __init__(self, limit: int, end_unborn: Callable[[], None] = lambda: None) -> None:
        self.limit, self.end_unborn = limit, end_unborn
        place = f"{socket.gethostname()[:80]}:{os.getpid()}"
        self.worker = WorkerProcess(process.machine(), place, process.identity(os.getpid()) or place)
        self.holding: dict[UUID, RunSlot] = {}
        self.is_full = False
        self.overloaded_since: datetime | None = None
        self._taking = threading.Lock()
        self._is_to_look = threading.Event()

    def take(self, runs: Mapping[UUID, UUID | None]) -> set[UUID]:
        """Take those of these flow runs, by what they carry, that there is a place for and that nobody has."""
        with self._taking:
            with unit_of_work() as session:
                taken = flow_processes.take(session, self.worker, runs, self.limit)
            self.holding |= {run_id: RunSlot(process_id) for run_id, process_id in taken.processes.items()}
        self.is_full = taken.is_full
        return set(taken.processes)

    def spawn(self, run_id: UUID) -> UUID:
        """The row of the process that is to be started now; raises Condemned when it must not be."""
        hand = self.holding.get(run_id)
        if hand is None:
            raise Condemned
        with unit_of_work() as session:
            if not flow_processes.spawn(session, hand.id):
                raise Condemned
        hand.is_asked_for = True
        return hand.id

    def started(self, run_id: UUID, pid: int) -> None:
        """Note the process of a flow run."""
        self.holding[run_id].process = process.identity(pid)

    def was_superseded(self, process_id: UUID) -> bool:
        """Whether the process left at its start because a younger run carries on what it would have carried."""
        with unit_of_work() as session:
            return flow_processes.was_superseded(session, process_id)

    def drop(self, run_id: UUID) -> None:
        """The flow run has no process any more, or never got one."""
        self.holding.pop(run_id, None)
        self.is_full = False
        self._is_to_look.set()

    def look_for_ever(self) -> None:
        """Look every second, and at once when something was dropped."""
        while True:
            try:
                self.look()
            except Exception:  # the loop's edge: without it nobody would know what is gone, and nothing would go on
                log.exception("looking after the flow runs failed")
                time.sleep(LOOK_SECONDS)
            self._is_to_look.wait(LOOK_SECONDS)
            self._is_to_look.clear()

    def look(self) -> None:
        """Give a sign of life, tell which processes are gone, and end those that are to be ended."""
        with self._taking, unit_of_work() as session:
            held = {hand.id: hand for hand in list(self.holding.values())}
            heartbeat.beat(session, PROGRAM, self.worker.place, overloaded_since=self.overloaded_since)
            flow_processes.end_all_but(session, self.worker, held)
            over = flow_processes.to_kill(session, held)
        for hand in (held[each] for each in over):
            if hand.process:
                process.kill_known(hand.process)
            elif hand.is_asked_for:
                self.end_unborn()
        self.succeed()

    def succeed(self) -> None:
        """See to the processes of workers on this machine that are gone: what still lives of them is ended, what does not is noted."""
        with unit_of_work() as session:
            orphans = [each for each in flow_processes.of_others(session, self.worker) if not process.is_alive(each.worker_process)]
        for known_as in filter(None, (each.process for each in orphans)):
            process.kill_known(known_as)
        gone = [each.id for each in orphans if not (each.process and process.is_alive(each.process))]
        if gone:
            with unit_of_work() as session:
                flow_processes.end(session, gone)

    def note_waiting(self, since: datetime | None, patience: float) -> None:
        """Note since when the flow run waits that has waited the longest for a place; beyond `patience` seconds that is an overload."""
        now = clock.process_now()
        is_overloaded = since is not None and (now - since).total_seconds() > patience
        self.overloaded_since = (self.overloaded_since or now) if is_overloaded else None

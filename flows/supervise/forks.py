"""The processes of a worker's flow runs: children of a warm process of its own, which is started anew when it is gone."""

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import prefect.runner._starter_engine as prefects

from flows.supervise.warm import MOST_BYTES

if TYPE_CHECKING:
    from anyio.abc import TaskStatus
    from prefect.runner._process_manager import ProcessHandle

FLOW_RUN = "PREFECT__FLOW_RUN_ID"
# A process's title has as much room as its command line had; a child's names its flow run.
ROOM = "-" * 64
KILLED = -9
log = logging.getLogger("callboard.worker")


class WarmProcessGone(RuntimeError):
    """The warm process ended before it had forked for a flow run, or its child with it: the run can be started once more."""


@dataclass(slots=True)
class ForkedProcess:
    """The process of a flow run, as Prefect looks at one; `ended` has its exit code."""

    pid: int
    ended: "Future[int]" = field(default_factory=Future)
    returncode: int | None = None


@dataclass(slots=True)
class Warm:
    """One warm process, what was asked of it by flow run, and its children."""

    line: socket.socket
    process: "subprocess.Popen[bytes]"
    asked: dict[str, "Future[ForkedProcess]"] = field(default_factory=dict)
    children: dict[int, ForkedProcess] = field(default_factory=dict)
    is_gone: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def start(cls) -> "Warm":
        """Start one, bound to the calling thread."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "flows.supervise.warm", str(os.getpid()), str(theirs.fileno()), ROOM]
            # So that the title leaves the environment alone, by which the supervisor knows its processes.
            environment = os.environ | {"SPT_NOENV": "1"}
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        warm = cls(ours, process)
        threading.Thread(target=warm.listen, daemon=True).start()
        return warm

    def fork(self, run: str, environment: Mapping[str, str], folder: str) -> "Future[ForkedProcess]":
        """A child for this flow run, once there is one; raises WarmProcessGone."""
        child: Future[ForkedProcess] = Future()
        with self.lock:
            if self.is_gone:
                raise WarmProcessGone
            self.asked[run] = child
            with suppress(OSError):  # gone meanwhile: whoever listens says so
                self.line.sendall(json.dumps({"run": run, "environment": environment, "folder": folder}).encode())
        return child

    def listen(self) -> None:
        """Take what the process tells until it is gone, and its children with it."""
        with suppress(OSError):
            while told := self.line.recv(MOST_BYTES):
                self.take(json.loads(told))
        self.process.wait()
        with self.lock:
            self.is_gone = True
            for asked in self.asked.values():
                with suppress(InvalidStateError):  # nobody waits for it any more
                    asked.set_exception(WarmProcessGone())
            for child in self.children.values():
                _settle(child.ended, KILLED)

    def take(self, told: Mapping[str, Any]) -> None:
        """A child that there is now, or one that has ended."""
        pid = told["pid"]
        with self.lock:
            if "status" in told:
                _settle(self.children.pop(pid).ended, told["status"])
            else:
                self.children[pid] = ForkedProcess(pid)
                _settle(self.asked.pop(told["run"]), self.children[pid])


def _settle(future: "Future[Any]", value: object) -> None:
    """Give the future its value, unless whoever waited for it has gone."""
    with suppress(InvalidStateError):
        future.set_result(value)


class Forks:
    """What a worker starts its flow runs by; on Linux only, which alone ends children with whom they were forked from."""

    def __init__(self) -> None:
        self.warm = Warm.start()
        self.start_cold: Callable[..., Any] = getattr(prefects, "run_process")  # noqa: B009 - Prefect does not export it
        setattr(prefects, "run_process", self.run_process)  # noqa: B010 - where Prefect has whoever has another way put it

    async def run_process(
        self,
        command: list[str],
        *,
        env: Mapping[str, str],
        cwd: Path | str,
        task_status: "TaskStatus[ProcessHandle]",
        task_status_handler: Callable[[Any], "ProcessHandle"],
        **how: Any,
    ) -> Any:
        """Have a child run the flow run that `env` names, or the command where there is none; returns the process once it has ended."""
        own = {name: value for name, value in env.items() if os.environ.get(name) != value}
        try:
            child = await asyncio.wrap_future(self.at_hand().fork(env[FLOW_RUN], own, str(cwd)))
        except WarmProcessGone:
            log.warning("The warm process is gone: flow run %s starts without it.", env[FLOW_RUN])
            noting = {"task_status": task_status, "task_status_handler": task_status_handler}
            return await self.start_cold(command, env=env, cwd=cwd, **noting, **how)
        task_status.started(task_status_handler(child))
        child.returncode = await asyncio.wrap_future(child.ended)
        return child

    def end(self) -> None:
        """End the warm process and its children: it was asked for a child and is silent."""
        self.warm.process.kill()

    def at_hand(self) -> Warm:
        """A warm process that lives, as far as is known."""
        if self.warm.is_gone:
            self.warm = Warm.start()
        return self.warm

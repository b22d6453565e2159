"""A process that has imported Prefect and the domain, and forks for each flow run: a fork takes milliseconds, the imports seconds.

Started by a worker, to which it is bound, with the file descriptor of a socket on which the worker asks for forks. It has one thread, no
connection and nothing random, so that nothing is shared by its children but memory. Once its code has changed on disk it starts anew.
"""

import atexit
import gc
import importlib
import json
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from setproctitle import setproctitle

from flows.supervise import flow_run
from flows.supervise.process import die_with

ROOT = Path(__file__).parents[2]
# What a flow run imports before its first own work.
IMPORTS = (
    "prefect.main", "prefect.flow_engine", "prefect.task_engine", "prefect._internal.metrics", "flows.first_sign",
    "flows.campaign", "flows.payout_run", "flows.reconcile",
)  # fmt: skip
MOST_BYTES = 64 * 1024
# What Python takes until it comes to `main`, and more than a tick of the clock by which files are marked.
STARTING_NS = 100_000_000
TITLE = "python -m flows.supervise.flow_run"


class Forker:
    """The forks of one worker; `serve` returns in each child, with what the worker has asked of it.

    `began` is when the first of what children share was imported, in nanoseconds of the system's clock.
    """

    def __init__(self, line: socket.socket, began: int) -> None:
        self.line, self.began = line, began
        self.children, self.wake = socket.socketpair()
        for end in (self.children, self.wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self.wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> Mapping[str, Any]:
        """Fork for whatever is asked, and tell when a child has ended; returns the question in the child that is to answer it."""
        code = dict(_code())
        if any(self.began <= changed <= time.time_ns() for changed in code.values()):
            self.start_anew()  # which of the two was imported, nobody knows
        self.reap()  # those of a former self
        gc.freeze()  # what children share is not to be copied by their looking for garbage
        while True:
            readable, _, _ = select.select([self.line, self.children], [], [])
            if self.children in readable:
                self.reap()
            if self.line in readable:
                if dict(_code()) != code:
                    self.start_anew()
                if not (request := self.line.recv(MOST_BYTES)):
                    sys.exit(0)
                asked: Mapping[str, Any] = json.loads(request)
                if self.fork(asked):
                    return asked

    def fork(self, asked: Mapping[str, Any]) -> bool:
        """Whether this is the child; ends the process when a thread has come up, whose locks a child would have and not the thread."""
        if (threads := len(os.listdir("/proc/self/task"))) > 1:
            sys.exit(f"This process has {threads} threads and must not fork.")
        here = os.getpid()
        pid = os.fork()
        if pid == 0:
            self.leave(here)
            return True
        self.tell(run=asked["run"], pid=pid)
        return False

    def leave(self, parent: int) -> None:
        """Bind the child to its parent, and keep nothing of it but its memory."""
        die_with(parent, signal.SIGKILL)()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self.line, self.children, self.wake):
            end.close()

    def reap(self) -> None:
        """Tell of every child that has ended."""
        with suppress(BlockingIOError):
            while self.children.recv(1024):
                pass
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                self.tell(pid=ended[0], status=os.waitstatus_to_exitcode(ended[1]))

    def tell(self, **word: object) -> None:
        self.line.sendall(json.dumps(word).encode())

    def start_anew(self) -> None:
        """Become the same process with the code as it is now; children stay, and what was asked waits on the line."""
        signal.set_wakeup_fd(-1)
        os.execv(sys.executable, sys.orig_argv)  # nosec B606  # noqa: S606 - the command that this process was started with


def _code() -> Iterator[tuple[str, int]]:
    """When each file of ours that this process has imported was changed, or put in the place of another."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and path.startswith(str(ROOT)) and ".venv" not in path:
            with suppress(OSError):
                yield path, os.stat(path).st_ctime_ns


class QuickEnd:
    """Ends a child once all has been done that Python does at its end but for freeing what is imported: that would copy all of it.

    Made before anything that has something to do at the end, so that it comes last.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        atexit.register(self.end)

    @contextmanager
    def of_child(self) -> Iterator[None]:
        """What the child does, and the exit code that it ends with."""
        self.code = 1
        try:
            yield
            self.code = 0
        except SystemExit as asked:
            self.code = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
            raise

    def end(self) -> None:
        """End the process if it is a child."""
        if self.code is not None:
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self.code & 0xFF)


def take_on(environment: Mapping[str, str]) -> None:
    """Add these variables to the environment, and have Prefect read its settings again if one of them is another now."""
    # In any case of letters: a worker of Prefect's writes a false as False. To read them all takes 40 ms.
    settings = {name for name in environment if name.startswith("PREFECT_") and not name.startswith("PREFECT__")}
    is_another = any(environment[name].lower() != os.environ.get(name, "").lower() for name in settings)
    os.environ.update(environment)
    if is_another:
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()


def main(parent: int, descriptor: int) -> None:
    """Serve the worker of this process number; in a child, run its flow run."""
    die_with(parent, signal.SIGKILL)()
    began, quick_end = time.time_ns() - STARTING_NS, QuickEnd()
    line = socket.socket(fileno=descriptor)
    for name in IMPORTS:
        importlib.import_module(name)
    asked = Forker(line, began).serve()
    setproctitle(f"{TITLE} {asked['run']}")
    del sys.argv[1:]  # which Prefect's engine would read
    take_on(asked["environment"])
    os.chdir(asked["folder"])
    with quick_end.of_child():
        flow_run.run(os.getppid())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

"""Starts programs as soon as what they need is ready, restarts what crashes, and leaves no process behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from campaigns.core.words import _
from flows.supervise import process
from flows.supervise.errors import CannotStart
from flows.supervise.program import Program

FIRST_BACK_OFF = 0.25
LONGEST_BACK_OFF = 10.0
STEADY_AFTER = 30.0
READY_WITHIN = 300.0  # on a machine that is busy with something else, too
STOP_WITHIN = 10.0
GLANCE = 0.05
GLANCE_AT_REST = 0.2


@dataclass
class StartedProgram:
    """A program that has been started, with its present process."""

    program: Program
    process: "subprocess.Popen[bytes]"
    started: float
    ready: bool = False
    crashes: int = 0
    restart_at: float | None = None

    @property
    def runs(self) -> bool:
        return self.process.poll() is None


class Stack:
    """The running programs of one installation, whose logs and state are kept in `home`.

    `start` and `stop` from the main thread: what they start is bound to the thread that starts it.
    """

    def __init__(
        self, programs: Sequence[Program], *, home: Path, env: Mapping[str, str] | None = None, say: Callable[[str], None] = print
    ) -> None:
        self.programs = programs
        self.home = home
        self.env = env
        self.say = say
        self.children: dict[str, StartedProgram] = {}

    def start(self) -> None:
        """Return once every program is ready; raises CannotStart when one ends before or takes too long."""
        process.adopt_orphans()
        self._begin_logs()
        while not all(self._is_ready(program.name) for program in self.programs):
            for program in self.programs:
                if program.name not in self.children and all(map(self._is_ready, program.after)):
                    self._launch(program)
            for child in self._waiting():
                self._look(child)
            time.sleep(GLANCE)
        self._write_state()

    def watch(self, *, until: "subprocess.Popen[bytes] | None" = None) -> None:
        """Restart what crashes, for ever or until the given process ends."""
        while until is None or until.poll() is None:
            self._reap_adopted(until)
            for child in list(self.children.values()):
                self._keep(child)
            time.sleep(GLANCE_AT_REST)

    def stop(self) -> None:
        """Stop every program, the last one first, then whatever they left behind."""
        for child in reversed([self.children[each.name] for each in self.programs if each.name in self.children]):
            end(child.process, child.program.last_signal)
        end_leftovers()
        (self.home / "up.json").unlink(missing_ok=True)

    def log_of(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _begin_logs(self) -> None:
        """Set the logs of the start before this one aside, in place of those before it."""
        (self.home / "logs").mkdir(parents=True, exist_ok=True)
        for log in (self.log_of(program.name) for program in self.programs):
            if log.exists():
                log.replace(log.with_suffix(".previous.log"))

    def _is_ready(self, name: str) -> bool:
        return name in self.children and self.children[name].ready

    def _waiting(self) -> list[StartedProgram]:
        return [child for child in self.children.values() if not child.ready]

    def _launch(self, program: Program, *, ready: bool = False, crashes: int = 0) -> None:
        started = process.start(
            program.command, env=self.env, log=self.log_of(program.name), user=program.user, last_signal=program.last_signal
        )
        self.children[program.name] = StartedProgram(program, started, time.monotonic(), ready, crashes)
        self._write_state()

    def _look(self, child: StartedProgram) -> None:
        took = time.monotonic() - child.started
        if child.program.once:
            child.ready = child.process.poll() == 0
        else:
            child.ready = child.runs and child.program.ready()
        if child.ready:
            self.say(_("{program} ready {seconds:5.1f} s", program=f"{child.program.title:<28}", seconds=took))
        elif not child.runs or took > READY_WITHIN:
            raise CannotStart(self._failure(child))

    def _failure(self, child: StartedProgram) -> str:
        program, log = child.program.title, self.log_of(child.program.name)
        if child.runs:
            return _(
                "{program} was not ready after {seconds:.0f} seconds; its log is {log}.", program=program, seconds=READY_WITHIN, log=log
            )
        said = log.read_text(errors="replace").strip().splitlines() or [_("no output")]
        return _("{program} did not start ({why}); its log is {log}.", program=program, why=said[-1].strip(), log=log)

    def _keep(self, child: StartedProgram) -> None:
        if child.program.once or child.runs:
            return
        now = time.monotonic()
        if child.restart_at is None:
            child.crashes = 0 if now - child.started > STEADY_AFTER else child.crashes
            pause = min(FIRST_BACK_OFF * 2**child.crashes, LONGEST_BACK_OFF)
            child.restart_at = now + pause
            named = {"program": child.program.title, "code": child.process.returncode}
            self.say(_("{program} ended ({code}), starts again in {pause:.2g} s", pause=pause, **named))
        elif now >= child.restart_at:
            self._launch(child.program, ready=True, crashes=child.crashes + 1)

    def _reap_adopted(self, until: "subprocess.Popen[bytes] | None") -> None:
        ours = {child.process.pid for child in self.children.values()} | ({until.pid} if until else set())
        for pid in process.children() - ours:
            process.reap(pid)

    def _write_state(self) -> None:
        """Say in `up.json` which process plays which part, for those who look from outside."""
        running = {name: child.process.pid for name, child in self.children.items() if not child.program.once}
        state = {"pid": os.getpid(), "ready": all(self._is_ready(each.name) for each in self.programs), "programs": running}
        draft = self.home / "up.json.new"
        draft.write_text(json.dumps(state))
        draft.replace(self.home / "up.json")


def end(child: "subprocess.Popen[bytes]", last_signal: signal.Signals = signal.SIGTERM) -> None:
    """Ask the process to stop, and kill it with its whole session when it does not."""
    if child.poll() is None:
        child.send_signal(last_signal)
        try:
            child.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill_session(child.pid)
            child.wait()
    if not process.ADOPTS:
        process.kill_session(child.pid)


def end_leftovers() -> None:
    """Kill and reap every child there is, until no grandchild turns up any more."""
    while left := process.children():
        for pid in left:
            process.kill(pid)

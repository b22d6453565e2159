"""What befalls an installation at random: its processes are killed or frozen, its runs and Prefect's whole database tampered with."""

import os
import random
import signal
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import psycopg
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import TERMINAL_STATES
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.states import AwaitingRetry, Completed, Failed
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from campaigns.core.campaign import Campaign
from flows import engine
from flows.supervise.program import kind_of
from tests.chaos.fire import Kill, What
from tests.flows.test_campaign_flow_kills import lose_database
from tests.installation import Installation, traces
from workers.transactions import unit_of_work

PROGRAMS = ("api", "worker", "prefect", "relay", "sweep", "stripe", "sendgrid", "postgres")
A_RUN, ON_THE_PAGE = "a flow run", "a run, on Prefect's page"
# What befalls it, each the method of its name, and how often among a hundred.
WEIGHTS = {"kill_program": 50, "kill_run": 25, "kill_warm": 5, "freeze": 8, "tamper": 10, "lose_prefect": 2, "kill_supervisor": 2}
SUPERVISOR, WARM, NO_PREFECT = "kill the supervisor", "kill the warm process", "drop Prefect's database"
SLEEPERS = (A_RUN, "relay")
# How often the dice leave it to what has never come.
FIRST_TIMES = 1 / 3
# Longer than the relay's lease and the silence after which a run is taken for dead.
FROZEN_FOR = (20.0, 60.0)
AWAY = (httpx.HTTPError, PrefectException, ObjectNotFound, DBAPIError, psycopg.Error, OSError)


@dataclass
class Misfortunes:
    """What befalls one installation, by the dice; `thaw` again and again, and at the end."""

    up: Installation
    dice: random.Random
    kinds: Sequence[str] = tuple(WEIGHTS)
    kills: list[Kill] = field(default_factory=list)
    frozen: list[tuple[float, int]] = field(default_factory=list)
    may_freeze: bool = True

    def kill_program(self) -> None:
        """One program, if it runs just now; of several of its kind any."""
        name = self.dice.choice(PROGRAMS)
        pids = [pid for program, pid in self.up.state.get("programs", {}).items() if kind_of(program) == name]
        self._strike(f"kill {name}", name, self.dice.choice(pids) if pids else 0, signal.SIGKILL)

    def kill_run(self) -> None:
        self._strike("kill a flow run", A_RUN, self._some_run(), signal.SIGKILL)

    def kill_warm(self) -> None:
        """The process that all flow runs of the worker are forked from, and they with it."""
        warm = [pid for pid in self.up.processes() if b"flows.supervise.warm" in traces(pid)]
        self._strike(WARM, "flows.supervise.warm", max(warm, default=0), signal.SIGKILL)

    def freeze(self) -> None:
        """A flow run or the relay, for longer than its lease."""
        name = self.dice.choice([name for name in SLEEPERS if f"freeze {name}" in self.untried] or SLEEPERS)
        pid = self._some_run() if name == A_RUN else self.up.state.get("programs", {}).get(name, 0)
        if self.may_freeze and self._strike(f"freeze {name}", name, pid, signal.SIGSTOP):
            self.frozen.append((time.monotonic() + self.dice.uniform(*FROZEN_FOR), pid))

    def thaw(self, everything: bool = False) -> None:
        """Wake who has been frozen for long enough."""
        for until, pid in list(self.frozen):
            if everything or time.monotonic() > until:
                self.frozen.remove((until, pid))
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def tamper(self) -> None:
        """An operator presses a button of a run's on Prefect's page."""
        name, runs, deed = self.dice.choice([button for button in BUTTONS if button[0] in self.untried] or BUTTONS)
        with suppress(*AWAY):
            if there := sorted(runs()):
                deed(self.dice.choice(there))
                self.kills.append(Kill(name, 0, ON_THE_PAGE, What.BUTTON))

    def lose_prefect(self) -> None:
        """Prefect's whole database, and its server with it."""
        with suppress(*AWAY):
            lose_database(self.up.settings.prefect_database_url)
            self._strike(NO_PREFECT, "prefect", self.up.pid("prefect"), signal.SIGKILL)

    def kill_supervisor(self) -> None:
        """The process that started all the others, and with it everything; the machine starts it again, as systemd would."""
        if not self.may_freeze:
            return  # a simulator that is away must not come back with it
        self.thaw(everything=True)
        if self._strike(SUPERVISOR, "flows.supervise", self.up.process.pid, signal.SIGKILL):
            self.up.start_again()

    @property
    def untried(self) -> set[str]:
        """What has never come, of all that is to come at least once."""
        return names_of(self.kinds) - {kill.name for kill in self.kills}

    def befall(self, first_times: float = FIRST_TIMES) -> None:
        """One of them, the plain ones the most often; in so many cases one that has never come, as long as there is any."""
        self.thaw()
        untried = [kind for kind in self.kinds if names_of([kind]) & self.untried]
        kinds = untried if untried and self.dice.random() < first_times else self.kinds
        [kind] = self.dice.choices(kinds, weights=[WEIGHTS[kind] for kind in kinds])
        getattr(self, kind)()

    def _some_run(self) -> int:
        runs = sorted(pid for pid in self.up.processes() if b"flows.supervise.flow_run" in traces(pid))
        return self.dice.choice(runs) if runs else 0

    def _strike(self, name: str, program: str, pid: int, what: signal.Signals) -> bool:
        if not pid:
            return False
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            return False
        self.kills.append(Kill(name, pid, program, What.FREEZE if what is signal.SIGSTOP else What.KILL))
        return True


def present_runs() -> list[UUID]:
    """Each campaign's run."""
    with unit_of_work() as session:
        return [run_id for run_id in session.scalars(select(Campaign.flow_run_id)) if run_id]


def ended_runs() -> list[UUID]:
    """The runs that Prefect's page offers to retry, whatever they carried."""
    ended = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(TERMINAL_STATES))))
    return [run.id for run in engine.client().read_flow_runs(flow_run_filter=ended)]


def _delete(run_id: UUID) -> None:
    engine.client().delete_flow_run(run_id)


def _wake(run_id: UUID) -> None:
    engine.resume(run_id)


def _retry(run_id: UUID) -> None:
    engine.client().set_flow_run_state(run_id, AwaitingRetry(message="Retry from the UI"))


def _fail(run_id: UUID) -> None:
    engine.client().set_flow_run_state(run_id, Failed(), force=True)


def _complete(run_id: UUID) -> None:
    engine.client().set_flow_run_state(run_id, Completed(), force=True)


# What each does is the same request that the page sends.
BUTTONS: Sequence[tuple[str, Callable[[], list[UUID]], Callable[[UUID], None]]] = (
    ("cancel a run", present_runs, engine.cancel),
    ("delete a run", present_runs, _delete),
    ("fail a run", present_runs, _fail),
    ("complete a run", present_runs, _complete),
    ("resume a run", present_runs, _wake),
    ("retry a run", ended_runs, _retry),
)
# What is to come at least once where there are many kills; the supervisor has a time of its own.
NAMES: Mapping[str, Collection[str]] = {
    "freeze": [f"freeze {name}" for name in SLEEPERS],
    "tamper": [name for name, _runs, _deed in BUTTONS],
    "kill_warm": [WARM],
    "lose_prefect": [NO_PREFECT],
}


def names_of(kinds: Iterable[str]) -> set[str]:
    """What these kinds are called where they are counted, of those that are to come at least once."""
    return {name for kind in kinds for name in NAMES.get(kind, ())}

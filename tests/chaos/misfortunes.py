"""What befalls an installation at random: its processes are killed or frozen, its runs and Prefect's whole database tampered with."""

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import psycopg
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.states import Completed, Failed
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from campaigns.core.campaign import Campaign
from campaigns.core.db import unit_of_work
from flows import engine
from tests.chaos.fire import Kill
from tests.flows.test_campaign_flow_kills import lose_database
from tests.installation import Installation, traces

PROGRAMS = ("api", "worker", "prefect", "relay", "sweep", "stripe", "sendgrid", "postgres")
# Longer than the relay's lease and the silence after which a run is taken for dead.
FROZEN_FOR = (20.0, 60.0)
AWAY = (httpx.HTTPError, PrefectException, ObjectNotFound, DBAPIError, psycopg.Error, OSError)


@dataclass
class Misfortunes:
    """What befalls one installation, by the dice; `thaw` again and again, and at the end."""

    up: Installation
    dice: random.Random
    kills: list[Kill] = field(default_factory=list)
    frozen: list[tuple[float, int]] = field(default_factory=list)

    def kill_program(self) -> None:
        """One program, if it runs just now."""
        name = self.dice.choice(PROGRAMS)
        self._strike(f"kill {name}", self.up.state.get("programs", {}).get(name, 0), signal.SIGKILL)

    def kill_run(self) -> None:
        self._strike("kill a flow run", self._some_run(), signal.SIGKILL)

    def freeze(self) -> None:
        """A flow run or the relay, for longer than its lease."""
        name = self.dice.choice(("a flow run", "relay"))
        pid = self.up.state.get("programs", {}).get(name) or self._some_run()
        if self._strike(f"freeze {name}", pid, signal.SIGSTOP):
            self.frozen.append((time.monotonic() + self.dice.uniform(*FROZEN_FOR), pid))

    def thaw(self, everything: bool = False) -> None:
        """Wake who has been frozen for long enough."""
        for until, pid in list(self.frozen):
            if everything or time.monotonic() > until:
                self.frozen.remove((until, pid))
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def tamper(self) -> None:
        """An operator cancels, deletes, fails or completes a campaign's run on Prefect's page."""
        name, deed = self.dice.choice(DEEDS)
        with suppress(*AWAY):
            with unit_of_work() as session:
                runs = sorted(filter(None, session.scalars(select(Campaign.flow_run_id))))
            if runs:
                deed(self.dice.choice(runs))
                self.kills.append(Kill(name, 0, "prefect"))

    def lose_prefect(self) -> None:
        """Prefect's whole database, and its server with it."""
        with suppress(*AWAY):
            lose_database(self.up.settings.prefect_database_url)
            self._strike("drop Prefect's database", self.up.pid("prefect"), signal.SIGKILL)

    def befall(self) -> None:
        """One of them, the plain ones the most often."""
        self.thaw()
        kinds: Sequence[Callable[[], None]] = (self.kill_program, self.kill_run, self.freeze, self.tamper, self.lose_prefect)
        self.dice.choices(kinds, weights=(50, 30, 8, 10, 2))[0]()

    def _some_run(self) -> int:
        runs = sorted(pid for pid in self.up.processes() if b"flows.supervise.flow_run" in traces(pid))
        return self.dice.choice(runs) if runs else 0

    def _strike(self, name: str, pid: int, what: signal.Signals) -> bool:
        if not pid:
            return False
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            return False
        self.kills.append(Kill(name, pid, ""))
        return True


def _cancel(run_id: object) -> None:
    engine.cancel(run_id)  # type: ignore[arg-type]


def _delete(run_id: object) -> None:
    engine.client().delete_flow_run(run_id)  # type: ignore[arg-type]


def _fail(run_id: object) -> None:
    engine.client().set_flow_run_state(run_id, Failed(), force=True)  # type: ignore[arg-type]


def _complete(run_id: object) -> None:
    engine.client().set_flow_run_state(run_id, Completed(), force=True)  # type: ignore[arg-type]


DEEDS = (("cancel a run", _cancel), ("delete a run", _delete), ("fail a run", _fail), ("complete a run", _complete))

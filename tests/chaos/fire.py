"""An installation under fire: its processes carry named points at which they end themselves when ordered to."""

import json
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from prefect.context import refresh_global_settings_context

from campaigns.core.settings import settings
from flows import engine
from flows.supervise.programs import prefect_settings
from notifications.sendgrid_sender import sender
from tests.chaos.points import FAULTS, GUARDS, OUTAGES, POINTS, Outage, Point, Replaced
from tests.installation import Installation
from workers import transactions
from workers.gateways import by_stripe

CHILD = Path(__file__).parent / "child"


class What(StrEnum):
    """What befell the installation."""

    KILL = "kill"
    FREEZE = "freeze"
    OUTAGE = "outage"
    FAULT = "fault"
    BUTTON = "button"


@dataclass(frozen=True, slots=True)
class Kill:
    """What befell it: where, or by which misfortune; `pid` is the process that was ended or frozen."""

    name: str
    pid: int
    program: str
    what: What = What.KILL


class Fire:
    """The orders that lie for the points of one installation, what has been carried out, and the guards that can be taken out."""

    def __init__(self, home: Path) -> None:
        self.orders, self.out, self.log, self.plan = home / "orders", home / "out", home / "kills.log", home / "plan.json"
        for folder in (self.orders, self.out):
            folder.mkdir(parents=True)
        self.log.touch()
        files = {"orders": str(self.orders), "out": str(self.out), "log": str(self.log)}
        named: dict[str, Sequence[Point | Replaced | Outage]] = {"points": POINTS, "faults": FAULTS, "guards": GUARDS, "outages": OUTAGES}
        self.plan.write_text(json.dumps(files | {name: [asdict(each) for each in these] for name, these in named.items()}))

    @property
    def environment(self) -> dict[str, str]:
        """What the installation has to be started with."""
        path = [str(CHILD), os.environ.get("PYTHONPATH", "")]
        return {"PYTHONPATH": os.pathsep.join(filter(None, path)), "CHAOS_PLAN": str(self.plan)}

    def order(self, name: str, what: signal.Signals = signal.SIGKILL) -> None:
        """Have the next process that comes to the point end there, or freeze."""
        draft = self.orders / f".{name}"
        draft.write_text(what.name)
        draft.rename(self.orders / name)

    def withdraw(self, names: Iterable[str]) -> None:
        """Take back the orders for these points."""
        for name in names:
            (self.orders / name).unlink(missing_ok=True)

    def take_out(self, name: str) -> None:
        """From now on this guard is out, or this program stays away once it has ended."""
        (self.out / name).touch()

    def put_back(self, name: str) -> None:
        (self.out / name).unlink(missing_ok=True)

    @contextmanager
    def without(self, *guards: str) -> Iterator[None]:
        """These guards are taken out, in every process, until the block ends."""
        try:
            for guard in guards:
                self.take_out(guard)
            yield
        finally:
            for guard in guards:
                self.put_back(guard)

    @property
    def ordered(self) -> set[str]:
        return {order.name for order in self.orders.iterdir()}

    def carried_out(self) -> list[Kill]:
        """What the points have done so far, oldest first."""
        noted: list[dict[str, Any]] = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [Kill(each["point"], each["pid"], each["program"], _what(each)) for each in noted]


def _what(noted: dict[str, Any]) -> What:
    if noted["point"] in {fault.name for fault in FAULTS}:
        return What.FAULT
    return What.FREEZE if noted["signal"] == signal.SIGSTOP.name else What.KILL


@contextmanager
def under_fire(home: Path, **environment: str) -> Iterator[tuple[Installation, Fire]]:
    """A whole installation in `home`, to which this process's settings, database and Prefect client point."""
    fire = Fire(home / "fire")
    with Installation.standing(home / "up", **fire.environment, **environment) as up, pointed_at(up):
        yield up, fire


@contextmanager
def pointed_at(up: Installation) -> Iterator[None]:
    """This process, as one of the installation's own."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**up.environment, **prefect_settings(up.settings)}.items():
            if name not in {"PYTHONPATH", "CHAOS_PLAN"}:
                patch.setenv(name, value)
        _read_again()
        yield
        transactions.engine().dispose()
    _read_again()


def _read_again() -> None:
    for cache in (settings, transactions.engine, engine.client, by_stripe, sender):
        cache.cache_clear()
    refresh_global_settings_context()

"""A provider's outage: its simulator ends, and is away until 25 hours have passed on the movable clock."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from campaigns.core import clock
from tests.chaos.assignment import AWAY
from tests.chaos.fire import Fire, Kill, What
from tests.installation import Installation
from workers.transactions import unit_of_work

A_DAY_AND_AN_HOUR = timedelta(hours=25)
# Whoever had looked at the clock before a request has made it by then, and been refused.
BEFORE_THE_JUMP, AFTER_IT = 6.0, 6.0


@dataclass
class Outage:
    """The outage of one simulator, which begins once the point `after` has struck: what was done then is not known to us."""

    program: str
    after: str
    is_due: bool = False
    began: float = 0.0
    has_jumped: bool = False
    is_over: bool = False

    @property
    def name(self) -> str:
        return f"{self.program} is away"

    @property
    def is_on(self) -> bool:
        return bool(self.began) and not self.is_over

    def begin(self, up: Installation, fire: Fire) -> Kill:
        """From now on the simulator is away."""
        fire.take_out(self.name)
        pid = up.pid(self.program)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.began = time.monotonic()
        return Kill(f"{self.name} for 25 hours", pid, f"sandbox.{self.program}", What.OUTAGE)

    def go_on(self, fire: Fire) -> None:
        """Move the clock in the middle of it, and end it a moment later; what is away then is asked again in a moment."""
        if not self.has_jumped and time.monotonic() > self.began + BEFORE_THE_JUMP:
            with suppress(*AWAY), unit_of_work() as session:
                clock.move_clock(session, A_DAY_AND_AN_HOUR)
                self.has_jumped = True
            self.began = time.monotonic() - BEFORE_THE_JUMP
        if self.has_jumped and time.monotonic() > self.began + BEFORE_THE_JUMP + AFTER_IT:
            fire.put_back(self.name)
            self.is_over = True

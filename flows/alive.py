"""How a supervised loop tells that it is alive."""

import os
import socket

from campaigns.core import clock, heartbeat
from workers.transactions import unit_of_work

EVERY_SECONDS = 5.0


class Alive:
    """One process of a program; it tells now and then, and at once when what troubles it changes."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.place = f"{socket.gethostname()}:{os.getpid()}"
        self._told_at = float("-inf")
        self._trouble: str | None = None

    def tell(self, trouble: str | None = None) -> None:
        """Tell that this process works, and what went wrong in its last turn."""
        now = clock.awake_seconds()
        if trouble == self._trouble and now - self._told_at < EVERY_SECONDS:
            return
        with unit_of_work() as session:
            heartbeat.beat(session, self.program, self.place, trouble)
        self._told_at, self._trouble = now, trouble

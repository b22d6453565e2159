"""How a program leaves that is asked to: after what it is at, but not much later, whatever keeps it."""

import os
import signal
from threading import Event, Timer

# As long as the supervisor waits: one that is gone itself ends nobody, and whoever retries a lost server may do so for minutes.
LONGEST_SECONDS = 10.0


def when_asked(stop: Event, longest: float = LONGEST_SECONDS) -> None:
    """Set `stop` on SIGTERM or SIGINT; a process that is still there `longest` seconds after it ends at once.

    What it was at is taken up again by another, as after a crash.
    """

    def asked(*_: object) -> None:
        stop.set()
        last = Timer(longest, os._exit, (1,))
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)

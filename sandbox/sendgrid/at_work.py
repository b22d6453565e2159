"""What the simulator does by itself: it delivers what is due and posts events."""

import logging
import threading
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from sandbox.sendgrid.delivery import deliver_due
from sandbox.sendgrid.webhook import post_due

IDLE_SECONDS = 0.5
log = logging.getLogger("callboard.sandbox.sendgrid")


class AtWork:
    """Contributions in a thread of its own from entry to exit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._awake, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._contribution, name="sendgrid-sandbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.wake()
        self._thread.join(timeout=15)

    def wake(self) -> None:
        """Something may be due now."""
        self._awake.set()

    def _contribution(self) -> None:
        while not self._over.is_set():
            self._awake.clear()
            if not self._did_something():
                self._awake.wait(IDLE_SECONDS)

    def _did_something(self) -> bool:
        try:
            with self._engine.begin() as connection:
                delivered = deliver_due(connection)
            return bool(post_due(self._engine) or delivered)
        except SQLAlchemyError as failure:
            log.warning("the database does not answer: %s", failure)
            return False

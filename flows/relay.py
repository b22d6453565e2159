"""The relay: handles the outbox's messages, each lane with hands of its own; any number of relays may run."""

import logging
import select
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Event
from typing import Any

import psycopg

from campaigns.core import clock, outbox
from campaigns.core.lanes import Lane
from campaigns.core.logs import begin_logs
from campaigns.core.outbox_kinds import RETRIED_FOR_EVER, OutboxKind
from campaigns.core.settings import settings
from campaigns.payments.provider_errors import Definite
from flows import leaving
from flows.alive import Alive
from flows.handlers import HANDLERS, LONGEST
from flows.wakes import NotYet
from workers.transactions import make_room, unit_of_work

# A slow one holds up one hand of its lane, and no other lane ever.
HANDS = {
    Lane.SIGN_IN: 2,
    Lane.PAYMENTS: 2,
    Lane.WAKES: 2,
    Lane.EVENTS: 2,
    Lane.EMAILS: 2,
    Lane.BULK_EMAILS: 2,
    Lane.ANNOUNCEMENTS: 1,
    Lane.STRIPE_EVENTS: 1,
    Lane.SENDGRID_EVENTS: 1,
}
IDLE_SECONDS = 1.0
RENEWED_EVERY = outbox.LEASE / 3
LONGEST_HOLD = timedelta(minutes=10)  # a hand that has not come back by then counts as lost, and another takes its message
log = logging.getLogger("callboard.relay")


def handle(claimed: outbox.Claimed) -> None:
    """Handle one message, or have it retried later with the reason; nothing that one message does can stop the relay."""
    try:
        HANDLERS[claimed.kind](claimed)
    except Exception as error:  # the relay's edge: whatever went wrong is written down and tried again
        if not isinstance(error, NotYet):
            log.warning("%s %s, attempt %s: %s", claimed.kind, claimed.key, claimed.attempts, error, exc_info=True)
        longest = LONGEST.get(claimed.kind, outbox.LONGEST_BACK_OFF)
        with unit_of_work() as session:
            outbox.retry_later(session, claimed, f"{type(error).__name__}: {error}", longest=longest, for_ever=_goes_on(claimed, error))
    else:
        with unit_of_work() as session:
            outbox.mark_done(session, claimed.id, claimed.body)


def _goes_on(claimed: outbox.Claimed, error: Exception) -> bool:
    """Whether it is tried for ever: what an event is about and Stripe says is not there, will not be there either when asked again."""
    is_gone = claimed.kind == OutboxKind.STRIPE_EVENT and isinstance(error, Definite)
    return claimed.kind in RETRIED_FOR_EVER and not is_gone


class RelayThreads:
    """The hands of one relay, and what each is at; `bell` can be waited for, and rings when one of them is free again."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(sum(HANDS.values()))
        self._busy: dict[Future[None], tuple[outbox.Claimed, float]] = {}
        self._renewed_at = clock.awake_seconds()
        self.bell, self._rope = socket.socketpair()
        for end in (self.bell, self._rope):
            end.setblocking(False)

    def free(self) -> Mapping[Lane, int]:
        """How many there are to spare in each lane that has any."""
        self._busy = {future: held for future, held in self._busy.items() if not future.done()}
        taken = [claimed.lane for claimed, _since in self._busy.values()]
        return {lane: hands - taken.count(lane) for lane, hands in HANDS.items() if hands > taken.count(lane)}

    def take(self, claimed: outbox.Claimed) -> None:
        """Have one of them handle it."""
        future = self._threads.submit(handle, claimed)
        self._busy[future] = (claimed, clock.awake_seconds())
        future.add_done_callback(self._ring)

    def renew_leases(self) -> None:
        """Keep others from taking what is still being handled, as an email to sixty thousand is for a minute."""
        now = clock.awake_seconds()
        if now - self._renewed_at < RENEWED_EVERY.total_seconds():
            return
        self._renewed_at = now
        held = [claimed.id for claimed, since in self._busy.values() if now - since < LONGEST_HOLD.total_seconds()]
        if held:
            with unit_of_work() as session:
                outbox.renew(session, held)

    def close(self) -> None:
        """Wait until each is done with what it is at."""
        self._threads.shutdown()
        self.bell.close()
        self._rope.close()

    def _ring(self, _done: Future[None]) -> None:
        with suppress(BlockingIOError):  # it is ringing already
            self._rope.send(b"!")


def run(stop: Event) -> None:
    """Handle messages until `stop` is set, asleep in LISTEN while there is nothing to do."""
    alive, hands = Alive("relay"), RelayThreads()
    try:
        with psycopg.connect(settings().libpq_url, autocommit=True) as ear:
            ear.execute(f"listen {outbox.CHANNEL}")
            while not stop.is_set():
                alive.tell()
                hands.renew_leases()
                free = hands.free()
                claimed = claim(free) if free else ()
                for each in claimed:
                    hands.take(each)
                if not claimed:
                    _wait(ear, hands, _seconds_to_next(free))
    finally:
        hands.close()


def _wait(ear: psycopg.Connection[Any], hands: RelayThreads, seconds: float) -> None:
    """Until something is enqueued, a hand is free, or so long."""
    select.select([ear.fileno(), hands.bell.fileno()], [], [], seconds)
    for _told in ear.notifies(timeout=0):
        pass  # all that came meanwhile asks for one look
    with suppress(BlockingIOError):
        hands.bell.recv(4096)


def claim(free_hands: int | Mapping[Lane, int]) -> Sequence[outbox.Claimed]:
    """Take the lease of as many messages as there are free hands, in each lane or in those named."""
    with unit_of_work() as session:
        return outbox.claim(session, free_hands)


def _seconds_to_next(free: Mapping[Lane, int]) -> float:
    with unit_of_work() as session:
        return min(IDLE_SECONDS, outbox.seconds_to_next(session, free))


def main() -> None:
    """The relay as a process of its own."""
    begin_logs()
    make_room(sum(HANDS.values()) + 1)
    stop = Event()
    leaving.when_asked(stop)
    run(stop)


if __name__ == "__main__":
    main()

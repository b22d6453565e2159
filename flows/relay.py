"""The relay: keeps what was promised in the outbox, one lease at a time; any number of relays may run."""

import logging
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event

import psycopg

from campaigns.brief import invoicing, refunds
from campaigns.core import outbox
from campaigns.core.db import unit_of_work
from campaigns.core.settings import settings
from campaigns.payments import keepers, provider_events, top_ups
from campaigns.payout.runs import reconciling
from flows import nudge
from flows.alive import Alive
from notifications import announce, chunks, fate, post

Keeper = Callable[[outbox.Claimed], None]

HANDS = 4
IDLE_SECONDS = 1.0
# A run that goes to sleep looks once more by itself, and the sweep sees whom both missed: to ask more often would be to no avail.
LONGEST = {"nudge": timedelta(seconds=30), "start_flow": timedelta(seconds=2)}
FOR_EVER = {"nudge", "start_flow", "event", "mail", "mail_chunk"}
log = logging.getLogger("callboard.relay")

KEEPERS: Mapping[str, Keeper] = {
    "nudge": nudge.wake,
    "start_flow": nudge.start_flow,
    "event": announce.announce,
    "mail": post.send_mail,
    "mail_chunk": chunks.send_chunk,
    "batch_over": chunks.forget_batch,
    "sendgrid_event": fate.take_event,
    "brief_invoice": invoicing.send_invoice,
    "brief_invoice_void": invoicing.void_invoice,
    "brief_refund": refunds.send_refund,
    "payout_account": keepers.create_payout_account,
    "top_up": top_ups.make_top_up,
    "stripe_event": provider_events.look_into,
    "reverse_transfer": reconciling.take_back,
}


def keep(claimed: outbox.Claimed) -> None:
    """Keep one promise, or put it off with its reason; nothing that one promise does can stop the relay."""
    try:
        KEEPERS[claimed.kind](claimed)
    except Exception as error:  # the relay's edge: whatever went wrong is written down and tried again
        if not isinstance(error, nudge.NotYet):
            log.warning("%s %s, attempt %s: %s", claimed.kind, claimed.key, claimed.attempts, error, exc_info=True)
        longest = LONGEST.get(claimed.kind, outbox.LONGEST_BACK_OFF)
        with unit_of_work() as session:
            outbox.postpone(session, claimed, f"{type(error).__name__}: {error}", longest=longest, for_ever=claimed.kind in FOR_EVER)
    else:
        with unit_of_work() as session:
            outbox.keep(session, claimed.id, claimed.body)


def run(stop: Event) -> None:
    """Keep promises until `stop` is set, asleep in LISTEN while there is nothing to do; a slow one holds up one hand only."""
    alive = Alive("relay")
    with psycopg.connect(settings().libpq_url, autocommit=True) as ear, ThreadPoolExecutor(HANDS) as hands:
        ear.execute(f"listen {outbox.CHANNEL}")
        busy: set[Future[None]] = set()
        while not stop.is_set():
            alive.tell()
            claimed = claim(HANDS - len(busy))
            busy |= {hands.submit(keep, each) for each in claimed}
            if len(busy) == HANDS:
                wait(busy, return_when=FIRST_COMPLETED)
            elif not claimed:
                list(ear.notifies(timeout=_seconds_to_next(), stop_after=1))
            busy = {each for each in busy if not each.done()}


def claim(free_hands: int) -> Sequence[outbox.Claimed]:
    """Take the lease of as many promises as there are free hands."""
    with unit_of_work() as session:
        return outbox.claim(session, free_hands)


def _seconds_to_next() -> float:
    with unit_of_work() as session:
        return min(IDLE_SECONDS, outbox.seconds_to_next(session))


def main() -> None:
    """The relay as a process of its own."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(stop)


if __name__ == "__main__":
    main()

"""The sweep: every few seconds it sees what only the clock opened, what a wake-up missed, and what died, and puts it right."""

import logging
from collections.abc import Callable, Sequence
from threading import Event

import psycopg
from prefect.exceptions import ObjectNotFound

from campaigns import digest
from campaigns.core import clock, flow_processes, outbox
from campaigns.core.appointing.actions import begin_due
from campaigns.core.logs import begin_logs
from campaigns.core.settings import settings
from campaigns.open_call import uploads
from flows import leaving
from flows.alive import Alive
from flows.supervise.deploy import deploy
from flows.sweep_campaigns import sweep_campaigns
from flows.sweep_cancelled import settle_cancelled
from flows.sweep_runs import sweep_runs
from flows.sweep_strays import bury_strays
from workers import anchoring, housekeeping
from workers.brief.dispute_answers import remind_of_answers
from workers.client_delivery.notes import tell_of_notes
from workers.emails import outcomes
from workers.payout.arrivals import enqueue_arrival_looks
from workers.payout.catching_up import catch_up
from workers.provider import missed_events
from workers.provider.account_looks import enqueue_looks
from workers.provider.reach import enqueue_look
from workers.transactions import unit_of_work

EVERY_SECONDS = 2.0
MOST_SAID = 500
log = logging.getLogger("callboard.sweep")


def settle_emails() -> int:
    """Decide on the emails whose fate has been waited for long enough."""
    with unit_of_work() as session:
        return outcomes.settle_unknown(session, at=clock.business_now(session))


def discard_uploads() -> int:
    """Forget uploads whose bytes did not come in time."""
    with unit_of_work() as session:
        return uploads.discard_expired(session, at=clock.process_now())


def end_processes() -> int:
    """Have the workers end the flow runs that are silent, and note that those are gone whose machine is."""
    with unit_of_work() as session:
        flow_processes.end_lost(session)
        return flow_processes.condemn_silent(session)


def begin_roles() -> int:
    """Let the roles count whose cooling is over."""
    with unit_of_work() as session:
        return len(begin_due(session, at=clock.business_now(session)))


def begin_weeks() -> int:
    """Ask for the digest of everyone of a brand whose Monday morning it is; returns for how many."""
    with unit_of_work() as session:
        return len(digest.begin_week(session, at=clock.business_now(session)))


PARTS: Sequence[Callable[[], int]] = (
    catch_up,
    end_processes,
    sweep_campaigns,
    settle_cancelled,
    sweep_runs,
    bury_strays,
    begin_roles,
    enqueue_looks,
    missed_events.enqueue_questions,
    enqueue_look,
    remind_of_answers,
    enqueue_arrival_looks,
    settle_emails,
    discard_uploads,
    tell_of_notes,
    begin_weeks,
    housekeeping.tidy,
    anchoring.anchor,
)


def sweep() -> str | None:
    """Every part once; what goes wrong in one is written down, returned, and does not keep the others from their turn."""
    trouble = None
    for part in PARTS:
        try:
            part()
        except ObjectNotFound:
            log.warning("Prefect does not know our deployments: deploying again")
            deploy()
        except Exception as error:  # the sweep's edge: it comes round again in a moment
            log.exception("%s failed", part.__name__)
            trouble = f"{part.__name__}: {type(error).__name__}: {error}"[:MOST_SAID]
    return trouble


def run(stop: Event) -> None:
    """Sweep until `stop` is set, sooner when the clock was moved."""
    alive = Alive("sweep")
    with psycopg.connect(settings().libpq_url, autocommit=True) as ear:
        ear.execute(f"listen {outbox.CHANNEL}")
        while not stop.is_set():
            alive.tell(sweep())
            _wait_for_the_clock(ear)


def _wait_for_the_clock(ear: psycopg.Connection[tuple[object, ...]]) -> None:
    for told in ear.notifies(timeout=EVERY_SECONDS):
        if told.payload == "clock":
            return


def main() -> None:
    """The sweep as a process of its own."""
    begin_logs()
    stop = Event()
    leaving.when_asked(stop)
    run(stop)


if __name__ == "__main__":
    main()

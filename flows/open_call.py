"""What runs by itself in the open call: every contribution is made ready for those who screen it."""

from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.open_call import renditions
from campaigns.open_call.media.turns import CORES
from campaigns.open_call.queries import unprepared
from flows import page
from flows.pulse import Carried, fenced
from workers.transactions import unit_of_work


def work(carried: Carried, deliverable: Deliverable) -> None:  # noqa: ARG001 - contributions belong to the campaign, whichever deliverable looks first
    """Make every contribution ready that is not: a few at a time, for each takes a core; the page shows how many are left."""
    while waiting := _unprepared(carried):
        page.show_waits(carried)
        tasks = [make_ready.submit(carried, contribution_id) for contribution_id in waiting]
        for each in tasks:
            each.result()


def _unprepared(carried: Carried) -> list[UUID]:
    with unit_of_work() as session:
        return list(unprepared(session, carried.campaign_id, CORES))


@task(name="make ready", cache_policy=NO_CACHE, task_run_name="open_call: make contribution {contribution_id} ready", persist_result=False)
def make_ready(carried: Carried, contribution_id: UUID) -> None:
    """Make one contribution's redacted renditions and record them, or why there are none."""
    with unit_of_work() as session:
        original = renditions.original_of(session, contribution_id)
    prepared = renditions.prepare(original)
    with fenced(carried) as session:
        renditions.record(session, contribution_id, prepared, at=clock.business_now(session))

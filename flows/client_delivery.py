"""What runs by itself in client delivery: what is shown of each version, and the package of what the brand has approved."""

import logging
from collections.abc import Callable
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from campaigns.client_delivery.errors import FileChanged, Stopped
from campaigns.client_delivery.models import Package
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.queries import unpackaged, unprepared
from campaigns.client_delivery.versions import renditions
from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import NotFound
from campaigns.open_call.media.turns import CORES
from campaigns.open_call.renditions import prepare
from flows import open_call, page
from flows.pulse import Carried, fenced
from workers.transactions import unit_of_work

log = logging.getLogger("callboard.client_delivery")


def work(carried: Carried, deliverable: Deliverable) -> None:
    """Build the package, if a version has been approved and has none; then make every late contribution and every new version ready."""
    with unit_of_work() as session:
        waiting = unpackaged(session, [deliverable.id])
    for version_id in waiting:
        hand_over(carried, version_id)
    open_call.work(carried, deliverable)
    while new := _unprepared(deliverable):
        page.show_waits(carried)
        tasks = [make_showable.submit(carried, version_id) for version_id in new]
        for each in tasks:
            each.result()


def _unprepared(deliverable: Deliverable) -> list[UUID]:
    with unit_of_work() as session:
        return unprepared(session, [deliverable.id], CORES)


@task(
    name="make showable", cache_policy=NO_CACHE, task_run_name="client_delivery: make version {version_id} showable", persist_result=False
)
def make_showable(carried: Carried, version_id: UUID) -> None:
    """Make what a browser shows of one version and record it, or why there is nothing."""
    with unit_of_work() as session:
        original = renditions.original_of(session, version_id)
    prepared = prepare(original)
    with fenced(carried) as session:
        renditions.record(session, version_id, prepared, at=clock.business_now(session))


@task(name="hand over", cache_policy=NO_CACHE, task_run_name="client_delivery: package version {version_id}", persist_result=False)
def hand_over(carried: Carried, version_id: UUID) -> None:
    """Build one version's package and record it, or why it is stopped; where something came in its way meanwhile, its gate says what."""
    _pack(carried, version_id, package_actions.record)


@task(
    name="hand over again", cache_policy=NO_CACHE, task_run_name="client_delivery: package version {version_id} again", persist_result=False
)
def hand_over_again(carried: Carried, version_id: UUID) -> None:
    """Build a package anew whose credits are outdated, and put it in the old one's place."""
    _pack(carried, version_id, package_actions.record_again)


def _pack(carried: Carried, version_id: UUID, record: Callable[..., Package | None]) -> None:
    with unit_of_work() as session:
        contents = package_actions.contents_of(session, version_id)
    try:
        built = package_actions.build(contents)
    except (FileChanged, NotFound) as refusal:
        log.error("the package of version %s is stopped: %s", version_id, refusal.message)
        with fenced(carried) as session:
            package_actions.stop(session, version_id, refusal.message, at=clock.business_now(session))
        return
    try:
        with fenced(carried) as session:
            record(session, version_id, built, at=clock.business_now(session))
    except Stopped as stopped:
        log.warning("the package of version %s waits: %s", version_id, stopped.code)

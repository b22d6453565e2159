"""The Prefect flow of one brand partnership."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from prefect import flow
from prefect.exceptions import Pause
from prefect.flow_runs import suspend_flow_run
from prefect.runtime import flow_run
from prefect.states import Completed
from sqlalchemy import update

from campaigns import lifecycle
from campaigns.core import clock
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, find_campaign
from campaigns.core.people import SYSTEM
from campaigns.core.stages import Stage
from flows import brief, client_delivery, collaboration, curation, engine, open_call, page, payout
from flows.pulse import CAMPAIGNS, Carried, LeaseLost, fenced, pulse
from workers.transactions import unit_of_work

TEN_YEARS = int(timedelta(days=3650).total_seconds())

CONTRIBUTION: Mapping[Stage, Callable[[Carried, Deliverable], None]] = {
    Stage.BRIEF: brief.work,
    Stage.OPEN_CALL: open_call.work,
    Stage.COLLABORATION: collaboration.work,
    Stage.CURATION: curation.work,
    Stage.CLIENT_DELIVERY: client_delivery.work,
    Stage.PAYOUT: payout.work,
}


@flow(name="campaign", flow_run_name="{title}")
def campaign(campaign_id: str, title: str, generation: int) -> Any:  # noqa: ARG001 - the title names the run
    """Carry one brand partnership from brief to payout, suspended while it waits for people."""
    carried = Carried(UUID(campaign_id), generation)
    try:
        with pulse(CAMPAIGNS, number_of(carried)):
            while is_under_way(carried):
                for deliverable in live_deliverables(carried):
                    CONTRIBUTION[deliverable.stage](carried, deliverable)
                payout.renew_packages(carried)  # those of deliverables that are done too
                if not move_on(carried):
                    wait_for_people(carried)
    except LeaseLost:
        return Completed(name="Superseded")
    return Completed(name="Done")


def number_of(carried: Carried) -> int:
    """The campaign's short number, under which its pulse is taken: only by this generation, lest an old run silence the present one."""
    with unit_of_work() as session:
        campaign = find_campaign(session, carried.campaign_id, by=SYSTEM)
    if campaign.generation != carried.generation:
        raise LeaseLost
    return campaign.number


def is_under_way(carried: Carried) -> bool:
    """Whether it is not done; before its first deliverable it is under way without one. Raises LeaseLost once it is cancelled."""
    with unit_of_work() as session:
        campaign = find_campaign(session, carried.campaign_id, by=SYSTEM)
    if campaign.cancelled_at:
        raise LeaseLost
    return campaign.is_live


def live_deliverables(carried: Carried) -> Sequence[Deliverable]:
    """The deliverables that still have a way to go."""
    with unit_of_work() as session:
        return [t for t in deliverables_of(session, carried.campaign_id) if t.is_live]


def move_on(carried: Carried) -> bool:
    """Whether a gate was open, and so a deliverable has moved or there is new contribution."""
    with fenced(carried) as session:
        moved = lifecycle.move_on(session, carried.campaign_id, at=clock.business_now(session))
    for deliverable in moved:
        page.tell_moved(carried, deliverable)
    if moved:
        engine.tag(this_run(), page.tags_of(carried))
    return bool(moved)


def wait_for_people(carried: Carried) -> None:
    """Suspend the run: the process ends here and nothing is held while people think.

    A gate that opened between the last look and the suspension would wake a run that does not sleep yet: so look again once it does.
    """
    if look(carried):
        return
    page.show_waits(carried)
    try:
        suspend_flow_run(timeout=TEN_YEARS, key=uuid4().hex)
    except Pause:
        if look(carried):
            engine.resume(this_run())
        raise


def look(carried: Carried) -> bool:
    """Whether there is something to do now; every reason to wake up to this moment counts as seen."""
    with fenced(carried) as session:
        # Not through the row's object: what the engine notes of a campaign is no new version of it to those who edit it.
        session.execute(update(Campaign).where(Campaign.id == carried.campaign_id).values(seen=Campaign.wake))
        return bool(lifecycle.astir(session, [carried.campaign_id], at=clock.business_now(session)))


def this_run() -> UUID:
    """The flow run that this process is."""
    return UUID(str(flow_run.id))

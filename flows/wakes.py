"""The handlers that reach Prefect: waking a campaign's flow, and starting the run of a deployment."""

from datetime import timedelta
from uuid import UUID

from campaigns import lifecycle
from campaigns.core import clock, flow_processes
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.outbox import Claimed
from campaigns.core.people import SYSTEM
from flows import engine
from workers.transactions import unit_of_work


class NotYet(Exception):
    """The run does not sleep yet, or is not there yet: ask again in a moment."""


def wake(claimed: Claimed) -> None:
    """Resume the campaign's run if there is something to do that it has not seen; raises NotYet while it cannot be resumed.

    While a process carries the campaign Prefect is not asked: it looks by itself. The run of a campaign that has ended is ended instead.
    """
    campaign_id = UUID(claimed.body["campaign"])
    with unit_of_work() as session:
        campaign = find_campaign(session, campaign_id, by=SYSTEM)
        is_spent = campaign.seen >= claimed.body["wake"] or campaign.wake > claimed.body["wake"]
        astir = not is_spent and bool(lifecycle.astir(session, [campaign_id], at=clock.business_now(session)))
        is_held = flow_processes.is_held(session, campaign_id)
    if not campaign.is_live:
        end(campaign)
    elif astir and not is_stopped(campaign) and (is_held or not (campaign.flow_run_id and engine.resume(campaign.flow_run_id))):
        raise NotYet(f"campaign {campaign.number} has no sleeping run")


def is_stopped(campaign: Campaign) -> bool:
    """Whether an operator stopped the campaign's run: it gets another when the pause ends, and that is a wake-up of its own."""
    return campaign.paused_at is not None and campaign.flow_run_id is None


def end(campaign: Campaign) -> None:
    """Have the run of a campaign that has ended end too: it finds that the campaign is done, or is cancelled with it."""
    if campaign.flow_run_id is None:
        return
    if campaign.cancelled_at:
        engine.cancel(campaign.flow_run_id)
    else:
        engine.resume(campaign.flow_run_id)


def start_flow(claimed: Claimed) -> None:
    """Create the run of a deployment; the message's key makes a second one impossible."""
    body = claimed.body
    after = timedelta(seconds=body.get("after", 0))
    engine.start(
        body["deployment"], name=body["name"], key=claimed.key, parameters=body["parameters"], tags=body.get("tags", ()), after=after
    )

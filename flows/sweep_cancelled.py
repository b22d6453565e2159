"""The sweep's part for cancelled campaigns, which no flow run carries: their kill fees' proposals are computed, and posted once final."""

from functools import partial
from uuid import UUID

from campaigns.core import clock
from campaigns.core.campaign import find_campaign, find_deliverable
from campaigns.core.people import SYSTEM
from campaigns.payout.finalizations.actions import post_final
from campaigns.payout.kill_fees.actions import settle
from campaigns.payout.kill_fees.queries import kill_fees_due, kill_fees_final
from campaigns.payout.proposals.actions import draft, gather_due, open_proposal
from flows.mending import mended
from workers.transactions import unit_of_work

AT_ONCE = 50


def settle_cancelled() -> int:
    """Compute the proposals that are due and post those that are final, up to AT_ONCE of each; returns how many."""
    with unit_of_work() as session:
        due, final = kill_fees_due(session, AT_ONCE), kill_fees_final(session, AT_ONCE)
    proposed = sum(
        mended(f"deliverable {deliverable_id}: propose its kill fee", partial(propose, deliverable_id)) for deliverable_id in due
    )
    posted = sum(mended(f"proposal {which}: post its kill fee", partial(post, campaign_id, which)) for campaign_id, which in final)
    return proposed + posted


def propose(deliverable_id: UUID) -> None:
    """Compute the proposal that is due, outside any transaction, and open it unless something newer was asked for meanwhile."""
    with unit_of_work() as session:
        gathered = gather_due(session, deliverable_id)
    if gathered is None:
        return
    drafted = draft(*gathered)
    with unit_of_work() as session:
        find_deliverable(session, deliverable_id, by=SYSTEM, lock=True)
        open_proposal(session, deliverable_id, drafted, at=clock.business_now(session))


def post(campaign_id: UUID, proposal_id: UUID) -> None:
    """Post a final proposal in one journal; with the last of its campaign, what is still held goes back to the brand."""
    with unit_of_work() as session:
        campaign, at = find_campaign(session, campaign_id, by=SYSTEM, lock=True), clock.business_now(session)
        post_final(session, proposal_id, at=at)
        settle(session, campaign, at=at)

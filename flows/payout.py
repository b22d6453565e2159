"""What runs by itself in payout: proposals are computed when due and posted when final, beside packages that name whom they pay."""

from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.payout.finalizations.actions import post_final, unposted
from campaigns.payout.proposals.actions import draft, gather_due, is_due, open_proposal
from campaigns.payout.proposals.rules import outdated_of
from flows import client_delivery, open_call
from flows.pulse import Carried, fenced
from workers.transactions import unit_of_work


def work(carried: Carried, deliverable: Deliverable) -> None:
    """Compute the deliverable's proposal if one is due; post it if it is final, once every late contribution is made ready.

    Where it pays others than the package names, the package is made again.
    """
    open_call.work(carried, deliverable)
    with unit_of_work() as session:
        due, final = is_due(session, deliverable.id), unposted(session, deliverable.id)
    if due:
        propose(carried, deliverable.id)
    renew_packages(carried)
    if final:
        post(carried, final)


def renew_packages(carried: Carried) -> None:
    """Make every package of the campaign again that does not name whom it should, or does not say what was taken down since."""
    with unit_of_work() as session:
        outdated = outdated_of(session, carried.campaign_id)
    for version_id in outdated:
        client_delivery.hand_over_again(carried, version_id)


@task(
    name="propose",
    cache_policy=NO_CACHE,
    task_run_name="payout: compute the proposal for deliverable {deliverable_id}",
    persist_result=False,
)
def propose(carried: Carried, deliverable_id: UUID) -> None:
    """Compute the proposal that is due, outside any transaction, and open it unless something newer was asked for meanwhile."""
    with unit_of_work() as session:
        gathered = gather_due(session, deliverable_id)
    if gathered is None:
        return
    drafted = draft(*gathered)
    with fenced(carried) as session:
        open_proposal(session, deliverable_id, drafted, at=clock.business_now(session))


@task(name="post", cache_policy=NO_CACHE, task_run_name="payout: post the final proposal {proposal_id}", persist_result=False)
def post(carried: Carried, proposal_id: UUID) -> None:
    """Post a final proposal in one journal."""
    with fenced(carried) as session:
        post_final(session, proposal_id, at=clock.business_now(session))

"""The sweep's part for flow runs that carry nothing: whoever died while starting or ending one would leave it in its work pool's way."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from prefect.client.schemas.objects import StateType
from sqlalchemy import any_, select, union_all
from sqlalchemy.orm import Session

from campaigns.core import clock, flow_processes
from campaigns.core.campaign import Campaign
from campaigns.core.db import all_of
from campaigns.core.words import _
from campaigns.payout.runs.models import PayoutRun
from flows import engine
from workers.transactions import unit_of_work

# Only a worker brings a run from here on, within seconds.
IN_A_WORKERS_HANDS = (StateType.PENDING, StateType.CANCELLING)
GRACE = timedelta(minutes=1)


def bury_strays() -> int:
    """Show that runs are dead which a worker has had in its hands for too long and no campaign or payout run is carried by; how many."""
    now = clock.process_now()
    late = [run.id for run in engine.flow_runs_in(IN_A_WORKERS_HANDS) if run.state and now - run.state.timestamp > GRACE]
    if not late:
        return 0
    with unit_of_work() as session:
        strays = set(late) - _carrying(session, late) - flow_processes.held(session).runs
    for run_id in strays:
        engine.bury(run_id, _("Its worker died, and nothing is waiting for it."))
    return len(strays)


def _carrying(session: Session, run_ids: Collection[UUID]) -> set[UUID]:
    """Those of these flow runs that a campaign, or a payout run to be sent, names as its own: other parts of the sweep see to them."""
    campaigns = select(Campaign.flow_run_id).where(Campaign.flow_run_id == any_(all_of(run_ids)))
    payouts = select(PayoutRun.flow_run_id).where(PayoutRun.flow_run_id == any_(all_of(run_ids)), PayoutRun.state == "released")
    return set(session.scalars(union_all(campaigns, payouts)))

"""Campaigns on a real installation that wait for people: their runs are suspended, and nothing is held."""

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import any_, func, select

from campaigns import lifecycle
from campaigns.core import clock
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.db import all_of
from campaigns.core.stages import Stage
from flows import engine
from tests.factories import Partnership
from tests.flows.engine_room import row
from tests.installation import wait_for
from workers.transactions import unit_of_work

PATIENCE = 120.0
EACH = 4.0
# More at once would come late, and Prefect's server would spend half a core on saying so.
AT_ONCE = 20


def asleep(begun: Callable[[], Partnership], count: int) -> list[Partnership]:
    """So many campaigns, begun this way a few at a time, once all of them sleep."""
    all_: list[Partnership] = []
    while len(all_) < count:
        waiting = [begun() for _campaign in range(min(AT_ONCE, count - len(all_)))]
        all_ += waiting
        wait_for(partial(_all_sleep, waiting), PATIENCE + EACH * AT_ONCE, every=1)
    return all_


def _all_sleep(waiting: list[Partnership]) -> bool:
    return not still_awake(waiting)


def still_awake(waiting: list[Partnership]) -> list[Partnership]:
    """Those of them that do not sleep yet; the others are taken off the list."""
    with unit_of_work() as session:
        ids = [made.id for made in waiting]
        carried = {each.id: each.flow_run_id for each in session.scalars(select(Campaign).where(Campaign.id == any_(all_of(ids))))}
        astir = lifecycle.astir(session, ids, at=clock.business_now(session))
    runs = engine.flow_runs(run_id for run_id in carried.values() if run_id)
    states = {campaign: runs[run_id].state for campaign, run_id in carried.items() if run_id in runs}
    waiting[:] = [m for m in waiting if m.id in astir or not ((state := states.get(m.id)) and state.is_paused())]
    return waiting


def moved_into(stage: Stage, campaigns: Sequence[Partnership]) -> int:
    """How many of these have their deliverable in `stage`."""
    with unit_of_work() as session:
        there = select(func.count()).where(
            Deliverable.campaign_id == any_(all_of([made.id for made in campaigns])), Deliverable.stage == stage
        )
        return session.scalar(there) or 0


def failures(campaigns: Sequence[Partnership]) -> int:
    """How many of their runs have failed or crashed; one that was replaced counts too, for a generation was spent on it."""
    rows = [row(made) for made in campaigns]
    runs = engine.flow_runs(each.flow_run_id for each in rows if each.flow_run_id).values()
    bad = sum(1 for run in runs if run.state and (run.state.is_failed() or run.state.is_crashed()))
    return bad + sum(each.generation - 1 for each in rows)

"""What the tests of a campaign's flow see of a real installation: rows, runs and processes, and hands to stop or kill them."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun, State
from sqlalchemy import select, text

from campaigns import lifecycle
from campaigns.collaboration.actions import complete
from campaigns.core import clock
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, find_campaign
from campaigns.core.events import Event
from campaigns.core.people import SYSTEM
from campaigns.core.stages import Stage
from campaigns.open_call.models import Contribution, ContributionState
from flows import engine
from flows.pulse import CAMPAIGNS, living
from tests.factories import READER, Partnership, Wanteds, contributed, new_campaign, opened_call, person
from tests.installation import Installation, traces, wait_for
from workers.transactions import unit_of_work

SOON = 40.0
LATE = 150.0
BETWEEN_QUESTIONS = 0.25
A_FORTNIGHT_AND_A_DAY = timedelta(days=15)


def brand_new() -> Partnership:
    """A campaign whose brief is empty: it waits for its manager."""
    with unit_of_work() as session:
        return new_campaign(session, at=clock.business_now(session))


def calling(deliverables: Wanteds = (READER,)) -> Partnership:
    """A campaign whose call is open: it waits for artists."""
    with unit_of_work() as session:
        return opened_call(session, deliverables, at=clock.business_now(session))


def collaborating(deliverables: Wanteds = (READER,)) -> Partnership:
    """A campaign whose call has closed a day ago: its flow takes it into collaboration, which one word closes."""
    with unit_of_work() as session:
        return opened_call(session, deliverables, at=clock.business_now(session) - A_FORTNIGHT_AND_A_DAY)


def send_in(made: Partnership, name: str = "Ana") -> UUID:
    """Send in a contribution, which the flow is to make ready; returns its id."""
    with unit_of_work() as session:
        return contributed(session, made, person(session, name), at=clock.business_now(session)).id


def close(made: Partnership, deliverable: Deliverable | None = None) -> None:
    """Open a gate: say that the material for the (first) deliverable is complete."""
    deliverable = deliverable or deliverables(made)[0]
    with unit_of_work() as session:
        complete(session, deliverable.id, deliverable.visit, by=made.manager, at=clock.business_now(session))


def send_back(made: Partnership, deliverable: Deliverable | None = None) -> None:
    """Send the (first) deliverable back to collaboration, where it waits for the same word once more."""
    deliverable = deliverable or deliverables(made)[0]
    with unit_of_work() as session:
        at = clock.business_now(session)
        lifecycle.send_back(session, deliverable.id, Stage.COLLABORATION, deliverable.visit, "Once more.", by=made.manager, at=at)


def row(made: Partnership) -> Campaign:
    with unit_of_work() as session:
        return find_campaign(session, made.id, by=SYSTEM)


def deliverables(made: Partnership) -> Sequence[Deliverable]:
    with unit_of_work() as session:
        return deliverables_of(session, made.id)


def stages(made: Partnership) -> list[Stage]:
    return [deliverable.stage for deliverable in deliverables(made)]


def told(made: Partnership, name: str) -> list[tuple[str, str | None]]:
    """In whose name, and for which reason, this happened to the campaign."""
    with unit_of_work() as session:
        query = select(Event).where(Event.chain_id == made.id, Event.name == name).order_by(Event.number)
        return [(fact.actor_name, fact.reason) for fact in session.scalars(query)]


def is_ready(contribution_id: UUID) -> bool:
    with unit_of_work() as session:
        return session.get_one(Contribution, contribution_id).state is ContributionState.READY


def run_of(made: Partnership) -> FlowRun | None:
    """The present run of the campaign, if there is one and Prefect has it."""
    run_id = row(made).flow_run_id
    return engine.flow_runs([run_id]).get(run_id) if run_id else None


def present_run(made: Partnership) -> FlowRun:
    """The present run of the campaign, which Prefect has."""
    run = run_of(made)
    assert run is not None
    return run


def state_of(made: Partnership) -> "State[object] | None":
    run = run_of(made)
    return run.state if run else None


def runs_of(made: Partnership) -> list[FlowRun]:
    """Every run that Prefect has of the campaign."""
    tagged = FlowRunFilter(tags=FlowRunFilterTags(all_=[f"campaign:{made.campaign.number}"]))
    return engine.client().read_flow_runs(flow_run_filter=tagged)


def wait_on_prefect(holds: Callable[[], Any], within: float = LATE) -> None:
    """As wait_for, for what only Prefect or the list of processes can say: each answer costs time that the flow needs."""
    wait_for(holds, within, every=BETWEEN_QUESTIONS)


def is_astir(made: Partnership) -> bool:
    """Whether there is something to do for the campaign's flow."""
    with unit_of_work() as session:
        return bool(lifecycle.astir(session, [made.id], at=clock.business_now(session)))


def is_asleep(made: Partnership) -> bool:
    """Whether its run is suspended and there is nothing that it should wake up for."""
    if row(made).flow_run_id is None or is_astir(made):
        return False
    state = state_of(made)
    return state is not None and state.is_paused() and not is_astir(made)


def wait_until_asleep(made: Partnership, within: float = LATE) -> FlowRun:
    wait_on_prefect(lambda: is_asleep(made), within)
    run = run_of(made)
    assert run is not None
    return run


def processes_of(up: Installation, run_id: UUID) -> list[int]:
    """The processes in which Prefect's engine carries this run."""
    engines = [(pid, traces(pid)) for pid in up.processes()]
    return [pid for pid, trace in engines if b"flows.supervise.flow_run" in trace and str(run_id).encode() in trace]


def has_pulse(made: Partnership) -> bool:
    with unit_of_work() as session:
        return made.campaign.number in living(session, CAMPAIGNS)


def process_of(up: Installation, made: Partnership) -> int:
    run_id = row(made).flow_run_id
    assert run_id is not None
    [pid] = processes_of(up, run_id)
    return pid


@contextmanager
def at_work(up: Installation, made: Partnership) -> Iterator[tuple[int, UUID]]:
    """The process of the campaign's run, held up where it wants to record what it has made of a contribution that has just come in."""
    contribution_id = send_in(made)
    held_up = text("select count(*) from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))")
    with unit_of_work() as session:
        find_campaign(session, made.id, by=SYSTEM, lock=True)
        wait_for(lambda: has_pulse(made) and session.scalar(held_up), LATE)
        yield process_of(up, made), contribution_id


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """These processes, stopped for a while."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

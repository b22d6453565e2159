"""From the commit that opens a gate until the deliverable stands in the next stage and what its flow had to do for it is done.

With the word that opens the gate comes a late work, which has to be made ready; both ends are rows that the flow has committed. Beside it
stands DBOS, whose workflow waits in a process that is always there: from the message to the end of the step that it was waiting to take.
"""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from campaigns.collaboration.actions import complete
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixing import Citation, remix
from campaigns.core import clock
from campaigns.core.db import unit_of_work
from campaigns.core.stages import Stage
from campaigns.open_call.models import Contribution
from tests.bench.databases import running
from tests.bench.environment import ask_peer
from tests.bench.figure import Figure, percentile
from tests.bench.sleepers import asleep
from tests.bench.stacks import stood_up
from tests.factories import READER, Partnership, confirmed_by_all, contribution, entry, opened_call, person, screened_in
from tests.flows.engine_room import A_FORTNIGHT_AND_A_DAY, is_ready, stages, tracks
from tests.installation import wait_for

GATES = 40
WANTED = 2.5
WHY = (
    "Nearly all of it is the start of two processes: the flow run's, which imports Prefect, SQLAlchemy and the domain (1.9 s of CPU "
    "time), and the confined one that prepares the work. The worker asks for work every half second; asking more often did not make it "
    "faster."
)
LATE = 60.0


@dataclass(frozen=True)
class Took:
    """The seconds after the commit until the deliverable had moved, and until the stage's own work was done as well."""

    moved: float
    done: float


def measure(scale: float) -> Figure:
    with stood_up():
        took = [opened(made) for made in asleep(with_a_work, max(2, int(GATES * scale)))]
    dbos = by_dbos(len(took))
    moved, done = [each.moved for each in took], [each.done for each in took]
    p50, p95 = percentile(done, 50), percentile(done, 95)
    return Figure(
        f"A gate opens → the deliverable has moved, and a late work is made ready ({len(took)} gates, one after the other)",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s",
        f"moved: p50 {percentile(moved, 50):.2f} s, p95 {percentile(moved, 95):.2f} s; DBOS, whose waiting workflows stay in a process: "
        f"message → step done p50 {percentile(dbos['woken'], 50):.2f} s, a step {dbos['step'] * 1000:.0f} ms",
        wanted=f"p95 ≤ {WANTED} s",
        holds=p95 <= WANTED,
        numbers={
            "p50": p50,
            "p95": p95,
            "most": max(done),
            "moved_p50": percentile(moved, 50),
            "moved_p95": percentile(moved, 95),
            "dbos_woken_p50": percentile(dbos["woken"], 50),
            "dbos_step": dbos["step"],
        },
        why=WHY,
    )


def by_dbos(times: int) -> dict[str, Any]:
    """The seconds of its steps, on a PostgreSQL of the same kind with the same promises."""
    with running() as cluster:
        cluster.drop_database("dbos")
        cluster.add_database("dbos")
        took: dict[str, Any] = ask_peer("dbos_steps", cluster.url("dbos").replace("://", "+psycopg://"), str(times), of="dbos")
        cluster.drop_database("dbos")
    return took


def with_a_work() -> Partnership:
    """A campaign in collaboration with a work that others may build on."""
    with unit_of_work() as session:
        then = clock.business_now(session) - A_FORTNIGHT_AND_A_DAY
        made = opened_call(session, (READER,), at=then)
        screened_in(session, contribution(session, made, at=then), by=made.manager, at=then)
        return made


def opened(made: Partnership) -> Took:
    """Send in a late work and open the campaign's gate from collaboration into curation, by one commit."""
    work_id, began = open_gate(made), time.perf_counter()
    ends = dict[str, float]()

    def note(end: str, holds: bool) -> None:
        if holds and end not in ends:
            ends[end] = time.perf_counter() - began

    def all_is_done() -> bool:
        note("moved", stages(made) == [Stage.CURATION])
        note("ready", is_ready(work_id))
        return len(ends) == 2

    wait_for(all_is_done, LATE)
    return Took(ends["moved"], max(ends.values()))


def open_gate(made: Partnership) -> UUID:
    """Returns the late work's id."""
    [track] = tracks(made)
    with unit_of_work() as session:
        at, by = clock.business_now(session), person(session, "Lea")
        [source] = session.scalars(select(Contribution.id).where(Contribution.campaign_id == made.id)).all()
        cited = [Citation(source, SourceKind.INFLUENCED_BY)]
        late = confirmed_by_all(session, remix(session, made.id, entry(session, by), cited, by=by, at=at), at=at)
        complete(session, track.id, track.visit, by=made.manager, at=at)
        return late.id

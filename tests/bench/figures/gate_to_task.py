"""From the commit that opens a gate to the start of the next stage's first task, as Prefect has noted it, on a real installation."""

from datetime import datetime

from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from campaigns.core import clock
from campaigns.core.stages import Stage
from flows import engine
from tests.bench.figure import Figure, percentile
from tests.bench.sleepers import asleep
from tests.bench.stacks import stood_up
from tests.factories import Partnership
from tests.flows.engine_room import close, collaborating, row, stages, tracks
from tests.installation import wait_for

GATES = 40
WANTED = 2.5
WHY = (
    "nearly all of it is the start of the flow run's process, which imports Prefect, SQLAlchemy and the domain: 1.9 s of computing on this "
    "machine. The worker asks for work every half second; asking more often made it no quicker."
)
LATE = 60.0


def measure(scale: float) -> Figure:
    with stood_up():
        took = [opened(made) for made in asleep(collaborating, max(2, int(GATES * scale)))]
    p50, p95 = percentile(took, 50), percentile(took, 95)
    return Figure(
        f"A gate opens → the next stage's first task ({len(took)} gates, one after the other)",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s",
        wanted=f"p95 ≤ {WANTED} s",
        holds=p95 <= WANTED,
        numbers={"p50": p50, "p95": p95, "most": max(took)},
        why=WHY,
    )


def opened(made: Partnership) -> float:
    """Open the campaign's gate from collaboration into curation; the seconds until a task runs there."""
    [track] = tracks(made)
    close(made, track)
    at = clock.process_now()
    wait_for(lambda: stages(made) == [Stage.CURATION] and started(made), LATE)
    return (started(made) or at).timestamp() - at.timestamp()


def started(made: Partnership) -> datetime | None:
    """When the task began that is the first in curation."""
    run_id = row(made).flow_run_id
    assert run_id is not None
    tasks = engine.client().read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    begun = [task.start_time for task in tasks if task.name.endswith("into curation") and task.start_time]
    return min(begun, default=None)

"""The one door to Prefect's API: what the relay, the sweep and the flows ask of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelling, Crashed, Scheduled

from campaigns.core import clock

PAGE = 200


@lru_cache
def client() -> SyncPrefectClient:
    """One long-lived client for the process: a fresh one for each call costs four times as much."""
    return get_client(sync_client=True).__enter__()


def flow_runs(ids: Iterable[UUID]) -> dict[UUID, FlowRun]:
    """The flow runs that exist among `ids`, asked for in pages."""
    wanted, found = list(ids), dict[UUID, FlowRun]()
    for start in range(0, len(wanted), PAGE):
        page = FlowRunFilter(id=FlowRunFilterId(any_=wanted[start : start + PAGE]))
        found |= {run.id: run for run in client().read_flow_runs(flow_run_filter=page, limit=PAGE)}
    return found


def flow_runs_in(states: Sequence[StateType]) -> Sequence[FlowRun]:
    """Up to PAGE of the flow runs that are in one of these states."""
    among = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))))
    return client().read_flow_runs(flow_run_filter=among, limit=PAGE)


def start(
    deployment: str, *, name: str, key: str, parameters: Mapping[str, Any], tags: Iterable[str] = (), after: timedelta = timedelta()
) -> UUID:
    """Create the run of a deployment (`flow/deployment`), to start once `after` is over; the same key gives the same run."""
    found = client().read_deployment_by_name(deployment)
    run = client().create_flow_run_from_deployment(
        found.id,
        name=name,
        parameters=dict(parameters),
        idempotency_key=key,
        tags=list(tags),
        state=Scheduled(scheduled_time=clock.process_now() + after),
    )
    return run.id


def resume(run_id: UUID) -> bool:
    """Wake a suspended run; False when it is gone or not (yet) suspended, and the caller must look again."""
    try:
        answer: OrchestrationResult[Any] = client().resume_flow_run(run_id)
    except ObjectNotFound:
        return False
    return answer.status is SetStateStatus.ACCEPT


def tag(run_id: UUID, tags: Iterable[str]) -> None:
    """Give the run these tags in place of those it has."""
    client().update_flow_run(run_id, tags=tags)


def cancel(run_id: UUID) -> None:
    """Ask a run to end; a suspended one ends at once, one that has ended stays as it is."""
    _set(run_id, Cancelling())


def bury(run_id: UUID, why: str) -> None:
    """Show on Prefect's page that a run which has no process any more is dead; one that has ended stays as it is."""
    run = flow_runs([run_id]).get(run_id)
    if run and run.state and not run.state.is_final():
        _set(run_id, Crashed(message=why), force=True)


def _set(run_id: UUID, state: "State[Any]", force: bool = False) -> None:
    try:
        client().set_flow_run_state(run_id, state, force=force)
    except ObjectNotFound:
        return

"""Whether the process of a flow run is known to be gone: only then does another one begin in its place."""

from datetime import datetime, timedelta
from enum import Enum

from prefect.client.schemas.objects import State, StateType

# Prefect's clock and ours may differ a little, and a run that has just come into a state was not in it when we looked for its process.
A_MOMENT = timedelta(seconds=5)
# What a process needs to leave once its run has ended.
TO_LEAVE = timedelta(seconds=10)
# One whose run is suspended tells Prefect first what it has not told yet; and it would be a pity to lose the run.
TO_LEAVE_SUSPENDED = timedelta(minutes=1)
IN_A_PROCESS = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})


class ProcessState(Enum):
    """What is known of the process of a flow run that has ended, or that should have one."""

    GOES_ON = "goes on"
    LINGERS = "lingers"
    GONE = "gone"


def life(state: "State[object] | None", held_since: datetime | None, looked_at: datetime) -> ProcessState:
    """Judged by the run's state in Prefect, None when Prefect has no such run, and by who has it in hands, looked for before that state."""
    is_over = state is None or state.is_final()
    if held_since is not None:
        since = max(held_since, state.timestamp) if state else held_since
        to_leave = TO_LEAVE if is_over else TO_LEAVE_SUSPENDED if state and state.is_paused() else timedelta.max
        return ProcessState.LINGERS if looked_at - since > to_leave else ProcessState.GOES_ON
    if is_over:
        return ProcessState.GONE
    is_old = state is not None and state.type in IN_A_PROCESS and looked_at - state.timestamp > A_MOMENT
    return ProcessState.GONE if is_old else ProcessState.GOES_ON

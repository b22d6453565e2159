"""What the sweep's parts share: one thing is put right without keeping the others from their turn, and what fails again waits longer."""

import logging
from collections.abc import Callable
from datetime import timedelta

from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=10)
log = logging.getLogger("callboard.sweep")


def mended(what: str, deed: Callable[[], None]) -> bool:
    """Whether `deed`, which puts right `what`, went well; raises ObjectNotFound when Prefect has to be told of our deployments again."""
    log.info("%s", what)
    try:
        deed()
    except ObjectNotFound:
        raise
    except Exception:  # the edge of one thing among many: what goes wrong with it must not keep the others from their turn
        log.exception("%s failed", what)
        return False
    return True


def pause_after(run: FlowRun | None) -> timedelta:
    """How long the successor of this run waits: longer each time that one fails, or dies, soon after it began, lest runs pile up."""
    if run is None or run.state is None or run.state.type is StateType.COMPLETED:
        return timedelta()
    began = run.expected_start_time or run.state.timestamp
    if run.created is None or run.state.timestamp - began > LONGEST_PAUSE:
        return FIRST_PAUSE
    # In whole seconds: Prefect notes a run as created a moment before or after its start was chosen.
    waited = timedelta(seconds=round((began - run.created).total_seconds()))
    return min(max(2 * waited, FIRST_PAUSE), LONGEST_PAUSE)

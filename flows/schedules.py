"""When Prefect's schedules were last due in business time: what its page shows decides, and time that was moved forward counts too."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from threading import Lock

from prefect.client.schemas.objects import DeploymentSchedule
from prefect.exceptions import ObjectNotFound
from prefect.utilities.asyncutils import run_coro_as_sync

from campaigns.core import clock
from flows import engine

# The nearest first: of a schedule that fires each minute, few moments are looked at.
LOOK_BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=8), timedelta(days=40), timedelta(days=400))
SECONDS_BETWEEN_LOOKS = 15.0


class Schedules:
    """The active schedules of a deployment, asked for anew now and then."""

    def __init__(self, deployment: str) -> None:
        self._deployment = deployment
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._active: list[DeploymentSchedule] = []

    def last_due(self, at: datetime) -> datetime | None:
        """The latest moment up to `at` at which one of them fires; None where none is active."""
        with self._lock:
            if clock.awake_seconds() - self._asked_at > SECONDS_BETWEEN_LOOKS:
                self._active, self._asked_at = active_schedules(self._deployment), clock.awake_seconds()
            return last_due(self._active, at)


def active_schedules(deployment: str) -> list[DeploymentSchedule]:
    """The schedules of a deployment that are not paused, nor is the deployment; none where there is no such deployment."""
    try:
        found = engine.client().read_deployment_by_name(deployment)
        schedules = engine.client().read_deployment_schedules(found.id)
    except ObjectNotFound:
        return []
    return [] if found.paused else [each for each in schedules if each.active]


def last_due(schedules: Iterable[DeploymentSchedule], at: datetime) -> datetime | None:
    """The latest moment up to `at` at which one of the schedules fires."""
    return max((fires for schedule in schedules for fires in _last(schedule, at)), default=None)


def _last(schedule: DeploymentSchedule, at: datetime) -> Iterator[datetime]:
    # The server's classes know when a schedule fires, the client's only how it is written; their import takes a while.
    from prefect.server.schemas import schedules as server

    known = getattr(server, type(schedule.schedule).__name__).model_validate(schedule.schedule.model_dump())
    for back in LOOK_BACK:
        found: list[datetime] = run_coro_as_sync(known.get_dates(start=at - back, end=at))
        if dates := [each for each in found if each <= at]:
            yield max(dates)
            return

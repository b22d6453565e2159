"""Prefect's worker, which takes no more flow runs than the machine has places for processes, and runs nothing but ours.

Prefect counts the states of runs. A run that is marked as dead frees its place while its process lives, and so does one that is
suspended and has not left yet: processes are what a machine has too few of, so each is counted from before its start until it is gone.
"""

import os
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio
import httpx
import prefect.main  # noqa: F401 - sets up Prefect's logging
import yaml  # type: ignore[import-untyped]
from anyio import to_thread
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed
from prefect.types._datetime import now
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult
from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.settings import settings
from flows.first_sign import LaunchParameters
from flows.hands import RunSlots
from flows.supervise.deploy import JOB
from flows.supervise.forks import Forks
from flows.supervise.process import ADOPTS, TOLD
from flows.supervise.programs import FLOW_RUN_COMMAND, ROOT, WORK_POOL

if TYPE_CHECKING:
    from anyio.abc import TaskStatus
    from prefect.client.schemas.objects import FlowRun
    from prefect.client.schemas.responses import WorkerFlowRunResponse

# How often a worker without a free place looks how many wait for one; and for how long they may without its being an overload.
ASK_SECONDS, WAIT_SECONDS = 5.0, 15.0
CARRIES = {"campaign_id": "campaign", "run_id": "payout_run"}
ENTRYPOINT = "PREFECT__FLOW_ENTRYPOINT"


class NotOurs(RuntimeError):
    """Somebody told Prefect of a deployment that prefect.yaml does not know."""


class Worker(ProcessWorker):
    """A worker of type `process` whose flow runs are in its hands until their processes are gone."""

    @classmethod
    def __dispatch_key__(cls) -> str:
        """Nobody looks this worker up, and Prefect's own of the same type stays registered."""
        return WORK_POOL

    def __init__(self, hands: RunSlots) -> None:
        # Not ahead of its time: a run that backs off would hold a place while it waits.
        super().__init__(WORK_POOL, prefetch_seconds=0, base_job_template=dict(JOB))
        self.hands = hands
        self.asked_at = float("-inf")
        self.running: set[UUID] = set()

    async def get_and_submit_flow_runs(self) -> list["FlowRun"]:
        """Submit what is due, as far as there are places."""
        if self.hands.is_full and time.monotonic() < self.asked_at + ASK_SECONDS:
            self._last_polled_time = now("UTC")
            return []
        self.asked_at = time.monotonic()
        return await super().get_and_submit_flow_runs()

    async def _submit_scheduled_flow_runs(self, flow_run_response: list["WorkerFlowRunResponse"]) -> list["FlowRun"]:
        due = [entry.flow_run for entry in flow_run_response if entry.flow_run.id not in self._submitting_flow_run_ids]
        try:
            taken = await to_thread.run_sync(self.hands.take, {run.id: carried_id(run) for run in due}) if due else set()
        except SQLAlchemyError:
            return []
        waiting = [run.next_scheduled_start_time for run in due if run.id not in taken and run.next_scheduled_start_time]
        self.hands.note_waiting(min(waiting, default=None) if due and self.hands.is_full else None, WAIT_SECONDS)
        return await super()._submit_scheduled_flow_runs([entry for entry in flow_run_response if entry.flow_run.id in taken])

    async def _submit_run(self, flow_run: "FlowRun") -> None:
        try:
            await super()._submit_run(flow_run)
        finally:
            if flow_run.id not in self.running:
                self.hands.drop(flow_run.id)

    async def run(
        self, flow_run: "FlowRun", configuration: ProcessJobConfiguration, task_status: "TaskStatus[int] | None" = None
    ) -> ProcessWorkerResult:
        """Run the flow in a process of its own, which is in our hands until it is gone."""
        self.running.add(flow_run.id)
        try:
            process_id = await to_thread.run_sync(self.hands.spawn, flow_run.id)
            confine(configuration, LaunchParameters(str(process_id), os.getpid(), settings().libpq_url, carries(flow_run)))
            result = await super().run(flow_run, configuration, Noting(self.hands, flow_run.id, task_status))
            await self.tell_superseded(flow_run, process_id)
            return result
        finally:
            self.running.discard(flow_run.id)
            self.hands.drop(flow_run.id)

    async def tell_superseded(self, flow_run: "FlowRun", process_id: UUID) -> None:
        """Tell Prefect what a process has found that left before it could speak to Prefect itself."""
        try:
            if await to_thread.run_sync(self.hands.was_superseded, process_id):
                await self.client.set_flow_run_state(flow_run.id, Completed(name="Superseded"), force=True)
        except (SQLAlchemyError, ObjectNotFound, httpx.HTTPError):
            self._logger.warning("Flow run %s was superseded, which could not be told.", flow_run.id)


class Noting:
    """Tells our hands, and Prefect, which process a flow run got."""

    def __init__(self, hands: RunSlots, run_id: UUID, task_status: "TaskStatus[int] | None") -> None:
        self.hands, self.run_id, self.task_status = hands, run_id, task_status

    def started(self, value: int | None = None) -> None:
        """Called by Prefect with the process's number."""
        if value is not None:
            self.hands.started(self.run_id, value)
            if self.task_status is not None:
                self.task_status.started(value)


def carries(flow_run: "FlowRun") -> tuple[str, str, int] | None:
    """What the flow run carries, and in which generation; None for what is not fenced, and for what nobody can carry."""
    for name, kind in CARRIES.items():
        with suppress(KeyError, TypeError, ValueError):
            return kind, str(UUID(str(flow_run.parameters[name]))), int(flow_run.parameters["generation"])
    return None


def carried_id(flow_run: "FlowRun") -> UUID | None:
    """What is never carried by two processes at once."""
    found = carries(flow_run)
    return UUID(found[1]) if found else None


def confine(configuration: ProcessJobConfiguration, told: LaunchParameters) -> None:
    """Have the job run our command on our flow with our environment, whatever a template, a deployment or a job variable says.

    Raises NotOurs for a deployment that prefect.yaml does not know.
    """
    name = configuration.labels.get("prefect.io/deployment-name", "")
    if name not in entrypoints():
        raise NotOurs(name)
    prefects = {key: value for key, value in configuration.env.items() if key.startswith("PREFECT__")}
    configuration.env = {**prefects, **os.environ, ENTRYPOINT: entrypoints()[name], TOLD: str(told)}
    configuration.command, configuration.working_dir, configuration.stream_output = FLOW_RUN_COMMAND, None, True
    configuration._command_configured = True  # noqa: SLF001 - else Prefect looks for a launcher of its own


@cache
def entrypoints() -> Mapping[str, str]:
    """The flow of each deployment in prefect.yaml, as a module and a name in it."""
    deployments: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    return {each["name"]: each["entrypoint"].replace(".py:", ".").replace("/", ".") for each in deployments}


def hands_here() -> RunSlots:
    """Those of this worker; its flow runs are forked from a warm process on Linux, and started by their command elsewhere."""
    limit = settings().worker_limit
    return RunSlots(limit, Forks().end) if ADOPTS else RunSlots(limit)


def main() -> None:
    """The worker as a process of its own."""
    hands = hands_here()
    threading.Thread(target=hands.look_for_ever, daemon=True).start()
    # At once, and its flow runs with it: to wait for one that is frozen would be to wait for ever.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    with suppress(KeyboardInterrupt):
        anyio.run(Worker(hands).start)


if __name__ == "__main__":
    main()

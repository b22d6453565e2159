"""Tells Prefect what there is to run: the work pool and the deployments of prefect.yaml."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.schedules import SCHEDULE_TYPES
from prefect.exceptions import ObjectAlreadyExists

from flows.supervise.programs import FLOW_RUN_COMMAND, ROOT, WORK_POOL

# Nothing of a job is anybody's to choose: a command or an environment of one's own would be as good as a shell.
JOB: Mapping[str, Any] = {
    "job_configuration": {"command": FLOW_RUN_COMMAND, "env": {}, "labels": {}, "name": None, "stream_output": True, "working_dir": None},
    "variables": {"type": "object", "properties": {}, "additionalProperties": False},
}

# By deployment: each of its schedules, and whether it is active.
Shown = Mapping[UUID, Sequence[tuple[SCHEDULE_TYPES, bool]]]


def add_work_pool(client: SyncPrefectClient) -> None:
    """Make the work pool, which `prefect deploy` does not do by itself, with a job that no variable changes.

    It has no limit: Prefect would count the states of runs, and each machine's worker counts their processes.
    """
    job = dict(JOB)
    try:
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process", base_job_template=job))
    except ObjectAlreadyExists:
        client.update_work_pool(WORK_POOL, WorkPoolUpdate(concurrency_limit=None, base_job_template=job))


def deploy(checkout: Path = ROOT) -> None:
    """Bring Prefect up to date with the prefect.yaml of a checkout; running it again changes nothing.

    A schedule that an operator changed or paused on Prefect's page stays as they left it.
    """
    with get_client(sync_client=True) as client:
        add_work_pool(client)
        shown = shown_schedules(client)
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    subprocess.run(command, cwd=checkout, stdin=subprocess.DEVNULL, check=True)
    with get_client(sync_client=True) as client:
        keep_schedules(client, shown)


def shown_schedules(client: SyncPrefectClient) -> Shown:
    """The schedules of the deployments that there are, as Prefect's page shows them."""
    return {each.id: [(one.schedule, one.active) for one in each.schedules] for each in client.read_deployments() if each.schedules}


def keep_schedules(client: SyncPrefectClient, shown: Shown) -> None:
    """Put back, in place of those that were deployed, the schedules that differ from them."""
    deployed = shown_schedules(client)
    for deployment, schedules in shown.items():
        if deployment in deployed and deployed[deployment] != schedules:
            for each in client.read_deployment_schedules(deployment):
                client.delete_deployment_schedule(deployment, each.id)
            client.create_deployment_schedules(deployment, list(schedules))


if __name__ == "__main__":
    deploy(*map(Path, sys.argv[1:]))

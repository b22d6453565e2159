"""Tells Prefect what there is to run: the work pool and the deployments of prefect.yaml."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectAlreadyExists

from flows.supervise.programs import FLOW_RUN_COMMAND, ROOT, WORK_POOL

# Nothing of a job is anybody's to choose: a command or an environment of one's own would be as good as a shell.
JOB: Mapping[str, Any] = {
    "job_configuration": {"command": FLOW_RUN_COMMAND, "env": {}, "labels": {}, "name": None, "stream_output": True, "working_dir": None},
    "variables": {"type": "object", "properties": {}, "additionalProperties": False},
}


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
    """Bring Prefect up to date with the prefect.yaml of a checkout; running it again changes nothing."""
    with get_client(sync_client=True) as client:
        add_work_pool(client)
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    subprocess.run(command, cwd=checkout, stdin=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    deploy(*map(Path, sys.argv[1:]))

"""Tells Prefect what there is to run: the work pool and the deployments of prefect.yaml."""

import subprocess
import sys
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectAlreadyExists

from campaigns.core.settings import settings
from flows.supervise.programs import ROOT, WORK_POOL


def add_work_pool(client: SyncPrefectClient) -> None:
    """Make the work pool, which `prefect deploy` does not do by itself, and bound how many flow runs it lets run at once.

    The bound is the pool's and not the worker's: a worker with `--limit` ends when a run is resumed before it has seen it suspended.
    """
    bound = settings().worker_limit
    try:
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process", concurrency_limit=bound))
    except ObjectAlreadyExists:
        client.update_work_pool(WORK_POOL, WorkPoolUpdate(concurrency_limit=bound))


def deploy(checkout: Path = ROOT) -> None:
    """Bring Prefect up to date with the prefect.yaml of a checkout; running it again changes nothing."""
    with get_client(sync_client=True) as client:
        add_work_pool(client)
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    subprocess.run(command, cwd=checkout, stdin=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    deploy(*map(Path, sys.argv[1:]))

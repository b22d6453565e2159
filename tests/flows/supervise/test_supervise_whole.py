"""The whole of `callboard up`: Prefect knows what there is to run, and a kill leaves nothing, not even a flow run."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.installation import Installation, traces, wait_for

ASKED_BY_PREFECT = {"campaign/campaign", "quote-payouts/quote-payouts", "send-payouts/send-payouts", "reconcile/reconcile"}


def prefect(up: Installation) -> httpx.Client:
    sign_in = (up.settings.prefect_user, up.settings.prefect_password.get_secret_value())
    return httpx.Client(base_url=f"{up.settings.prefect_url}/api", auth=sign_in)


def test_prefect_knows_every_deployment_and_its_schedule(stack: Installation) -> None:
    with prefect(stack) as client:
        deployments = client.post("/deployments/filter", json={}).json()
        flows = {flow["id"]: flow["name"] for flow in client.post("/flows/filter", json={}).json()}
    assert {f"{flows[each['flow_id']]}/{each['name']}" for each in deployments} == ASKED_BY_PREFECT
    assert {each["work_pool_name"] for each in deployments} == {"callboard"}
    assert {each["name"]: each["schedules"][0]["schedule"]["cron"] for each in deployments if each["schedules"]} == {
        "quote-payouts": "0 6 * * *",
        "reconcile": "30 4 * * *",
    }


def test_each_schedule_makes_its_runs(stack: Installation) -> None:
    def scheduled() -> set[str]:
        with prefect(stack) as client:
            names = {each["id"]: each["name"] for each in client.post("/deployments/filter", json={}).json()}
            runs = client.post("/flow_runs/filter", json={"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}).json()
        return {names[run["deployment_id"]] for run in runs if run["auto_scheduled"]}

    wait_for(lambda: scheduled() == {"quote-payouts", "reconcile"}, within=60)


def test_prefect_asks_who_is_there(stack: Installation) -> None:
    assert httpx.get(f"{stack.settings.prefect_url}/api/work_pools/callboard").status_code == 401


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Installation]:
    """A whole installation of the test's own."""
    installation = Installation.start(tmp_path)
    yield installation
    installation.remove()


@pytest.mark.xdist_group("chaos")
def test_a_kill_of_the_supervisor_leaves_no_process_even_with_a_flow_run_frozen(doomed: Installation) -> None:
    doomed.wait_until_ready()
    with prefect(doomed) as client:
        deployment = client.get("/deployments/name/reconcile/reconcile").json()["id"]
        client.post(f"/deployments/{deployment}/create_flow_run", json={"state": {"type": "SCHEDULED"}}).raise_for_status()
    wait_for(lambda: flow_runs(doomed), within=120)
    for pid in flow_runs(doomed):
        os.kill(pid, signal.SIGSTOP)
    doomed.process.kill()
    doomed.process.wait()
    wait_for(lambda: not doomed.processes(), within=60)


def flow_runs(up: Installation) -> set[int]:
    return {pid for pid in up.processes() if b"flows.supervise.flow_run" in traces(pid)}

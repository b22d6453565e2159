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


def test_the_start_says_where_prefect_s_password_lies_and_not_what_it_is(stack: Installation) -> None:
    password = stack.settings.prefect_password.get_secret_value()
    assert (password in stack.said, str(stack.home / "prefect-password") in stack.said) == (False, True)
    assert (stack.home / "prefect-password").read_text() == password


def test_whoever_signs_in_to_prefect_runs_our_flows_and_no_command_of_their_own(stack: Installation, tmp_path: Path) -> None:
    by_variable, by_template, by_code = (tmp_path / name for name in ("variable", "template", "code"))
    flow = tmp_path / "own.py"
    flow.write_text(f"from pathlib import Path\nfrom prefect import flow\nPath({str(by_code)!r}).touch()\n@flow\ndef own():\n    pass\n")
    with prefect(stack) as client:
        ours = client.get("/deployments/name/reconcile/reconcile").json()
        run = {"state": {"type": "SCHEDULED"}, "job_variables": {"command": f"touch {by_variable}", "env": {"PYTHONSTARTUP": str(flow)}}}
        with_variables = client.post(f"/deployments/{ours['id']}/create_flow_run", json=run)
        template = client.get("/work_pools/callboard").json()["base_job_template"]
        theirs = template | {"job_configuration": template["job_configuration"] | {"command": f"touch {by_template}"}}
        client.patch("/work_pools/callboard", json={"base_job_template": theirs}).raise_for_status()
        named = {
            "name": "own",
            "flow_id": ours["flow_id"],
            "work_pool_name": "callboard",
            "path": str(tmp_path),
            "entrypoint": "own.py:own",
        }
        own = client.post("/deployments/", json=named).raise_for_status().json()["id"]
        plain = {"state": {"type": "SCHEDULED"}}
        runs = [client.post(f"/deployments/{id_}/create_flow_run", json=plain).json()["id"] for id_ in (ours["id"], own)]
        runs += [with_variables.json()["id"]] if with_variables.is_success else []
        wait_for(lambda: {client.get(f"/flow_runs/{each}").json()["state_type"] for each in runs} <= {"COMPLETED", "CRASHED"}, within=180)
        ended = [client.get(f"/flow_runs/{each}").json()["state_type"] for each in runs]
        client.delete(f"/deployments/{own}").raise_for_status()
        client.patch("/work_pools/callboard", json={"base_job_template": template}).raise_for_status()
    assert ended[:2] == ["COMPLETED", "CRASHED"]
    assert (template["job_configuration"]["command"], template["variables"]["properties"]) == ("python -m flows.supervise.flow_run", {})
    assert [each.name for each in (by_variable, by_template, by_code) if each.exists()] == []


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
    wait_for(lambda: bound(doomed), within=120)
    for pid in flow_runs(doomed):
        os.kill(pid, signal.SIGSTOP)
    doomed.process.kill()
    doomed.process.wait()
    wait_for(lambda: not doomed.processes(), within=60)


def flow_runs(up: Installation) -> set[int]:
    return {pid for pid in up.processes() if b"flows.supervise.flow_run" in traces(pid)}


def bound(up: Installation) -> bool:
    """Whether every flow run's process is past the line that binds it to its worker: only then it reads PostgreSQL's library."""
    pids = flow_runs(up)
    return bool(pids) and all(b"libpq" in Path(f"/proc/{pid}/maps").read_bytes() for pid in pids)

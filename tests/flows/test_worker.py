"""What the worker makes of a flow run and of its job, whatever Prefect has been told of them."""

import os
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.workers.process import ProcessJobConfiguration

from campaigns.core.ids import new_id
from flows.first_sign import LaunchParameters
from flows.supervise.deploy import JOB
from flows.supervise.process import TOLD
from flows.supervise.worker import ENTRYPOINT, NotOurs, carried_id, carries, confine, entrypoints

ID = new_id()
TO_BE_TOLD = LaunchParameters(str(ID), 1, "postgresql:///callboard", None)


def job(name: str = "campaign") -> ProcessJobConfiguration:
    """What Prefect makes of a template and of job variables that somebody else has written."""
    env = {"PATH": "/own", "LD_PRELOAD": "/own.so", "PREFECT__FLOW_RUN_ID": str(ID), ENTRYPOINT: "/own.py:own"}
    labels = {"prefect.io/deployment-name": name}
    return ProcessJobConfiguration(command="touch /own", env=env, labels=labels, working_dir=Path("/own"), stream_output=False)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"campaign_id": str(ID), "title": "Tea", "generation": 3}, ("campaign", str(ID), 3)),
        ({"run_id": str(ID), "generation": 3}, ("payout_run", str(ID), 3)),
        ({"sequence": "2026-11-30"}, None),
        ({}, None),
        ({"campaign_id": "everything", "generation": 3}, None),
        ({"campaign_id": 7, "generation": 3}, None),
        ({"campaign_id": str(ID)}, None),
        ({"campaign_id": str(ID), "generation": None}, None),
    ],
)
def test_a_flow_run_carries_what_its_parameters_name_and_what_makes_no_sense_carries_nothing(
    parameters: dict[str, Any], expected: tuple[str, str, int] | None
) -> None:
    run = FlowRun(flow_id=new_id(), parameters=parameters)
    assert (carries(run), carried_id(run)) == (expected, ID if expected else None)


def test_a_job_runs_our_command_on_our_flow_with_our_environment_whatever_it_was_told() -> None:
    confined = job()
    confine(confined, TO_BE_TOLD)
    assert (confined.command, confined.working_dir) == ("python -m flows.supervise.flow_run", None)
    own = {"PREFECT__FLOW_RUN_ID": str(ID), ENTRYPOINT: "flows.campaign.campaign", TOLD: str(TO_BE_TOLD)}
    assert confined.env == {**os.environ, **own}


def test_a_deployment_that_is_not_ours_is_not_run() -> None:
    assert set(entrypoints()) == {"campaign", "quote-payouts", "send-payouts", "reconcile"}
    with pytest.raises(NotOurs):
        confine(job("own"), TO_BE_TOLD)


def test_the_pool_s_job_has_no_variable() -> None:
    assert (JOB["variables"]["properties"], JOB["variables"]["additionalProperties"]) == ({}, False)
    assert "{{" not in str(JOB["job_configuration"])

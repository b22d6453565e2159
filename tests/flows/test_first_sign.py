"""What a flow run's process does before it imports anything."""

import os
import subprocess
import sys
from uuid import UUID

import pytest
from sqlalchemy import update

from campaigns.core.campaign import Campaign
from campaigns.core.flow_processes import FlowProcess
from campaigns.core.settings import settings
from flows.first_sign import LaunchParameters
from flows.hands import RunSlots
from flows.supervise.process import TOLD
from tests import factories
from tests.called_off import call_off
from tests.factories import NOW, Partnership
from workers.transactions import unit_of_work

HEAVY = ("prefect", "sqlalchemy", "campaigns", "pydantic")


@pytest.fixture
def made(fresh_database: str) -> Partnership:
    with unit_of_work() as session:
        made = factories.opened_call(session)
        session.execute(update(Campaign).where(Campaign.id == made.id).values(generation=2))
    return made


def begun(made: Partnership, generation: int, *, condemned: bool = False) -> tuple[int, set[str], FlowProcess]:
    """The exit code of a flow run's process that carries the campaign, which of the heavy modules it imported, and its row.

    There is no Prefect to speak to, so that one which goes on fails.
    """
    hands = RunSlots(1)
    [run] = hands.take({UUID(int=generation): made.id})
    process_id = hands.spawn(run)
    if condemned:
        with unit_of_work() as session:
            session.execute(update(FlowProcess).values(condemned_at=NOW))
    told = LaunchParameters(str(process_id), os.getpid(), settings().libpq_url, ("campaign", str(made.id), generation))
    command = [sys.executable, "-X", "importtime", "-m", "flows.supervise.flow_run"]
    ran = subprocess.run(command, env=os.environ | {TOLD: str(told)}, capture_output=True, text=True, check=False, timeout=120)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines() if "import time:" in line}
    with unit_of_work() as session:
        return ran.returncode, imported & set(HEAVY), session.get_one(FlowProcess, process_id)


def test_a_superseded_run_leaves_before_it_imports_anything(made: Partnership) -> None:
    code, imported, row = begun(made, 1)
    assert (code, imported, row.superseded_at is not None) == (0, set(), True)


def test_a_run_of_a_cancelled_campaign_leaves_before_it_imports_anything(made: Partnership) -> None:
    with unit_of_work() as session:
        call_off(session, made.id, "The brand has left.", by=made.manager, at=NOW)
    code, imported, row = begun(made, 2)
    assert (code, imported, row.superseded_at is not None) == (0, set(), True)


def test_a_condemned_run_ends_before_it_imports_anything(made: Partnership) -> None:
    code, imported, row = begun(made, 2, condemned=True)
    assert (code, imported, row.began_at) == (1, set(), None)


def test_the_present_run_gives_its_first_sign_of_life_before_it_imports_the_rest(made: Partnership) -> None:
    code, imported, row = begun(made, 2)
    assert (code, "prefect" in imported, row.superseded_at) == (1, True, None)
    assert row.began_at is not None
    assert row.process is not None

"""What the proofs of guards do to an installation: a guard is missed while it is out, and is in again whatever goes wrong meanwhile."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from tests.chaos.fire import Fire
from tests.chaos.guards import Ground
from tests.chaos.guards_of_emails import emails_may_be_written_twice
from tests.chaos.proofs import PROOFS, also_here
from workers.transactions import unit_of_work

NO_GROUND = cast("Ground", None)
CONSTRAINT = text("select count(*) from pg_constraint where conname = 'uq_email_event_id_recipient_id_notification'")


@pytest.mark.parametrize("name", ["the key of a journal"])
def test_a_guard_that_is_taken_out_is_missed(fresh_database: str, name: str) -> None:
    proof = PROOFS[name]
    assert proof.scenario(NO_GROUND) == []
    with also_here(proof.guards):
        harms = proof.scenario(NO_GROUND)
    assert [harm for harm in harms if harm.startswith(proof.harm)] == harms != []


def fails_within(block: AbstractContextManager[None]) -> None:
    with pytest.raises(ZeroDivisionError), block:
        raise ZeroDivisionError


def test_a_guard_is_in_again_when_its_scenario_fails(tmp_path: Path) -> None:
    fire = Fire(tmp_path)
    fails_within(fire.without("lease", "visit"))
    assert list(fire.out.iterdir()) == []


def test_a_constraint_is_in_force_again_when_its_scenario_fails(fresh_database: str) -> None:
    fails_within(emails_may_be_written_twice())
    with unit_of_work() as session:
        assert session.scalar(CONSTRAINT) == 1

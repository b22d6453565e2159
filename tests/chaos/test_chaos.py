"""The short form of `make chaos`: one assignment under named and random kills, and two guards that are taken out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.fire import under_fire
from tests.chaos.guards import PROOFS, Ground, ground
from tests.chaos.trial import Trial

pytestmark = pytest.mark.xdist_group("stack")
POINTS = ("open_call.made_ready", "flow.suspended", "relay.sent", "payout_run.transferred")


def test_a_whole_assignment_survives_the_kills_of_its_processes_and_nothing_is_done_twice_or_lost(tmp_path: Path) -> None:
    trial = Trial(assignments=1, kills=7, seed=2, within=400, points=POINTS).run(tmp_path)
    assert (trial.harms, set(POINTS) - set(trial.by_name)) == ([], set())
    assert len(trial.struck) >= 7


@pytest.fixture(scope="module")
def battlefield(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with under_fire(tmp_path_factory.mktemp("guards")) as (up, fire), ground(up, fire) as place:
        yield place


@pytest.mark.parametrize("name", ["the key of a transfer", "the number of a visit"])
def test_with_a_guard_taken_out_what_it_guards_against_happens_and_is_named(battlefield: Ground, name: str) -> None:
    assert PROOFS[name].harms(battlefield, guarded=True) == []
    harms = PROOFS[name].harms(battlefield, guarded=False)
    assert [harm for harm in harms if harm.startswith(PROOFS[name].harm)] == harms != []

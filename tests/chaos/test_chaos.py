"""The short form of `make chaos`: one assignment under named and random kills, and a guard that is taken out, on one installation."""

from collections.abc import Iterator

import pytest

from tests.chaos.fire import Fire, under_fire
from tests.chaos.guards import PROOFS, ground
from tests.chaos.trial import Trial
from tests.installation import Installation

pytestmark = pytest.mark.xdist_group("chaos")
POINTS = ("web.answer_lost", "open_call.made_ready", "flow.suspended", "relay.sent", "payout_run.transferred")
FAULTS = ("stripe tells twice", "sendgrid answers 429")
AT_RANDOM = ("kill_program", "kill_run")
GUARD = PROOFS["the key of a request"]


@pytest.fixture(scope="module")
def battlefield(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Fire]]:
    with under_fire(tmp_path_factory.mktemp("chaos")) as (up, fire):
        yield up, fire
    assert up.processes() == set()


def test_a_whole_assignment_survives_the_kills_of_its_processes_and_nothing_is_done_twice_or_lost(
    battlefield: tuple[Installation, Fire],
) -> None:
    trial = Trial(1, 6, seed=2, within=900, points=POINTS, faults=FAULTS, outages=(), at_random=AT_RANDOM, hurries=True)
    trial.carry(*battlefield)
    assert (trial.harms, {*POINTS, *FAULTS} - set(trial.by_name)) == ([], set())


def test_with_a_guard_taken_out_what_it_guards_against_happens_and_is_named(battlefield: tuple[Installation, Fire]) -> None:
    with ground(*battlefield) as place:
        harms = GUARD.harms(place, guarded=False)
    assert [harm for harm in harms if harm.startswith(GUARD.harm)] == harms != []

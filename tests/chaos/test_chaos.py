"""The short form of `make chaos`: one assignment under named and random kills, a guard taken out, and the end of it all."""

import os
import signal
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from tests.chaos.fire import Fire, under_fire
from tests.chaos.guards import PROOFS, ground
from tests.chaos.trial import Trial
from tests.flows.engine_room import at_work, calling, wait_until_asleep
from tests.installation import Installation, wait_for

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


def test_a_kill_of_the_supervisor_leaves_no_process_even_with_a_flow_run_frozen(battlefield: tuple[Installation, Fire]) -> None:
    """The last of its installation's tests."""
    up, _fire = battlefield
    made = calling()
    wait_until_asleep(made)
    with pytest.raises(OperationalError), at_work(up, made) as (pid, _work):
        end(up, pid)
    assert up.processes() == set()


def end(up: Installation, frozen: int) -> None:
    os.kill(frozen, signal.SIGSTOP)
    up.process.kill()
    up.process.wait()
    wait_for(lambda: not up.processes(), within=60)

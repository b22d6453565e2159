"""The short form of `make chaos`: one assignment under named and random kills, and a guard that is taken out, on one installation."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from pathlib import Path

import pytest

from tests.chaos.fire import Fire, under_fire
from tests.chaos.guards import ground
from tests.chaos.proofs import PROOFS, of_the_day
from tests.chaos.trial import Trial
from tests.installation import Installation

pytestmark = pytest.mark.xdist_group("chaos")
POINTS = (
    "web.answer_lost",
    "web.maker_confirmed",
    "upload.to_prove",
    "open_call.made_ready",
    "flow.suspended",
    "relay.sent",
    "payout_run.transferred",
)
FAULTS = ("stripe reports twice", "sendgrid answers 429")
AT_RANDOM = ("kill_program", "kill_run")
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def battlefield(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Fire]]:
    with under_fire(tmp_path_factory.mktemp("chaos")) as (up, fire):
        yield up, fire
    assert up.processes() == set()


def test_a_whole_assignment_survives_the_kills_of_its_processes_and_nothing_is_done_twice_or_lost(
    battlefield: tuple[Installation, Fire], tmp_path: Path
) -> None:
    trial = Trial(1, 8, seed=2, within=900, points=POINTS, faults=FAULTS, outages=(), at_random=AT_RANDOM, hurries=True)
    trial.carry(*battlefield, tmp_path)
    assert (trial.harms, {*POINTS, *FAULTS} - set(trial.by_name)) == ([], set())


@pytest.mark.parametrize("name", of_the_day(TODAY))
def test_with_a_guard_all_is_well_and_without_it_what_it_guards_against_happens_and_is_named(
    battlefield: tuple[Installation, Fire], name: str
) -> None:
    proof = PROOFS[name]
    with ground(*battlefield) as place:
        with_it, without = (proof.harms(place, guarded=is_guarded) for is_guarded in (True, False))
    assert with_it == []
    assert [harm for harm in without if harm.startswith(proof.harm)] == without != []


def test_every_guard_has_its_day_and_each_day_has_its_own() -> None:
    days = [of_the_day(TODAY + timedelta(days=number)) for number in range(len(PROOFS))]
    assert (set(chain.from_iterable(days)), {len(set(each)) for each in days}) == (set(PROOFS), {2})
    assert [day for day, after in pairwise(days) if set(day) & set(after)] == []

"""An assignment that nothing befalls: everyone comes to an end, and whatever looks for harm finds none."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.core import clock
from tests.carrying import run_flow
from tests.chaos import verdict
from tests.chaos.answers import KINDS, counts
from tests.chaos.assignment import Assignment, begin
from tests.chaos.company import plot_of
from tests.chaos.lineages import MIXES
from tests.chaos.splits import none_over_both_kinds
from workers.transactions import unit_of_work

STEPS = 120
# What is left of the brand's money goes back by the relay, which does not run here.
LOOKS = [look for look in verdict.OF_ASSIGNMENTS if look not in (verdict.funding, verdict.invoices)]


def carried(assignment: Assignment) -> Assignment:
    """By its people and by what its flow does, from its beginning to its end."""
    for _step in range(STEPS):
        rest = assignment.step()
        with unit_of_work() as session:
            assignment.all_.at = clock.business_now(session)
            run_flow(session, assignment.all_)
        if assignment.is_over():
            return assignment
        if rest.due and not rest.is_astir:
            with unit_of_work() as session:
                clock.move_clock(session, rest.due - clock.business_now(session) + timedelta(seconds=1))
    raise AssertionError(f"{assignment.stands} {assignment.trouble}")


@pytest.mark.usefixtures("at_hand")
@pytest.mark.parametrize("number", range(len(MIXES)))
def test_an_assignment_that_nothing_befalls_ends_with_all_that_was_said_answered_and_no_harm(tmp_path: Path, number: int) -> None:
    plot = replace(plot_of(number, tmp_path), is_billed=False)
    assignment = carried(begin(plot, number))
    with unit_of_work() as session:
        harms = [harm for look in LOOKS for harm in look(session, assignment)]
        flat = list(none_over_both_kinds(session, [assignment]))
    said = counts([assignment])
    unanswered = {kind for kind, count in said.items() if count.said != count.answered}
    assert (harms, flat, unanswered, set(said) - set(KINDS)) == ([], [], set(), set())

"""What the helpful operator puts right by hand is listed, once each time."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from campaigns.core import clock
from tests.chaos import billing
from tests.chaos.assignment import Assignment, begin
from tests.chaos.company import plot_of
from tests.chaos.word import Word
from workers.transactions import unit_of_work

NOBODY = cast("Any", None)
OF_TWO_DELIVERABLES = 2
A_YEAR = timedelta(days=400)


@pytest.mark.usefixtures("at_hand")
def test_the_dates_of_a_brief_that_have_passed_are_moved_once_for_all_its_deliverables_and_that_is_listed(tmp_path: Path) -> None:
    assignment = begin(plot_of(OF_TWO_DELIVERABLES, tmp_path), OF_TWO_DELIVERABLES)
    with unit_of_work() as session:
        clock.move_clock(session, A_YEAR)
        assert len(assignment.all_.deliverables(session)) == 2
    assignment.step()
    assignment.step()
    assert Counter(assignment.mended) == Counter({"moved the dates of a brief that had passed": 1})


def test_another_invoice_after_one_that_stripe_refused_is_listed_and_after_a_withdrawn_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    made = SimpleNamespace(made=SimpleNamespace(id=1), manager=NOBODY)
    assignment = Assignment(cast("Any", made), Path(), invoices=[Word(NOBODY, "", {}, is_answered=True)])
    for state in ("void", "refused"):
        monkeypatch.setattr(billing, "latest_invoice", lambda _campaign, state=state: SimpleNamespace(state=state))
        assignment.invoices[-1].is_answered = True
        billing.pay(assignment, NOBODY)
    assert (len(assignment.invoices), assignment.mended) == (3, ["asked for another invoice after Stripe had refused one"])

"""What a trial has to show before it counts as a proof: everything came, every kind was answered, little was put right by hand."""

from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.chaos import trial as trials
from tests.chaos import verdict
from tests.chaos.acts import Sending
from tests.chaos.answers import KINDS, Count, counts, unanswered
from tests.chaos.assignment import Assignment
from tests.chaos.company import MOST_FOR_ALL, MOST_IN_A_CAMPAIGN, Company, too_much_help
from tests.chaos.fire import Kill, What
from tests.chaos.misfortunes import BUTTONS, NO_PREFECT, WARM, WEIGHTS, Misfortunes, names_of
from tests.chaos.report import report
from tests.chaos.trial import MANY, Trial
from tests.chaos.word import REFUSALS, Word

NOBODY = cast("Any", None)
RARE = {"freeze a flow run", "freeze relay", WARM, NO_PREFECT, *(name for name, _runs, _deed in BUTTONS)}


def test_a_trial_of_many_kills_wants_every_freeze_button_and_rare_misfortune_and_a_small_one_does_not() -> None:
    few, many = (Trial(1, kills, seed=1, within=1.0) for kills in (MANY - 1, MANY))
    assert (many.wanted - few.wanted, few.wanted - many.wanted, names_of(WEIGHTS)) == (RARE, set(), RARE)


def test_a_trial_without_misfortunes_of_a_kind_does_not_wait_for_them() -> None:
    trial = Trial(1, MANY, seed=1, within=1.0, points=(), faults=(), outages=(), at_random=("kill_program", "kill_warm"))
    assert trial.wanted == {WARM}


@pytest.mark.parametrize("lost", sorted(RARE))
def test_whatever_of_them_never_came_is_named(lost: str) -> None:
    trial = Trial(
        1, MANY, seed=1, within=1.0, points=(), faults=(), outages=(), at_random=("freeze", "tamper", "kill_warm", "lose_prefect")
    )
    trial.befallen = [Kill(name, 0, "", What.BUTTON) for name in RARE - {lost}]
    assert trial.never == [lost]


class Noted(Misfortunes):
    """Misfortunes that only say which they were."""

    def __init__(self, kinds: tuple[str, ...], kills: list[Kill]) -> None:
        super().__init__(NOBODY, Random(1), kinds, kills)
        self.told: list[str] = []

    def kill_program(self) -> None:
        self.told.append("kill_program")

    def kill_warm(self) -> None:
        self.told.append("kill_warm")


def test_what_has_never_come_comes_first_and_once_it_has_come_the_dice_decide() -> None:
    kinds = ("kill_program", "kill_warm")
    fresh, later = Noted(kinds, []), Noted(kinds, [Kill(WARM, 1, "")])
    for _time in range(20):
        fresh.befall(first_times=1.0)
        later.befall(first_times=1.0)
    assert (set(fresh.told), Counter(later.told).most_common(1)[0][0]) == ({"kill_warm"}, "kill_program")


def word(answered: bool = False, refusals: int = 0) -> Word:
    return Word(NOBODY, "", {}, is_answered=answered, refusals=refusals)


def test_what_was_said_answered_and_given_up_is_counted_by_its_kind() -> None:
    assignment = Assignment(NOBODY, Path())
    assignment.spoken["comment"] = {"a": word(answered=True), "b": word(refusals=REFUSALS), "c": word(refusals=1)}
    assignment.spoken["review"] = {"a": word(refusals=REFUSALS)}
    assignment.contributions = [word(answered=True), Word(NOBODY, "", {"sources": []})]
    assignment.files = [Sending(NOBODY, "File 0", Path(), is_answered=True)]
    assert counts([assignment, assignment]) == {
        "comment": Count(6, 2, 2), "review": Count(2, 0, 2), "upload": Count(2, 2, 0), "contribution": Count(2, 2, 0),
    }  # fmt: skip


def test_what_was_neither_answered_nor_given_up_counts_as_overtaken() -> None:
    assert (Count(6, 2, 2).overtaken, Count(2, 2, 0).overtaken) == (2, 0)


def test_the_report_names_what_was_overtaken() -> None:
    trial = Trial(1, 1, seed=1, within=1.0)
    trial.said = {"comment": Count(6, 3, 1)}
    assert "     6      3      1      2  comment" in list(report(trial))


def test_a_kind_of_which_nothing_was_answered_is_named_whether_it_was_said_or_only_wanted() -> None:
    found = {"comment": Count(6, 1, 2), "review": Count(2, 0, 2)}
    assert list(unanswered(found, ())) == ["no review was answered, of 2 that were said"]
    assert list(unanswered(found, ("comment", "return"))) == [
        "no return was answered, of 0 that were said",
        "no review was answered, of 2 that were said",
    ]


def helped(of_one: int, of_all: int) -> list[str]:
    """What is said of two campaigns, in one of which so much was put right by hand, and so much besides."""
    campaigns = [SimpleNamespace(id=number, mended=["ended a pause"] * times) for number, times in enumerate((of_one, 0))]
    company = Company(cast("Any", campaigns), NOBODY, helped=["had an email tried again"] * of_all)
    return list(too_much_help(company))


def test_what_is_put_right_by_hand_is_bounded() -> None:
    assert helped(MOST_IN_A_CAMPAIGN, 2 * MOST_FOR_ALL) == []
    assert helped(MOST_IN_A_CAMPAIGN + 1, 2 * MOST_FOR_ALL + 1) == [
        f"{MOST_IN_A_CAMPAIGN + 1} things were put right by hand in 0: ended a pause",
        f"{2 * MOST_FOR_ALL + 1} things were put right by hand that are no campaign's: had an email tried again",
    ]


def test_what_was_said_is_counted_before_it_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {kind: Count(1, 1, 0) for kind in KINDS}
    monkeypatch.setattr(trials, "founded", lambda *_what, **_how: SimpleNamespace(assignments=[], mended=Counter()))
    monkeypatch.setattr(trials, "Storm", lambda *_what: SimpleNamespace(blow=lambda _end: True))
    monkeypatch.setattr(trials, "counts", lambda _assignments: said)
    monkeypatch.setattr(verdict, "harms", lambda _company: [])
    monkeypatch.setattr(trials, "unit_of_work", nullcontext)
    monkeypatch.setattr(trials, "tally", lambda _session: NOBODY)
    monkeypatch.setattr(trials, "too_much_help", lambda _company: [])
    trial = Trial(1, MANY, seed=1, within=1.0, points=(), faults=(), outages=(), at_random=())
    trial.struck = [Kill("a kill", 0, "")] * MANY
    assert trial.carry(NOBODY, NOBODY, Path()).harms == []

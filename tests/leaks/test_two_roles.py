"""Whoever has two roles gets in where one of them does, and nowhere else."""

from collections.abc import Mapping

import pytest

from tests.leaks.matrix import Line, lines
from tests.leaks.readers import TWO_ROLES
from tests.leaks.world import DESK, PAY

# Who has each of the two roles alone, whichever campaign is asked about; and where it depends on that, at their own and elsewhere.
BOTH: Mapping[str, tuple[str, ...]] = {
    "operator-finance": ("operator", "finance"), "manager-curator": ("manager", "screener"), "approver-artist": ("rival", "stranger"),
}  # fmt: skip
AT_DESK: Mapping[str, tuple[str, ...]] = {"manager-artist": ("manager", "stranger"), "curator-artist": ("screener", "stranger")}


def each_alone(reader: str, line: Line) -> tuple[str, ...]:
    """Those who stand to the campaign that is asked about as this reader does by one of their roles."""
    if reader in BOTH:
        return BOTH[reader]
    if "{" not in line.name:
        return (*AT_DESK[reader], "artist")
    return AT_DESK[reader] if line.place == DESK else ("artist",) if line.place == PAY else ("stranger",)


@pytest.mark.parametrize("reader", TWO_ROLES)
def test_whoever_has_two_roles_gets_in_only_where_one_of_them_does(reader: str) -> None:
    let_in = [line for line in lines() if not line.refuses(reader)]
    assert len(let_in) > 100
    assert [line for line in let_in if all(line.refuses(alone) for alone in each_alone(reader, line))] == []


def test_whoever_is_operator_and_in_finance_may_do_what_either_may_but_for_what_one_has_done_before() -> None:
    less = [line for line in lines() if line.refuses("operator-finance") and not (line.refuses("operator") and line.refuses("finance"))]
    assert {line.name.rpartition("/")[2] for line in less} == {"finalization", "release"}


def test_whoever_manages_and_curates_is_refused_what_a_manager_may_only_where_they_judge_blind() -> None:
    less = {line.name for line in lines() if line.refuses("manager-curator") and not line.refuses("manager")}
    assert {name.rpartition("/")[2] for name in less} == {"lineage", "lineage.csv", "sources", "pools", "proposals", "payout", "payout.csv"}

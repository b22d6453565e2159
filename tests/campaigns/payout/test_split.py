from collections.abc import Callable

import pytest

from campaigns.payout.split import (
    Composition,
    Inputs,
    InvalidLineage,
    LineageContribution,
    LineageSource,
    PayRule,
    Split,
    SplitLine,
    StaffLine,
    from_canonical,
    inputs_hash,
    to_canonical,
    trace,
)
from campaigns.payout.split.form import contribution_from
from tests.campaigns.payout.lineages import contains, contribution, divided, influenced_by

MILLION = 1_000_000


def amounts(outcome: Split) -> dict[str, int]:
    return {line.person: line.amount for line in outcome.lines}


def credits_of(outcome: Split) -> dict[str, int]:
    return {line.person: line.credit for line in outcome.lines}


def test_points_divide_the_pool() -> None:
    assert amounts(divided(contribution("a", "ana"), contribution("b", "bo"), points={"a": 3, "b": 1})) == {"ana": 750, "bo": 250}


def test_the_versions_makers_keep_their_share_before_the_components() -> None:
    outcome = divided(contribution("a", "ana"), points={"a": 1}, rule=PayRule(assembly=500), makers={"ed": 2, "mix": 3})
    assert amounts(outcome) == {"ana": 950, "mix": 30, "ed": 20}


def test_without_makers_of_the_version_everything_goes_to_the_components() -> None:
    assert amounts(divided(contribution("a", "ana"), points={"a": 1}, rule=PayRule(assembly=500))) == {"ana": 1000}


def test_each_kind_of_source_gets_its_fraction_and_within_a_kind_its_weight() -> None:
    outcome = divided(
        contribution("a", "ana", contains("b", 2), contains("c"), influenced_by("d")),
        contribution("b", "bo"),
        contribution("c", "cy"),
        contribution("d", "dee"),
        points={"a": 1},
    )
    assert amounts(outcome) == {"ana": 600, "bo": 200, "cy": 100, "dee": 100}


def test_what_floors_leave_over_stays_with_the_contribution_that_passed_it_on() -> None:
    thirds = [contains(contribution_id) for contribution_id in "bcd"]
    outcome = divided(
        contribution("a", "ana", *thirds),
        contribution("b", "bo"),
        contribution("c", "cy"),
        contribution("d", "dee"),
        points={"a": 1},
        pool=1,
        rule=PayRule(contains=1000),
    )
    assert credits_of(outcome) == {"ana": 900_001, "bo": 33_333, "cy": 33_333, "dee": 33_333}


def test_an_own_source_passes_on_whole_what_reached_it() -> None:
    outcome = divided(
        contribution("a", "ana", contains("old")), contribution("old", "ana", contains("b")), contribution("b", "bo"), points={"a": 1}
    )
    assert amounts(outcome) == {"ana": 700, "bo": 300}


def test_an_own_source_that_leads_nowhere_is_not_counted() -> None:
    outcome = divided(
        contribution("a", "ana", contains("old"), contains("b")), contribution("old", "ana"), contribution("b", "bo"), points={"a": 1}
    )
    assert amounts(outcome) == {"ana": 700, "bo": 300}


def test_the_same_people_with_other_shares_make_an_own_source() -> None:
    outcome = divided(contribution("a", {"ana": 1, "bo": 1}, contains("old")), contribution("old", {"ana": 9, "bo": 1}), points={"a": 1})
    assert amounts(outcome) == {"ana": 500, "bo": 500}


def test_a_wrapper_keeps_nothing_whoever_made_it() -> None:
    outcome = divided(
        contribution("a", "ana", contains("zip")),
        contribution("zip", "zed", influenced_by("b"), wrapper=True),
        contribution("b", "bo"),
        points={"a": 1},
    )
    assert amounts(outcome) == {"ana": 700, "bo": 300}


def test_a_wrapper_divides_both_kinds_by_the_fractions_of_the_rule() -> None:
    wrapper = contribution("zip", "zed", contains("b"), influenced_by("c"), wrapper=True)
    assert amounts(divided(wrapper, contribution("b", "bo"), contribution("c", "cy"), points={"zip": 1})) == {"bo": 750, "cy": 250}


def test_a_wrapper_gives_everything_to_what_it_contains_when_the_rule_passes_nothing_on() -> None:
    wrapper = contribution("zip", "zed", contains("b"), influenced_by("c"), wrapper=True)
    assert amounts(divided(wrapper, contribution("b", "bo"), contribution("c", "cy"), points={"zip": 1}, rule=PayRule())) == {"bo": 1000}


def test_a_wrapper_of_own_work_hands_it_on_fresh() -> None:
    wrapper = contribution("zip", "ana", contains("old"), wrapper=True)
    outcome = divided(wrapper, contribution("old", "ana", contains("b")), contribution("b", "bo"), points={"zip": 1})
    assert amounts(outcome) == {"ana": 700, "bo": 300}


def test_a_wrapper_hands_taken_credit_only_to_where_it_goes_on_to_others() -> None:
    wrapper = contribution("zip", "ana", contains("old"), contains("b"), wrapper=True)
    outcome = divided(
        contribution("a", "ana", contains("zip")), wrapper, contribution("old", "ana"), contribution("b", "bo"), points={"a": 1}
    )
    assert amounts(outcome) == {"ana": 700, "bo": 300}


def test_a_wrapper_without_sources_keeps_its_credit() -> None:
    assert amounts(divided(contribution("zip", "zed", wrapper=True), points={"zip": 1})) == {"zed": 1000}


def test_makers_divide_what_their_work_kept_by_their_shares() -> None:
    assert amounts(divided(contribution("a", {"ana": 2, "bo": 1}), points={"a": 1}, pool=100)) == {"ana": 67, "bo": 33}


def test_what_staff_would_have_had_goes_to_everyone_else() -> None:
    rule = PayRule(staff=frozenset({"sam", "not in it"}))
    outcome = divided(
        contribution("a", "ana"), contribution("b", "bo"), contribution("s", "sam"), points={"a": 2, "b": 1, "s": 3}, pool=600, rule=rule
    )
    assert outcome.lines == (SplitLine("ana", 400, 400 * MILLION, 200 * MILLION), SplitLine("bo", 200, 200 * MILLION, 100 * MILLION))
    assert outcome.staff == (StaffLine("sam", 300 * MILLION),)


def test_when_all_are_staff_there_are_no_lines() -> None:
    outcome = divided(contribution("a", "ana"), points={"a": 1}, rule=PayRule(staff=frozenset({"ana"})))
    assert (outcome.lines, outcome.staff) == ((), (StaffLine("ana", 1000 * MILLION),))


def test_equal_remainders_go_to_the_lower_person_as_text() -> None:
    assert amounts(divided(contribution("a", {"p9": 1, "p10": 1}), points={"a": 1}, pool=3)) == {"p10": 2, "p9": 1}


def test_equal_remainders_of_points_go_to_the_lower_contribution() -> None:
    outcome = divided(
        contribution("w9", "ana"), contribution("w10", "bo"), contribution("w2", "cy"), points={"w9": 1, "w10": 1, "w2": 1}, pool=1
    )
    assert credits_of(outcome) == {"ana": 333_333, "bo": 333_334, "cy": 333_333}


def test_lines_are_largest_first_and_then_by_person() -> None:
    outcome = divided(contribution("a", "cy"), contribution("b", "bo"), contribution("c", "ana"), points={"a": 1, "b": 1, "c": 2})
    assert [line.person for line in outcome.lines] == ["ana", "bo", "cy"]


def test_the_largest_pool_is_split_to_the_unit() -> None:
    outcome = divided(
        contribution("a", "ana", contains("b", 7), contains("c", 11)),
        contribution("b", "bo"),
        contribution("c", "cy"),
        points={"a": 1},
        pool=10**12,
    )
    assert credits_of(outcome) == {"ana": 7 * 10**17 + 1, "bo": 3 * 10**17 * 7 // 18, "cy": 3 * 10**17 * 11 // 18}


def test_what_is_not_said_of_a_lineage_or_a_rule_is_plain() -> None:
    assert (LineageSource("a", "contains"), LineageContribution("b", {"bo": 1})) == (
        LineageSource("a", "contains", 1),
        LineageContribution("b", {"bo": 1}, False, ()),
    )
    assert (Composition({"a": 1}), PayRule()) == (Composition({"a": 1}, {}), PayRule(0, 0, 0, frozenset()))


def test_frozen_inputs_have_one_form_and_one_hash() -> None:
    inputs = Inputs(
        trace([contribution("b", {"bo": 2, "ana": 1}, contains("a", 3), wrapper=True), contribution("a", "ana")]),
        Composition({"b": 2}, {"ed": 1}),
        PayRule(500, 3000, 1000, frozenset({"sam"})),
        5_000,
        "USD",
    )
    form = {
        "pool": 5000,
        "currency": "USD",
        "lineage": [
            {"work": "a", "makers": {"ana": 1}, "wrapper": False, "sources": []},
            {"work": "b", "makers": {"ana": 1, "bo": 2}, "wrapper": True, "sources": [{"work": "a", "kind": "contains", "weight": 3}]},
        ],
        "components": {"b": 2},
        "cut": {"makers": {"ed": 1}},
        "rule": {"assembly": "0.0500", "pass_on": {"contains": "0.3000", "influenced_by": "0.1000"}, "staff": ["sam"]},
    }
    assert to_canonical(inputs) == form
    assert inputs_hash(inputs) == inputs_hash(from_canonical(form))
    assert inputs_hash(inputs) == "ba469743b61bb6d63bbb3f444057d414183740e66944692c0bbf4d8419ed3326"


@pytest.mark.parametrize(
    ("broken", "contribution_id", "sentence"),
    [
        (lambda: contribution("a", {}), "a", "“a” has no makers."),
        (lambda: contribution("a", {"ana": 1, "bo": 0}), "a", "A maker of “a” has a share below 1."),
        (lambda: contribution("a", "ana", contains("b", 0)), "a", "“a” cites “b” with a weight below 1."),
        (lambda: contribution("a", "ana", contains("b"), influenced_by("b")), "a", "“a” cites “b” twice."),
        (lambda: trace([contribution("a", "ana"), contribution("a", "bo")]), "a", "“a” is listed twice."),
        (lambda: trace([contribution("a", "ana", contains("b"))]), "a", "“a” cites “b”, which is not in the lineage."),
        (lambda: trace([contribution("a", "ana", contains("a"))]), "a", "“a” leads back to itself: a → a."),
        (lambda: Composition({}), None, "The cut has no components."),
        (lambda: Composition({"a": 0}), "a", "“a” has points below 1."),
        (lambda: Composition({"a": 1}, {"ed": 0}), None, "A maker of the cut has a share below 1."),
        (lambda: divided(contribution("a", "ana"), points={"b": 1}), "b", "The component “b” is not in the lineage."),
        (lambda: divided(contribution("a", "ana"), points={"a": 1}, pool=0), None, "The pool must be greater than zero."),
        (lambda: PayRule(assembly=10_000), None, "The editor's share must be from 0 to below 1."),
        (lambda: PayRule(assembly=-1), None, "The editor's share must be from 0 to below 1."),
        (lambda: PayRule(contains=-1), None, "A fraction that is passed on must be 0 or more."),
        (lambda: PayRule(contains=9_000, influenced_by=1_000), None, "The fractions that are passed on must add up to less than 1."),
    ],
)
def test_what_cannot_be_split_is_refused(broken: Callable[[], object], contribution_id: str | None, sentence: str) -> None:
    with pytest.raises(InvalidLineage) as refusal:
        broken()
    assert (refusal.value.message, refusal.value.contribution) == (sentence, contribution_id)


def test_a_form_of_a_contribution_that_is_refused_says_which_contribution_it_is() -> None:
    with pytest.raises(InvalidLineage) as refusal:
        contribution_from({"work": "w7", "maker": "ana", "weight": 2})
    assert refusal.value.contribution == "w7"


def test_a_circle_is_named_contribution_by_contribution() -> None:
    with pytest.raises(InvalidLineage) as refusal:
        trace(
            [
                contribution("a", "ana", contains("b")),
                contribution("b", "bo", contains("c")),
                contribution("c", "cy", influenced_by("b")),
                contribution("d", "dee"),
            ]
        )
    assert refusal.value.message in {"“b” leads back to itself: b → c → b.", "“c” leads back to itself: c → b → c."}

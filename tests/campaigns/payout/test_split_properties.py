import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import TypeVar

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from campaigns.payout.split import (
    KINDS,
    Inputs,
    Kind,
    LineageContribution,
    LineageSource,
    Shares,
    explain_everyone,
    from_canonical,
    inputs_hash,
    split,
    to_canonical,
    trace,
)
from tests.campaigns.payout.lineages import PEOPLE, before_staff, changed, crews, inputs, plain
from tests.campaigns.payout.reference_split import reference_split

MILLION = 1_000_000
T = TypeVar("T")
A_FEW = 5  # millionths
quick = settings(max_examples=80, deadline=None)


def moved(before: Inputs, after: Inputs) -> dict[str, int]:
    """By how many millionths each person's credit differs."""
    old, new = before_staff(split(before)), before_staff(split(after))
    return {person: abs(old.get(person, 0) - new.get(person, 0)) for person in PEOPLE}


@settings(max_examples=250, deadline=None)
@given(inputs())
def test_the_split_is_what_the_plain_reference_says(given_inputs: Inputs) -> None:
    lineage, rule = plain(given_inputs)
    composition = given_inputs.composition
    outcome = split(given_inputs)
    assert {
        "lines": {line.person: (line.amount, line.credit) for line in outcome.lines},
        "staff": {line.person: line.credit for line in outcome.staff},
    } == reference_split(lineage, composition.components, composition.makers, rule, given_inputs.pool)


@quick
@given(inputs())
def test_nothing_is_lost_or_made_at_any_step(given_inputs: Inputs) -> None:
    outcome = split(given_inputs)
    millionths = given_inputs.pool * MILLION
    assert sum(outcome.assembly.values()) + sum(outcome.direct.values()) == millionths
    assert sum(outcome.flow.kept.values()) == sum(outcome.direct.values())
    assert sum(before_staff(outcome).values()) == millionths
    assert sum(line.credit for line in outcome.lines) == (millionths if outcome.lines else 0)
    assert sum(line.amount for line in outcome.lines) == (given_inputs.pool if outcome.lines else 0)


@quick
@given(inputs())
def test_nothing_falls_below_zero_and_only_credit_above_zero_counts(given_inputs: Inputs) -> None:
    outcome = split(given_inputs)
    assert all(credit > 0 for credit in outcome.flow.kept.values())
    assert all(line.amount >= 0 and line.credit > 0 and line.before_staff > 0 for line in outcome.lines)
    assert all(line.credit > 0 for line in outcome.staff)


@quick
@given(inputs())
def test_nobody_is_more_than_a_cent_away_from_their_credit(given_inputs: Inputs) -> None:
    assert all(abs(line.amount * MILLION - line.credit) < MILLION for line in split(given_inputs).lines)


@quick
@given(inputs(), st.randoms(use_true_random=False))
def test_the_order_in_which_anything_is_given_changes_nothing(given_inputs: Inputs, random: Random) -> None:
    def shuffled(pairs: Mapping[str, T]) -> dict[str, T]:
        return dict(random.sample(list(pairs.items()), len(pairs)))

    contributions = [
        replace(
            contribution,
            makers=shuffled(contribution.makers),
            sources=tuple(random.sample(contribution.sources, len(contribution.sources))),
        )
        for contribution in shuffled(given_inputs.lineage.contributions).values()
    ]
    composition = replace(
        given_inputs.composition, components=shuffled(given_inputs.composition.components), makers=shuffled(given_inputs.composition.makers)
    )
    again = replace(given_inputs, lineage=trace(contributions), composition=composition)
    assert (split(again).lines, split(again).staff) == (split(given_inputs).lines, split(given_inputs).staff)
    assert inputs_hash(again) == inputs_hash(given_inputs)
    assert explain_everyone(split(again)) == explain_everyone(split(given_inputs))


@quick
@given(inputs())
def test_running_again_on_the_frozen_inputs_changes_nothing(given_inputs: Inputs) -> None:
    frozen = json.dumps(to_canonical(given_inputs))
    again = from_canonical(json.loads(frozen))
    assert again.composition == given_inputs.composition
    assert again.rule == given_inputs.rule
    assert inputs_hash(again) == inputs_hash(given_inputs)
    assert (split(again).lines, split(again).staff) == (split(given_inputs).lines, split(given_inputs).staff)


@quick
@given(inputs(), st.data())
def test_another_weight_points_or_rule_is_another_hash(given_inputs: Inputs, data: st.DataObject) -> None:
    component = data.draw(st.sampled_from(sorted(given_inputs.composition.components)))
    points = {**given_inputs.composition.components, component: given_inputs.composition.components[component] + 1}
    others = [
        replace(given_inputs, pool=given_inputs.pool + 1),
        replace(given_inputs, currency="EUR"),
        replace(given_inputs, composition=replace(given_inputs.composition, components=points)),
        replace(given_inputs, rule=replace(given_inputs.rule, staff=given_inputs.rule.staff ^ {"ana"})),
    ]
    assert len({inputs_hash(each) for each in (given_inputs, *others)}) == 5


@quick
@given(inputs(least=2), crews, st.sampled_from(KINDS), st.data())
def test_an_untouched_wrapper_on_an_edge_between_different_people_changes_nobodys_credit(
    given_inputs: Inputs, makers: Shares, kind: Kind, data: st.DataObject
) -> None:
    lineage = given_inputs.lineage
    edges = [
        (contribution, source)
        for contribution in lineage.contributions.values()
        for source in contribution.sources
        if not lineage.is_own(contribution, source)
    ]
    assume(edges)
    contribution, source = data.draw(st.sampled_from(edges))
    wrapper = LineageContribution("wrapper", makers, True, (LineageSource(source.contribution, kind),))
    rest = tuple(other for other in contribution.sources if other != source)
    wrapped = changed(given_inputs, wrapper, replace(contribution, sources=(*rest, replace(source, contribution="wrapper"))))
    assert max(moved(given_inputs, wrapped).values()) <= A_FEW


@quick
@given(inputs(least=2), st.lists(st.booleans(), min_size=1, max_size=3), st.data())
def test_a_chain_of_own_contributions_of_one_kind_changes_nobodys_credit(
    given_inputs: Inputs, wrappers: list[bool], data: st.DataObject
) -> None:
    of_one_kind = [
        contribution
        for contribution in given_inputs.lineage.contributions.values()
        if not contribution.wrapper and len({source.kind for source in contribution.sources}) == 1
    ]
    assume(of_one_kind)
    contribution = data.draw(st.sampled_from(of_one_kind))
    kind, below, chain = contribution.sources[0].kind, contribution.sources, list[LineageContribution]()
    for place, wrapper in enumerate(wrappers):
        chain.append(LineageContribution(f"chain{place}", contribution.makers, wrapper, below))
        below = (LineageSource(f"chain{place}", kind, data.draw(st.integers(1, 3))),)
    chained = changed(given_inputs, *chain, replace(contribution, sources=below))
    assert max(moved(given_inputs, chained).values()) <= A_FEW * len(chain)


@quick
@given(inputs(), st.lists(st.booleans(), min_size=1, max_size=3), st.sampled_from(KINDS), st.data())
def test_own_contributions_that_lead_nowhere_change_nothing(
    given_inputs: Inputs, wrappers: list[bool], kind: Kind, data: st.DataObject
) -> None:
    makers_of = [contribution for contribution in given_inputs.lineage.contributions.values() if not contribution.wrapper]
    assume(makers_of)
    contribution = data.draw(st.sampled_from(makers_of))
    nowhere = [
        LineageContribution(f"nowhere{place}", contribution.makers, wrapper, (LineageSource(f"nowhere{place - 1}", kind),) if place else ())
        for place, wrapper in enumerate(wrappers)
    ]
    citing = replace(contribution, sources=(*contribution.sources, *(LineageSource(own.id, kind, 3) for own in nowhere)))
    assert split(changed(given_inputs, *nowhere, citing)).lines == split(given_inputs).lines


@quick
@given(inputs())
def test_what_staff_give_up_goes_to_everyone_else_in_proportion_to_their_credit(given_inputs: Inputs) -> None:
    outcome = split(given_inputs)
    given_up = sum(line.credit for line in outcome.staff)
    others = sum(line.before_staff for line in outcome.lines)
    assert all(abs(line.credit - line.before_staff - Fraction(given_up * line.before_staff, others)) < 1 for line in outcome.lines)
    assert {line.person for line in outcome.staff} <= given_inputs.rule.staff
    assert not {line.person for line in outcome.lines} & given_inputs.rule.staff

"""What holds for the explanation of every split."""

import json
from fractions import Fraction

from hypothesis import given, settings

from campaigns.payout.split import CreditPath, Inputs, explain, explain_everyone, first_line, split
from campaigns.payout.split.trails import LARGEST
from tests.campaigns.payout.lineages import before_staff, inputs, plain
from tests.campaigns.payout.reference_paths import Walked, kept_for, kept_of, reference_paths

MILLION = 1_000_000
quick = settings(max_examples=80, deadline=None)


@settings(max_examples=250, deadline=None)
@given(inputs())
def test_the_paths_that_are_listed_are_the_largest_of_all_that_the_plain_reference_walks(given_inputs: Inputs) -> None:
    outcome = split(given_inputs)
    lineage, rule = plain(given_inputs)
    components = given_inputs.composition.components
    for person, explanation in explain_everyone(outcome).items():
        for contribution in explanation.contributions:
            walked = reference_paths(lineage, components, outcome.direct, rule, person, contribution.contribution)
            listed = [_plain(path) for path in contribution.paths]
            credits_of = sorted((credit for *_path, credit in walked if credit), reverse=True)
            assert set(listed) <= set(walked)
            assert len(set(listed)) == len(listed)
            assert [credit for *_path, credit in listed] == credits_of[:LARGEST]
            assert listed == sorted(listed, key=lambda path: (-path[-1], len(path[3])))
            assert contribution.other_paths == (len(walked) - len(listed) if len(walked) > LARGEST else 0)
            direct = kept_for(
                lineage,
                contribution.contribution,
                person,
                outcome.direct.get(contribution.contribution, 0),
                kept_of(lineage, rule, contribution.contribution),
            )
            assert (contribution.points, contribution.direct) == (components.get(contribution.contribution, 0), direct)


def _plain(path: CreditPath) -> Walked:
    steps = tuple((s.contribution, s.source, s.kind, s.weight, s.of_weights, s.fraction, s.credit) for s in path.steps)
    return path.component, path.points, path.direct, steps, path.kept, path.credit


@quick
@given(inputs())
def test_every_credit_is_its_listed_paths_the_others_and_rounding(given_inputs: Inputs) -> None:
    outcome = split(given_inputs)
    explanations = explain_everyone(outcome)
    assert before_staff(outcome) == {person: explanation.before_staff for person, explanation in explanations.items()}
    for person, explanation in explanations.items():
        assert explanation == explain(outcome, person)
        assert explanation.before_staff == explanation.assembly + sum(contribution.credit for contribution in explanation.contributions)
        assert list(explanation.contributions) == sorted(
            explanation.contributions, key=lambda contribution: (-contribution.credit, contribution.contribution)
        )
        if explanation.is_staff:
            assert (explanation.amount, explanation.from_staff, explanation.rounding) == (0, -explanation.before_staff, 0)
        else:
            line = next(line for line in outcome.lines if line.person == person)
            assert explanation.before_staff + explanation.from_staff == line.credit
            assert line.credit + explanation.rounding == line.amount * MILLION == explanation.amount * MILLION
        for contribution in explanation.contributions:
            listed = sum(path.credit for path in contribution.paths)
            assert listed + contribution.other_credit + contribution.rounding == contribution.credit
            assert min(contribution.other_credit, contribution.rounding, contribution.other_paths, contribution.direct) >= 0
            assert contribution.direct <= contribution.credit


@quick
@given(inputs())
def test_every_path_can_be_walked_again_from_its_component(given_inputs: Inputs) -> None:
    outcome = split(given_inputs)
    for explanation in explain_everyone(outcome).values():
        for contribution in explanation.contributions:
            for path in contribution.paths:
                at, credit = path.component, outcome.direct[path.component]
                assert (path.points, path.direct) == (given_inputs.composition.components[at], credit)
                for step in path.steps:
                    edge = next(source for source in given_inputs.lineage.contributions[at].sources if source.contribution == step.source)
                    assert (step.contribution, step.kind, step.weight) == (at, edge.kind, edge.weight)
                    assert 0 <= Fraction(step.fraction) * credit - step.credit < 2
                    at, credit = step.source, step.credit
                assert at == contribution.contribution
                assert 0 <= credit * Fraction(path.kept) * Fraction(contribution.share, contribution.of_shares) - path.credit < 2


@quick
@given(inputs())
def test_an_explanation_is_json_and_has_a_first_line(given_inputs: Inputs) -> None:
    for explanation in explain_everyone(split(given_inputs)).values():
        json.dumps(explanation.as_json())
        sentence = first_line(explanation, "USD", titles={}, piece="the film")
        assert sentence.startswith("Staff: $" if explanation.is_staff else "$")

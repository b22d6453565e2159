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
        for work in explanation.works:
            walked = reference_paths(lineage, components, outcome.direct, rule, person, work.work)
            listed = [_plain(path) for path in work.paths]
            credits_of = sorted((credit for *_path, credit in walked if credit), reverse=True)
            assert set(listed) <= set(walked)
            assert len(set(listed)) == len(listed)
            assert [credit for *_path, credit in listed] == credits_of[:LARGEST]
            assert listed == sorted(listed, key=lambda path: (-path[-1], len(path[3])))
            assert work.other_paths == (len(walked) - len(listed) if len(walked) > LARGEST else 0)
            direct = kept_for(lineage, work.work, person, outcome.direct.get(work.work, 0), kept_of(lineage, rule, work.work))
            assert (work.points, work.direct) == (components.get(work.work, 0), direct)


def _plain(path: CreditPath) -> Walked:
    steps = tuple((s.work, s.source, s.kind, s.weight, s.of_weights, s.fraction, s.credit) for s in path.steps)
    return path.component, path.points, path.direct, steps, path.kept, path.credit


@quick
@given(inputs())
def test_every_credit_is_its_listed_paths_the_others_and_rounding(given_inputs: Inputs) -> None:
    outcome = split(given_inputs)
    explanations = explain_everyone(outcome)
    assert before_staff(outcome) == {person: explanation.before_staff for person, explanation in explanations.items()}
    for person, explanation in explanations.items():
        assert explanation == explain(outcome, person)
        assert explanation.before_staff == explanation.assembly + sum(work.credit for work in explanation.works)
        assert list(explanation.works) == sorted(explanation.works, key=lambda work: (-work.credit, work.work))
        if explanation.is_staff:
            assert (explanation.amount, explanation.from_staff, explanation.rounding) == (0, -explanation.before_staff, 0)
        else:
            line = next(line for line in outcome.lines if line.person == person)
            assert explanation.before_staff + explanation.from_staff == line.credit
            assert line.credit + explanation.rounding == line.amount * MILLION == explanation.amount * MILLION
        for work in explanation.works:
            listed = sum(path.credit for path in work.paths)
            assert listed + work.other_credit + work.rounding == work.credit
            assert min(work.other_credit, work.rounding, work.other_paths, work.direct) >= 0
            assert work.direct <= work.credit


@quick
@given(inputs())
def test_every_path_can_be_walked_again_from_its_component(given_inputs: Inputs) -> None:
    outcome = split(given_inputs)
    for explanation in explain_everyone(outcome).values():
        for work in explanation.works:
            for path in work.paths:
                at, credit = path.component, outcome.direct[path.component]
                assert (path.points, path.direct) == (given_inputs.composition.components[at], credit)
                for step in path.steps:
                    edge = next(source for source in given_inputs.lineage.works[at].sources if source.work == step.source)
                    assert (step.work, step.kind, step.weight) == (at, edge.kind, edge.weight)
                    assert 0 <= Fraction(step.fraction) * credit - step.credit < 2
                    at, credit = step.source, step.credit
                assert at == work.work
                assert 0 <= credit * Fraction(path.kept) * Fraction(work.share, work.of_shares) - path.credit < 2


@quick
@given(inputs())
def test_an_explanation_is_json_and_has_a_first_line(given_inputs: Inputs) -> None:
    for explanation in explain_everyone(split(given_inputs)).values():
        json.dumps(explanation.as_json())
        sentence = first_line(explanation, "USD", titles={}, piece="the film")
        assert sentence.startswith("Staff: $" if explanation.is_staff else "$")

"""What an assignment's contributions are made of is such that a wrong split would show."""

from fractions import Fraction

import pytest

from tests.chaos.lineages import FILE, MIXES, OTTILIE, ZEB, Mix, Planned
from tests.chaos.splits import Final

RULE = {"assembly": Fraction(1, 20), "contains": Fraction(3, 10), "influenced_by": Fraction(1, 10), "staff": set()}


def of(mix: Mix) -> Final:
    """The split of what the mix chooses, where everything comes as it is planned."""
    contributions = {}
    for text in (Planned(FILE, ZEB), *mix.texts):
        makers = dict(zip((ZEB, OTTILIE), text.shares, strict=True)) if text.shares else {text.by: 1}
        sources = {title: (kind, 1) for title, kind in text.cites.items()}
        contributions[text.title] = {
            "makers": {str(who): share for who, share in makers.items()},
            "wrapper": text.is_wrapper,
            "sources": sources,
        }
    return Final(1_000_000, contributions, dict(mix.points), {"editor": 1}, RULE)


@pytest.mark.parametrize("mix", MIXES)
def test_each_lineage_passes_something_on_over_an_edge_of_either_kind_two_deep(mix: Mix) -> None:
    assert of(mix).is_over_both_kinds()


@pytest.mark.parametrize("mix", MIXES)
def test_each_lineage_chooses_a_remix_and_something_else_with_other_points(mix: Mix) -> None:
    remixes = {text.title for text in mix.remixes}
    assert (len(mix.points), len(set(mix.points.values())), bool(remixes & set(mix.points))) == (2, 2, True)


@pytest.mark.parametrize("mix", MIXES)
def test_what_is_built_on_stands_before_what_is_built_on_it(mix: Mix) -> None:
    titles = [FILE, *(text.title for text in mix.texts)]
    assert [text.title for text in mix.texts if any(titles.index(cited) >= titles.index(text.title) for cited in text.cites)] == []


def test_among_the_lineages_are_a_wrapper_and_contributions_that_two_have_made_with_unequal_shares() -> None:
    texts = [text for mix in MIXES for text in mix.texts]
    assert {text.is_wrapper for text in texts} == {True, False}
    assert {text.shares for text in texts} == {None, (3, 1), (2, 5)}

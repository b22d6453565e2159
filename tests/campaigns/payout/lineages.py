"""Lineages for the tests of the split: small ones in a few words, and random ones."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from campaigns.payout.split import (
    KINDS,
    WHOLE,
    Composition,
    Inputs,
    LineageContribution,
    LineageSource,
    PayRule,
    Shares,
    Split,
    split,
    trace,
)
from tests.campaigns.payout.reference_split import PlainLineage, PlainRule

RULE = PayRule(contains=3000, influenced_by=1000)
PEOPLE = ("ana", "bo", "cy", "dee")
shares = st.integers(1, 5)
crews = st.dictionaries(st.sampled_from(PEOPLE), shares, min_size=1, max_size=2)


@st.composite
def contributions(draw: st.DrawFn, least: int = 1) -> list[LineageContribution]:
    """Up to nine contributions; each may cite any older one, and their ids say nothing about their age."""
    ids = draw(st.permutations([f"w{number}" for number in range(draw(st.integers(least, 9)))]))
    return [
        LineageContribution(contribution, draw(crews), draw(st.booleans()) and draw(st.booleans()), draw(sources(ids[:age])))
        for age, contribution in enumerate(ids)
    ]


@st.composite
def sources(draw: st.DrawFn, older: list[str]) -> tuple[LineageSource, ...]:
    if not older:
        return ()
    cited = draw(st.lists(st.sampled_from(older), unique=True, max_size=4))
    return tuple(LineageSource(contribution, draw(st.sampled_from(KINDS)), draw(st.integers(1, 3))) for contribution in cited)


@st.composite
def rules(draw: st.DrawFn) -> PayRule:
    contains = draw(st.sampled_from([0, 1, 3000, 3333]) | st.integers(0, WHOLE - 1))
    influenced_by = draw(st.sampled_from([0, 1, 1000]).filter(lambda part: contains + part < WHOLE) | st.integers(0, WHOLE - 1 - contains))
    assembly = draw(st.sampled_from([0, 500]) | st.integers(0, WHOLE - 1))
    return PayRule(assembly, contains, influenced_by, draw(st.frozensets(st.sampled_from((*PEOPLE, "nobody")), max_size=3)))


@st.composite
def inputs(draw: st.DrawFn, least: int = 1) -> Inputs:
    """All that decides a split, pools up to the largest that it is exact for."""
    made = draw(contributions(least))
    components = draw(
        st.dictionaries(st.sampled_from([contribution.id for contribution in made]), st.integers(1, 20), min_size=1, max_size=4)
    )
    makers = draw(st.just({}) | crews)
    pool = draw(st.integers(1, 100) | st.integers(1, 10_000_000) | st.integers(1, 10**12))
    return Inputs(trace(made), Composition(components, makers), draw(rules()), pool, "USD")


def changed(inputs: Inputs, *contributions: LineageContribution) -> Inputs:
    """The same inputs with `contributions` in place of those of their ids, or added."""
    return replace(
        inputs,
        lineage=trace((dict(inputs.lineage.contributions) | {contribution.id: contribution for contribution in contributions}).values()),
    )


def contribution(
    contribution_id: str, maker: str | Mapping[str, int], *sources: LineageSource, wrapper: bool = False
) -> LineageContribution:
    return LineageContribution(contribution_id, {maker: 1} if isinstance(maker, str) else maker, wrapper, sources)


def contains(contribution_id: str, weight: int = 1) -> LineageSource:
    return LineageSource(contribution_id, "contains", weight)


def influenced_by(contribution_id: str, weight: int = 1) -> LineageSource:
    return LineageSource(contribution_id, "influenced_by", weight)


def divided(
    *contributions: LineageContribution, points: Shares, pool: int = 1000, rule: PayRule = RULE, makers: Shares | None = None
) -> Split:
    return split(Inputs(trace(contributions), Composition(points, makers or {}), rule, pool, "USD"))


def plain(inputs: Inputs) -> tuple[PlainLineage, PlainRule]:
    """The lineage and the rule as the plain references read them."""
    lineage = {
        contribution.id: {
            "makers": contribution.makers,
            "wrapper": contribution.wrapper,
            "sources": {source.contribution: (source.kind, source.weight) for source in contribution.sources},
        }
        for contribution in inputs.lineage.contributions.values()
    }
    rule = {name: Fraction(getattr(inputs.rule, name), WHOLE) for name in ("assembly", "contains", "influenced_by")}
    return lineage, rule | {"staff": inputs.rule.staff}


def before_staff(outcome: Split) -> dict[str, int]:
    return {line.person: line.before_staff for line in outcome.lines} | {line.person: line.credit for line in outcome.staff}

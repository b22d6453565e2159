"""Every path that credit takes, walked one by one, to check the explanation against; it shares no code with it and is slow.

Lineages and rules are as in the plain split.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from tests.campaigns.payout.reference_split import PlainLineage, PlainRule, Shares, counts, is_own

# A contribution, its source, the kind, the weight, of which weights, the fraction, the credit.
Step = tuple[str, str, str, int, int, str, int]
# The component, its points, its credit, the steps, the fraction that is kept, the person's credit.
Walked = tuple[str, int, int, tuple[Step, ...], str, int]


def fractions_of(lineage: PlainLineage, rule: PlainRule, contribution: str, state: str) -> dict[str, tuple[Fraction, dict[str, int]]]:
    """The fraction of its credit that goes to each kind of source, and the counted sources of that kind with their weights."""
    kinds: dict[str, dict[str, int]] = {}
    for source, (kind, weight) in lineage[contribution]["sources"].items():
        if counts(lineage, contribution, source, state):
            kinds.setdefault(kind, {})[source] = weight
    if state == "fresh" and not lineage[contribution]["wrapper"]:
        return {kind: (rule[kind], sources) for kind, sources in kinds.items()}
    passed = {kind: rule[kind] for kind in kinds}
    if kinds and not any(passed.values()):
        passed["contains" if "contains" in kinds else "influenced_by"] = Fraction(1)
    return {kind: (Fraction(passed[kind], sum(passed.values())), sources) for kind, sources in kinds.items()}


def kept_of(lineage: PlainLineage, rule: PlainRule, contribution: str) -> Fraction:
    """The fraction of its fresh credit that a contribution keeps."""
    return Fraction(1) - sum(fraction for fraction, _sources in fractions_of(lineage, rule, contribution, "fresh").values())


def paths_from(
    lineage: PlainLineage, rule: PlainRule, contribution: str, state: str, credit: int
) -> Iterator[tuple[tuple[Step, ...], str, str, int]]:
    """Each path that begins with this credit of this contribution: the steps, and the contribution, the state and the credit that it ends
    with."""
    yield (), contribution, state, credit
    for kind, (fraction, sources) in fractions_of(lineage, rule, contribution, state).items():
        whole = sum(sources.values())
        for source, weight in sources.items() if fraction else ():
            passed = floor(Fraction(floor(credit * fraction) * weight, whole))
            taken = is_own(lineage, contribution, source) and (state == "taken" or not lineage[contribution]["wrapper"])
            step = (contribution, source, kind, weight, whole, str(fraction * Fraction(weight, whole)), passed)
            for steps, last, ended, left in paths_from(lineage, rule, source, "taken" if taken else "fresh", passed):
                yield (step, *steps), last, ended, left


def kept_for(lineage: PlainLineage, contribution: str, person: str, credit: int, kept: Fraction) -> int:
    """What of the credit that came to a contribution is this person's."""
    makers = lineage[contribution]["makers"]
    return floor(Fraction(floor(credit * kept) * makers[person], sum(makers.values())))


def reference_paths(
    lineage: PlainLineage, components: Shares, direct: Shares, rule: PlainRule, person: str, contribution: str
) -> list[Walked]:
    """Each path to a contribution that it keeps something of: component, points, its credit, the steps, what is kept, the person's
    credit."""
    kept = kept_of(lineage, rule, contribution)
    return [
        (component, points, direct[component], steps, str(kept), kept_for(lineage, contribution, person, credit, kept))
        for component, points in components.items()
        for steps, end, state, credit in paths_from(lineage, rule, component, "fresh", direct[component])
        if (end, state) == (contribution, "fresh") and kept
    ]

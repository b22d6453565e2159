"""The paths that credit took, from a component down to a contribution: the largest of them, in time that does not grow with their
number."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from campaigns.payout.split.arithmetic import Split, fractions, handed_on
from campaigns.payout.split.lineage import Kind, LineageContribution, LineageSource

LARGEST = 5
End = tuple[str, bool]  # a contribution, and whether the credit that arrived there is taken


@dataclass(frozen=True, slots=True)
class SourceCredit:
    """How one credit of a contribution goes on to one of its sources: a fraction for the kind, and its part of the kind's weights."""

    source: LineageSource
    passed: int
    whole: int
    weights: int
    taken: bool

    def of(self, credit: int) -> int:
        return credit * self.passed // self.whole * self.source.weight // self.weights

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.passed * self.source.weight, self.whole * self.weights)


@dataclass(frozen=True, slots=True)
class Trail:
    """A path from a component to `contribution`, and the credit that came along it, floored at every step."""

    contribution: str
    credit: int
    before: "Trail | None" = None
    handover: SourceCredit | None = None
    length: int = 0
    rank: int = 0

    def passed(self, handover: SourceCredit, rank: int) -> "Trail":
        """The same path one step further; `rank` is this trail's place among those to its work."""
        return Trail(handover.source.contribution, handover.of(self.credit), self, handover, self.length + 1, rank)

    def from_the_top(self) -> list["Trail"]:
        """The path as it grew, from the component alone to all of it."""
        trail, grown = self, [self]
        while trail.before:
            trail = trail.before
            grown.append(trail)
        return grown[::-1]

    @property
    def order(self) -> tuple[int, int, str, bool, int]:
        """Largest credit first, then the shortest path; never the order in which contributions were given."""
        before, taken = (
            (self.before.contribution, bool(self.before.handover and self.before.handover.taken)) if self.before else ("", False)
        )
        return -self.credit, self.length, before, taken, self.rank


@dataclass(frozen=True, slots=True)
class Trails:
    """For some contributions: the largest trails to each, how many there are, and which contributions handed credit to them, by kind."""

    largest: dict[End, list[Trail]] = field(default_factory=dict)
    count: defaultdict[End, int] = field(default_factory=lambda: defaultdict(int))
    citing: defaultdict[str, dict[Kind, set[str]]] = field(default_factory=lambda: defaultdict(dict))


def trails_to(split: Split, ends: Iterable[str]) -> Trails:
    """The trails to each of the contributions `ends`."""
    trails, growing = Trails(), defaultdict[End, list[Trail]](list)
    wanted = _leading_to(split, ends)
    for contribution in split.inputs.lineage.contributions.values():
        if contribution.id not in wanted:
            continue
        _note_citing(trails, split, contribution)
        for taken in (False, True):
            end = (contribution.id, taken)
            if contribution.id in split.direct and not taken:
                growing[end].append(Trail(contribution.id, split.direct[contribution.id]))
                trails.count[end] += 1
            largest = trails.largest[end] = heapq.nsmallest(LARGEST, growing.pop(end, ()), key=lambda trail: trail.order)
            for handover in handovers(split, contribution, taken=taken) if largest else ():
                further = (handover.source.contribution, handover.taken)
                if further[0] in wanted:
                    growing[further] += (trail.passed(handover, rank) for rank, trail in enumerate(largest))
                    trails.count[further] += trails.count[end]
    return trails


def _leading_to(split: Split, ends: Iterable[str]) -> set[str]:
    """The contributions `ends` and all newer ones that were built on them."""
    wanted = set(ends)
    for contribution in reversed(list(split.inputs.lineage.contributions.values())):
        if any(source.contribution in wanted for source in contribution.sources):
            wanted.add(contribution.id)
    return wanted


def handovers(split: Split, contribution: LineageContribution, *, taken: bool) -> Iterator[SourceCredit]:
    """How fresh or taken credit of `contribution` goes on, source by source, where it does."""
    lineage, rule = split.inputs.lineage, split.inputs.rule
    counted = lineage.counted(contribution, taken=taken)
    passed, whole = fractions(rule, counted, everything=taken or contribution.wrapper)
    for kind, sources in counted.items():
        weights = sum(source.weight for source in sources)
        for source in sources if passed[kind] else ():
            yield SourceCredit(source, passed[kind], whole, weights, lineage.arrives_taken(contribution, source, taken=taken))


def kept_fraction(split: Split, contribution: LineageContribution) -> Fraction:
    """The fraction of its fresh credit that `contribution` keeps; of taken credit it keeps none, since that comes only where it goes on."""
    counted = split.inputs.lineage.counted(contribution, taken=False)
    passed, whole = fractions(split.inputs.rule, counted, everything=contribution.wrapper)
    return 1 - Fraction(sum(passed.values()), whole)


def _note_citing(trails: Trails, split: Split, contribution: LineageContribution) -> None:
    lineage, rule = split.inputs.lineage, split.inputs.rule
    for taken, credit in split.flow.arrived(contribution.id):
        for source, passed in handed_on(lineage, rule, contribution, credit, taken=taken):
            if passed:
                trails.citing[source.contribution].setdefault(source.kind, set()).add(contribution.id)

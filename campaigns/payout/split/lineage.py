"""What a split is made of: contributions and their sources, the version, the pay rule; valid from the moment they exist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Literal, get_args

from campaigns.core.errors import Invalid
from campaigns.core.words import _

Kind = Literal["contains", "influenced_by"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Shares = Mapping[str, int]
WHOLE = 10_000  # fractions have four decimals


class InvalidLineage(Invalid):
    """The lineage, version or rule is not valid; `contribution` is the contribution concerned."""

    def __init__(self, message: str, *, contribution: str | None = None, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.contribution = contribution


@dataclass(frozen=True, slots=True)
class LineageSource:
    """An edge from a contribution to the older contribution `contribution`."""

    contribution: str
    kind: Kind
    weight: int = 1


@dataclass(frozen=True, slots=True)
class LineageContribution:
    """A contribution, its makers with their agreed shares, and what it was built on."""

    id: str
    makers: Shares
    wrapper: bool = False
    sources: tuple[LineageSource, ...] = ()

    def __post_init__(self) -> None:
        if not self.makers:
            raise InvalidLineage(_("“{contribution}” has no makers.", contribution=self.id), contribution=self.id, field="makers")
        if min(self.makers.values()) < 1:
            raise InvalidLineage(
                _("A maker of “{contribution}” has a share below 1.", contribution=self.id), contribution=self.id, field="makers"
            )
        cited: set[str] = set()
        for source in self.sources:
            self._require_sound(source, cited)
            cited.add(source.contribution)

    def _require_sound(self, source: LineageSource, cited: set[str]) -> None:
        names = {"contribution": self.id, "source": source.contribution}
        if source.contribution in cited:
            raise InvalidLineage(_("“{contribution}” cites “{source}” twice.", **names), contribution=self.id, field="sources")
        if source.weight < 1:
            raise InvalidLineage(
                _("“{contribution}” cites “{source}” with a weight below 1.", **names), contribution=self.id, field="weight"
            )


@dataclass(frozen=True, slots=True)
class Lineage:
    """Contributions by id, newest first (a contribution before all its sources), those among them that lead outside, and those with an own
    source."""

    contributions: Mapping[str, LineageContribution]
    leads_outside: frozenset[str] = frozenset()
    with_own: frozenset[str] = frozenset()

    def is_own(self, contribution: LineageContribution, source: LineageSource) -> bool:
        """Is the source by exactly the same people as the contribution?"""
        return self.contributions[source.contribution].makers.keys() == contribution.makers.keys()

    def counted(self, contribution: LineageContribution, *, taken: bool) -> dict[Kind, list[LineageSource]]:
        """Step 2.1: the sources, by kind, that fresh or taken credit of `contribution` is passed on to."""
        counted: dict[Kind, list[LineageSource]] = {}
        for source in contribution.sources:
            if (contribution.wrapper and not taken) or source.contribution in self.leads_outside or not self.is_own(contribution, source):
                counted.setdefault(source.kind, []).append(source)
        return counted

    def arrives_taken(self, contribution: LineageContribution, source: LineageSource, *, taken: bool) -> bool:
        """Step 2.5: does what `contribution` passes to `source` arrive with its makers' share already taken?"""
        return (taken or not contribution.wrapper) and self.is_own(contribution, source)


def trace(contributions: Iterable[LineageContribution]) -> Lineage:
    """The lineage of `contributions`, given in any order; raises InvalidLineage for a repeated or unknown contribution or a cycle."""
    known: dict[str, LineageContribution] = {}
    for contribution in contributions:
        if contribution.id in known:
            raise InvalidLineage(
                _("“{contribution}” is listed twice.", contribution=contribution.id), contribution=contribution.id, field="contribution"
            )
        known[contribution.id] = contribution
    oldest_first = list(known) if _is_oldest_first(known) else _oldest_first(known)
    lineage = Lineage({contribution: known[contribution] for contribution in reversed(oldest_first)})
    return Lineage(lineage.contributions, *_leading_outside(lineage, oldest_first))


def _is_oldest_first(known: Mapping[str, LineageContribution]) -> bool:
    """Whether the contributions are given each after its sources, as they are read: then nothing need be looked for."""
    before: set[str] = set()
    for contribution in known.values():
        for source in contribution.sources:
            if source.contribution not in before:
                return False
        before.add(contribution.id)
    return True


def _oldest_first(known: Mapping[str, LineageContribution]) -> list[str]:
    sources = {contribution.id: [source.contribution for source in contribution.sources] for contribution in known.values()}
    for contribution, cited in sources.items():
        for source in cited:
            if source not in known:
                sentence = _("“{contribution}” cites “{source}”, which is not in the lineage.", contribution=contribution, source=source)
                raise InvalidLineage(sentence, contribution=contribution, field="sources")
    try:
        return list(TopologicalSorter(sources).static_order())
    except CycleError as error:
        # graphlib names a cycle from source to citing contribution.
        circle = list(reversed(error.args[1]))
        sentence = _("“{contribution}” leads back to itself: {circle}.", contribution=circle[0], circle=" → ".join(circle))
        raise InvalidLineage(sentence, contribution=circle[0], field="sources") from error


def _leading_outside(lineage: Lineage, oldest_first: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The contributions that lead outside, and those that have an own source."""
    outside: set[str] = set()
    with_own: set[str] = set()
    for contribution in map(lineage.contributions.__getitem__, oldest_first):
        own = [source.contribution for source in contribution.sources if lineage.is_own(contribution, source)]
        if own:
            with_own.add(contribution.id)
        if len(own) < len(contribution.sources) or not outside.isdisjoint(own):
            outside.add(contribution.id)
    return frozenset(outside), frozenset(with_own)


@dataclass(frozen=True, slots=True)
class Composition:
    """The approved version of a deliverable: points of each contribution in it, and its own makers with their shares."""

    components: Shares
    makers: Shares = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.components:
            raise InvalidLineage(_("The cut has no components."), field="components")
        for contribution, points in self.components.items():
            if points < 1:
                raise InvalidLineage(
                    _("“{contribution}” has points below 1.", contribution=contribution), contribution=contribution, field="components"
                )
        if any(share < 1 for share in self.makers.values()):
            raise InvalidLineage(_("A maker of the cut has a share below 1."), field="cut")


@dataclass(frozen=True, slots=True)
class PayRule:
    """What a version's makers keep of the pool and what a contribution passes on of its credit, in ten-thousandths (basis points); who is
    staff."""

    assembly: int = 0
    contains: int = 0
    influenced_by: int = 0
    staff: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.assembly < WHOLE:
            raise InvalidLineage(_("The editor's share must be from 0 to below 1."), field="assembly")
        if min(self.contains, self.influenced_by) < 0:
            raise InvalidLineage(_("A fraction that is passed on must be 0 or more."), field="pass_on")
        if self.contains + self.influenced_by >= WHOLE:
            raise InvalidLineage(_("The fractions that are passed on must add up to less than 1."), field="pass_on")

    def passes_on(self, kind: Kind) -> int:
        return self.contains if kind == "contains" else self.influenced_by


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that decides a split; `pool` in minor units of `currency`."""

    lineage: Lineage
    composition: Composition
    rule: PayRule
    pool: int
    currency: str

    def __post_init__(self) -> None:
        if self.pool < 1:
            raise InvalidLineage(_("The pool must be greater than zero."), field="pool")
        for contribution in self.composition.components:
            if contribution not in self.lineage.contributions:
                raise InvalidLineage(
                    _("The component “{contribution}” is not in the lineage.", contribution=contribution),
                    contribution=contribution,
                    field="components",
                )

"""What a split is made of: works and their sources, the version, the pay rule; valid from the moment they exist."""

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
    """The lineage, version or rule is not valid; `work` is the work concerned."""

    def __init__(self, message: str, *, work: str | None = None, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.work = work


@dataclass(frozen=True, slots=True)
class LineageSource:
    """An edge from a work to the older work `work`."""

    work: str
    kind: Kind
    weight: int = 1


@dataclass(frozen=True, slots=True)
class LineageContribution:
    """A work, its makers with their agreed shares, and what it was built on."""

    id: str
    makers: Shares
    wrapper: bool = False
    sources: tuple[LineageSource, ...] = ()

    def __post_init__(self) -> None:
        if not self.makers:
            raise InvalidLineage(_("“{work}” has no makers.", work=self.id), work=self.id, field="makers")
        if min(self.makers.values()) < 1:
            raise InvalidLineage(_("A maker of “{work}” has a share below 1.", work=self.id), work=self.id, field="makers")
        cited: set[str] = set()
        for source in self.sources:
            self._require_sound(source, cited)
            cited.add(source.work)

    def _require_sound(self, source: LineageSource, cited: set[str]) -> None:
        names = {"work": self.id, "source": source.work}
        if source.work in cited:
            raise InvalidLineage(_("“{work}” cites “{source}” twice.", **names), work=self.id, field="sources")
        if source.weight < 1:
            raise InvalidLineage(_("“{work}” cites “{source}” with a weight below 1.", **names), work=self.id, field="weight")


@dataclass(frozen=True, slots=True)
class Lineage:
    """Works by id, newest first (a work before all its sources), those among them that lead outside, and those with an own source."""

    works: Mapping[str, LineageContribution]
    leads_outside: frozenset[str] = frozenset()
    with_own: frozenset[str] = frozenset()

    def is_own(self, work: LineageContribution, source: LineageSource) -> bool:
        """Is the source by exactly the same people as the work?"""
        return self.works[source.work].makers.keys() == work.makers.keys()

    def counted(self, work: LineageContribution, *, taken: bool) -> dict[Kind, list[LineageSource]]:
        """Step 2.1: the sources, by kind, that fresh or taken credit of `work` is passed on to."""
        counted: dict[Kind, list[LineageSource]] = {}
        for source in work.sources:
            if (work.wrapper and not taken) or source.work in self.leads_outside or not self.is_own(work, source):
                counted.setdefault(source.kind, []).append(source)
        return counted

    def arrives_taken(self, work: LineageContribution, source: LineageSource, *, taken: bool) -> bool:
        """Step 2.5: does what `work` passes to `source` arrive with its makers' share already taken?"""
        return (taken or not work.wrapper) and self.is_own(work, source)


def trace(works: Iterable[LineageContribution]) -> Lineage:
    """The lineage of `works`, given in any order; raises InvalidLineage for a repeated or unknown work or a cycle."""
    known: dict[str, LineageContribution] = {}
    for work in works:
        if work.id in known:
            raise InvalidLineage(_("“{work}” is listed twice.", work=work.id), work=work.id, field="work")
        known[work.id] = work
    oldest_first = list(known) if _is_oldest_first(known) else _oldest_first(known)
    lineage = Lineage({work: known[work] for work in reversed(oldest_first)})
    return Lineage(lineage.works, *_leading_outside(lineage, oldest_first))


def _is_oldest_first(known: Mapping[str, LineageContribution]) -> bool:
    """Whether the works are given each after its sources, as they are read: then nothing need be looked for."""
    before: set[str] = set()
    for work in known.values():
        for source in work.sources:
            if source.work not in before:
                return False
        before.add(work.id)
    return True


def _oldest_first(known: Mapping[str, LineageContribution]) -> list[str]:
    sources = {work.id: [source.work for source in work.sources] for work in known.values()}
    for work, cited in sources.items():
        for source in cited:
            if source not in known:
                sentence = _("“{work}” cites “{source}”, which is not in the lineage.", work=work, source=source)
                raise InvalidLineage(sentence, work=work, field="sources")
    try:
        return list(TopologicalSorter(sources).static_order())
    except CycleError as error:
        # graphlib names a cycle from source to citing work.
        circle = list(reversed(error.args[1]))
        sentence = _("“{work}” leads back to itself: {circle}.", work=circle[0], circle=" → ".join(circle))
        raise InvalidLineage(sentence, work=circle[0], field="sources") from error


def _leading_outside(lineage: Lineage, oldest_first: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The works that lead outside, and those that have an own source."""
    outside: set[str] = set()
    with_own: set[str] = set()
    for work in map(lineage.works.__getitem__, oldest_first):
        own = [source.work for source in work.sources if lineage.is_own(work, source)]
        if own:
            with_own.add(work.id)
        if len(own) < len(work.sources) or not outside.isdisjoint(own):
            outside.add(work.id)
    return frozenset(outside), frozenset(with_own)


@dataclass(frozen=True, slots=True)
class Composition:
    """The approved version of a deliverable: points of each work in it, and its own makers with their shares."""

    components: Shares
    makers: Shares = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.components:
            raise InvalidLineage(_("The cut has no components."), field="components")
        for work, points in self.components.items():
            if points < 1:
                raise InvalidLineage(_("“{work}” has points below 1.", work=work), work=work, field="components")
        if any(share < 1 for share in self.makers.values()):
            raise InvalidLineage(_("A maker of the cut has a share below 1."), field="cut")


@dataclass(frozen=True, slots=True)
class PayRule:
    """What a version's makers keep of the pool and what a work passes on of its credit, in ten-thousandths (basis points); who is staff."""

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
        for work in self.composition.components:
            if work not in self.lineage.works:
                raise InvalidLineage(_("The component “{work}” is not in the lineage.", work=work), work=work, field="components")

"""Why a person gets what they get: their works, the paths that brought the credit, and what staff and rounding did to it."""

from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from campaigns.core.money import largest_remainder
from campaigns.payout.split.arithmetic import MILLION, Split, SplitLine
from campaigns.payout.split.lineage import Kind, LineageContribution
from campaigns.payout.split.trails import LARGEST, Trail, Trails, kept_fraction, trails_to


@dataclass(frozen=True, slots=True)
class PathStep:
    """One edge of a path: the `fraction` of the credit of `work` that went on to `source`, and the credit that it brought there."""

    work: str
    source: str
    kind: Kind
    weight: int
    of_weights: int
    fraction: str
    credit: int


@dataclass(frozen=True, slots=True)
class CreditPath:
    """From the points of a component down to the work; `credit` is what of it the work kept for the person."""

    component: str
    points: int
    direct: int
    steps: tuple[PathStep, ...]
    kept: str
    credit: int


@dataclass(frozen=True, slots=True)
class WorkCredit:
    """What a person has from one work: `credit` is the listed paths, the `other_paths` and the rounding together.

    `direct` is what of it comes from the work's own points; with other paths, their credit has the rounding in it.
    """

    work: str
    points: int
    share: int
    of_shares: int
    credit: int
    direct: int
    paths: tuple[CreditPath, ...]
    other_paths: int
    other_credit: int
    rounding: int

    def with_largest(self, most: int) -> "WorkCredit":
        """The same with at most this many of its paths listed; what the others brought is among `other_credit`."""
        if len(self.paths) <= most:
            return self
        listed, rest = self.paths[:most], self.paths[most:]
        credit = sum(path.credit for path in rest) + self.other_credit + self.rounding
        return replace(self, paths=listed, other_paths=self.other_paths + len(rest), other_credit=credit, rounding=0)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line of a split, opened; credits in millionths of a minor unit, `amount` in minor units.

    `before_staff` is the assembly and the works' credit together; `from_staff` is what step 4 added, or took from a member of
    staff, and `rounding` what step 5 added or took. `cited_by` counts the works that passed credit on, by kind.
    """

    person: str
    is_staff: bool
    amount: int
    before_staff: int
    from_staff: int
    rounding: int
    assembly: int
    of_points: int
    cited_by: dict[Kind, int]
    works: tuple[WorkCredit, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def explain(split: Split, person: str) -> Explanation:
    """Why `person` gets what they get; for somebody without credit, an explanation without works."""
    works = [work for work in split.flow.kept if person in split.inputs.lineage.works[work].makers]
    line = next((line for line in split.lines if line.person == person), None)
    return _explanation(split, person, line, works, trails_to(split, works))


def explain_everyone(split: Split) -> dict[str, Explanation]:
    """The explanation of each line and of each member of staff, by person."""
    lines: dict[str, SplitLine | None] = {line.person: line for line in split.lines} | dict.fromkeys(line.person for line in split.staff)
    works: dict[str, list[str]] = {person: [] for person in lines}
    for work in split.flow.kept:
        for person in split.inputs.lineage.works[work].makers.keys() & lines.keys():
            works[person].append(work)
    trails = trails_to(split, split.flow.kept)
    return {person: _explanation(split, person, line, works[person], trails) for person, line in lines.items()}


def _explanation(split: Split, person: str, line: SplitLine | None, works: list[str], trails: Trails) -> Explanation:
    opened = [_work_credit(split, person, split.inputs.lineage.works[work], trails) for work in works]
    assembly = split.assembly.get(person, 0)
    before_staff = assembly + sum(work.credit for work in opened)
    return Explanation(
        person=person,
        is_staff=person in split.inputs.rule.staff,
        amount=line.amount if line else 0,
        before_staff=before_staff,
        from_staff=line.credit - before_staff if line else -before_staff,
        rounding=line.amount * MILLION - line.credit if line else 0,
        assembly=assembly,
        of_points=sum(split.inputs.composition.components.values()),
        cited_by=_cited_by(works, trails),
        works=tuple(sorted((work for work in opened if work.credit), key=lambda work: (-work.credit, work.work))),
    )


def _cited_by(works: list[str], trails: Trails) -> dict[Kind, int]:
    citing: dict[Kind, set[str]] = {}
    for work in works:
        for kind, by in trails.citing.get(work, {}).items():
            citing.setdefault(kind, set()).update(by)
    return {kind: len(citing[kind]) for kind in sorted(citing)}


def _work_credit(split: Split, person: str, work: LineageContribution, trails: Trails) -> WorkCredit:
    credit = largest_remainder(split.flow.kept[work.id], work.makers)[person]
    listed, others = _listed(split, person, work, trails)
    unlisted = credit - sum(path.credit for path in listed)
    return WorkCredit(
        work=work.id,
        points=split.inputs.composition.components.get(work.id, 0),
        share=work.makers[person],
        of_shares=sum(work.makers.values()),
        credit=credit,
        direct=_kept_for(person, work, split.direct.get(work.id, 0), kept_fraction(split, work)),
        paths=listed,
        other_paths=others,
        other_credit=unlisted if others else 0,
        rounding=0 if others else unlisted,
    )


def _listed(split: Split, person: str, work: LineageContribution, trails: Trails) -> tuple[tuple[CreditPath, ...], int]:
    """The largest paths that the work kept something of, and how many others there are."""
    kept, end = kept_fraction(split, work), (work.id, False)
    if not kept:
        return (), 0
    paths = (_path(split, person, work, trail, kept) for trail in trails.largest.get(end, ()))
    listed = tuple(sorted((path for path in paths if path.credit), key=lambda path: (-path.credit, len(path.steps))))
    return listed, trails.count[end] - len(listed) if trails.count[end] > LARGEST else 0


def _path(split: Split, person: str, work: LineageContribution, trail: Trail, kept: Fraction) -> CreditPath:
    component, *rest = trail.from_the_top()
    return CreditPath(
        component=component.work,
        points=split.inputs.composition.components[component.work],
        direct=component.credit,
        steps=tuple(_step(further) for further in rest),
        kept=str(kept),
        credit=_kept_for(person, work, trail.credit, kept),
    )


def _step(trail: Trail) -> PathStep:
    if not (trail.before and trail.handover):
        raise ValueError("The first work of a path has no previous work.")
    source = trail.handover.source
    return PathStep(
        trail.before.work, source.work, source.kind, source.weight, trail.handover.weights, str(trail.handover.fraction), trail.credit
    )


def _kept_for(person: str, work: LineageContribution, credit: int, kept: Fraction) -> int:
    return credit * kept.numerator // kept.denominator * work.makers[person] // sum(work.makers.values())

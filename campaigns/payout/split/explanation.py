"""Why a person gets what they get: their contributions, the paths that brought the credit, and what staff and rounding did to it."""

from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from campaigns.core.money import largest_remainder
from campaigns.payout.split.arithmetic import MILLION, Split, SplitLine
from campaigns.payout.split.lineage import Kind, LineageContribution
from campaigns.payout.split.trails import LARGEST, Trail, Trails, kept_fraction, trails_to


@dataclass(frozen=True, slots=True)
class PathStep:
    """One edge of a path: the `fraction` of the credit of `contribution` that went on to `source`, and the credit that it brought there."""

    contribution: str
    source: str
    kind: Kind
    weight: int
    of_weights: int
    fraction: str
    credit: int


@dataclass(frozen=True, slots=True)
class CreditPath:
    """From the points of a component down to the contribution; `credit` is what of it the contribution kept for the person."""

    component: str
    points: int
    direct: int
    steps: tuple[PathStep, ...]
    kept: str
    credit: int


@dataclass(frozen=True, slots=True)
class ContributionCredit:
    """What a person has from one contribution: `credit` is the listed paths, the `other_paths` and the rounding together.

    `direct` is what of it comes from the contribution's own points; with other paths, their credit has the rounding in it.
    """

    contribution: str
    points: int
    share: int
    of_shares: int
    credit: int
    direct: int
    paths: tuple[CreditPath, ...]
    other_paths: int
    other_credit: int
    rounding: int

    def with_largest(self, most: int) -> "ContributionCredit":
        """The same with at most this many of its paths listed; what the others brought is among `other_credit`."""
        if len(self.paths) <= most:
            return self
        listed, rest = self.paths[:most], self.paths[most:]
        credit = sum(path.credit for path in rest) + self.other_credit + self.rounding
        return replace(self, paths=listed, other_paths=self.other_paths + len(rest), other_credit=credit, rounding=0)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line of a split, opened; credits in millionths of a minor unit, `amount` in minor units.

    `before_staff` is the assembly and the contributions' credit together; `from_staff` is what step 4 added, or took from a member of
    staff, and `rounding` what step 5 added or took. `cited_by` counts the contributions that passed credit on, by kind.
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
    contributions: tuple[ContributionCredit, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def explain(split: Split, person: str) -> Explanation:
    """Why `person` gets what they get; for somebody without credit, an explanation without contributions."""
    contributions = [contribution for contribution in split.flow.kept if person in split.inputs.lineage.contributions[contribution].makers]
    line = next((line for line in split.lines if line.person == person), None)
    return _explanation(split, person, line, contributions, trails_to(split, contributions))


def explain_everyone(split: Split) -> dict[str, Explanation]:
    """The explanation of each line and of each member of staff, by person."""
    lines: dict[str, SplitLine | None] = {line.person: line for line in split.lines} | dict.fromkeys(line.person for line in split.staff)
    contributions: dict[str, list[str]] = {person: [] for person in lines}
    for contribution in split.flow.kept:
        for person in split.inputs.lineage.contributions[contribution].makers.keys() & lines.keys():
            contributions[person].append(contribution)
    trails = trails_to(split, split.flow.kept)
    return {person: _explanation(split, person, line, contributions[person], trails) for person, line in lines.items()}


def _explanation(split: Split, person: str, line: SplitLine | None, contributions: list[str], trails: Trails) -> Explanation:
    opened = [
        _contribution_credit(split, person, split.inputs.lineage.contributions[contribution], trails) for contribution in contributions
    ]
    assembly = split.assembly.get(person, 0)
    before_staff = assembly + sum(contribution.credit for contribution in opened)
    return Explanation(
        person=person,
        is_staff=person in split.inputs.rule.staff,
        amount=line.amount if line else 0,
        before_staff=before_staff,
        from_staff=line.credit - before_staff if line else -before_staff,
        rounding=line.amount * MILLION - line.credit if line else 0,
        assembly=assembly,
        of_points=sum(split.inputs.composition.components.values()),
        cited_by=_cited_by(contributions, trails),
        contributions=tuple(
            sorted(
                (contribution for contribution in opened if contribution.credit),
                key=lambda contribution: (-contribution.credit, contribution.contribution),
            )
        ),
    )


def _cited_by(contributions: list[str], trails: Trails) -> dict[Kind, int]:
    citing: dict[Kind, set[str]] = {}
    for contribution in contributions:
        for kind, by in trails.citing.get(contribution, {}).items():
            citing.setdefault(kind, set()).update(by)
    return {kind: len(citing[kind]) for kind in sorted(citing)}


def _contribution_credit(split: Split, person: str, contribution: LineageContribution, trails: Trails) -> ContributionCredit:
    credit = largest_remainder(split.flow.kept[contribution.id], contribution.makers)[person]
    listed, others = _listed(split, person, contribution, trails)
    unlisted = credit - sum(path.credit for path in listed)
    return ContributionCredit(
        contribution=contribution.id,
        points=split.inputs.composition.components.get(contribution.id, 0),
        share=contribution.makers[person],
        of_shares=sum(contribution.makers.values()),
        credit=credit,
        direct=_kept_for(person, contribution, split.direct.get(contribution.id, 0), kept_fraction(split, contribution)),
        paths=listed,
        other_paths=others,
        other_credit=unlisted if others else 0,
        rounding=0 if others else unlisted,
    )


def _listed(split: Split, person: str, contribution: LineageContribution, trails: Trails) -> tuple[tuple[CreditPath, ...], int]:
    """The largest paths that the contribution kept something of, and how many others there are."""
    kept, end = kept_fraction(split, contribution), (contribution.id, False)
    if not kept:
        return (), 0
    paths = (_path(split, person, contribution, trail, kept) for trail in trails.largest.get(end, ()))
    listed = tuple(sorted((path for path in paths if path.credit), key=lambda path: (-path.credit, len(path.steps))))
    return listed, trails.count[end] - len(listed) if trails.count[end] > LARGEST else 0


def _path(split: Split, person: str, contribution: LineageContribution, trail: Trail, kept: Fraction) -> CreditPath:
    component, *rest = trail.from_the_top()
    return CreditPath(
        component=component.contribution,
        points=split.inputs.composition.components[component.contribution],
        direct=component.credit,
        steps=tuple(_step(further) for further in rest),
        kept=str(kept),
        credit=_kept_for(person, contribution, trail.credit, kept),
    )


def _step(trail: Trail) -> PathStep:
    if not (trail.before and trail.handover):
        raise ValueError("The first contribution of a path has no previous contribution.")
    source = trail.handover.source
    return PathStep(
        trail.before.contribution,
        source.contribution,
        source.kind,
        source.weight,
        trail.handover.weights,
        str(trail.handover.fraction),
        trail.credit,
    )


def _kept_for(person: str, contribution: LineageContribution, credit: int, kept: Fraction) -> int:
    return credit * kept.numerator // kept.denominator * contribution.makers[person] // sum(contribution.makers.values())

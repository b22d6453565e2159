"""The split itself: from the pool to everyone's cents, in whole millionths of a minor unit.

The steps are those of docs/pay-rule.md, which is the specification.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from campaigns.core.money import largest_remainder
from campaigns.payout.split.lineage import KINDS, WHOLE, Inputs, Kind, Lineage, LineageContribution, LineageSource, PayRule, Shares

MILLION = 1_000_000
Credits = dict[str, int]


@dataclass(frozen=True, slots=True)
class Flow:
    """What came to each contribution as fresh and as taken credit, and what it kept, in millionths."""

    fresh: Credits
    taken: Credits
    kept: Credits

    def arrived(self, contribution: str) -> tuple[tuple[bool, int], ...]:
        """The credit of `contribution`, fresh and then taken, each with whether it is taken."""
        return (False, self.fresh.get(contribution, 0)), (True, self.taken.get(contribution, 0))


@dataclass(frozen=True, slots=True)
class SplitLine:
    """What a person gets, in minor units; their credit before step 5 and before staff gave theirs up, in millionths."""

    person: str
    amount: int
    credit: int
    before_staff: int


@dataclass(frozen=True, slots=True)
class StaffLine:
    """The credit, in millionths, that a member of staff gave up."""

    person: str
    credit: int


@dataclass(frozen=True, slots=True)
class Split:
    """A split with every step that led to it; `lines` are largest first, and empty when all are staff."""

    inputs: Inputs
    assembly: Credits
    direct: Credits
    flow: Flow
    lines: tuple[SplitLine, ...]
    staff: tuple[StaffLine, ...]


def split(inputs: Inputs) -> Split:
    """Divide the pool over everyone whose work is in the version, or led to it."""
    assembly, direct = direct_credit(inputs)
    flow = flow_down(inputs.lineage, inputs.rule, direct)
    before_staff = people_credit(inputs.lineage, assembly, flow.kept)
    staff = {person: credit for person, credit in before_staff.items() if person in inputs.rule.staff}
    credit = without_staff(before_staff, staff)
    amounts = largest_remainder(inputs.pool, credit) if credit else {}  # step 5
    largest_first = sorted(sorted(amounts), key=amounts.__getitem__, reverse=True)
    return Split(
        inputs,
        assembly,
        direct,
        flow,
        tuple(SplitLine(person, amounts[person], credit[person], before_staff[person]) for person in largest_first),
        tuple(StaffLine(person, staff[person]) for person in sorted(staff)),
    )


def direct_credit(inputs: Inputs) -> tuple[Credits, Credits]:
    """Step 1: the credit of the version's makers, by person, and of the components, by contribution."""
    pool, composition = inputs.pool * MILLION, inputs.composition  # step 1.1
    kept = pool * inputs.rule.assembly // WHOLE if composition.makers else 0
    assembly = largest_remainder(kept, composition.makers) if kept else {}  # step 1.2
    return assembly, largest_remainder(pool - kept, composition.components)  # step 1.3


def flow_down(lineage: Lineage, rule: PayRule, direct: Mapping[str, int]) -> Flow:
    """Step 2: each contribution's credit handed down to its sources, from the newest contribution to the oldest."""
    fresh: defaultdict[str, int] = defaultdict(int, direct)
    taken: defaultdict[str, int] = defaultdict(int)
    flow = Flow(fresh, taken, {})
    for contribution in lineage.contributions.values():
        credit, own = fresh.get(contribution.id, 0), taken.get(contribution.id, 0)
        if own or contribution.wrapper or contribution.id in lineage.with_own:
            passed = _pass_on(lineage, rule, contribution, flow)
        else:
            passed = _pass_on_plainly(rule, contribution, credit, fresh) if credit and contribution.sources else 0
        if kept := credit + own - passed:  # step 2.6: with what rounding down left over
            flow.kept[contribution.id] = kept
    return flow


def _pass_on(lineage: Lineage, rule: PayRule, contribution: LineageContribution, flow: Flow) -> int:
    """Hand the contribution's credit on to its sources; returns how much in all."""
    passed_on = 0
    for is_taken, credit in flow.arrived(contribution.id):
        for source, passed in handed_on(lineage, rule, contribution, credit, taken=is_taken):
            arrives = flow.taken if lineage.arrives_taken(contribution, source, taken=is_taken) else flow.fresh
            arrives[source.contribution] += passed
            passed_on += passed
    return passed_on


def _pass_on_plainly(rule: PayRule, contribution: LineageContribution, credit: int, fresh: Credits) -> int:
    """The same for fresh credit of a contribution that is no wrapper and has no own source: every source counts, and all arrives fresh."""
    weights: dict[Kind, int] = {}
    for source in contribution.sources:
        weights[source.kind] = weights.get(source.kind, 0) + source.weight
    parts = {kind: credit * rule.passes_on(kind) // WHOLE for kind in weights}  # step 2.2
    passed_on = 0
    for source in contribution.sources:
        passed = parts[source.kind] * source.weight // weights[source.kind]  # step 2.4
        fresh[source.contribution] += passed
        passed_on += passed
    return passed_on


def handed_on(
    lineage: Lineage, rule: PayRule, contribution: LineageContribution, credit: int, *, taken: bool
) -> Iterator[tuple[LineageSource, int]]:
    """Step 2.4: what each counted source of `contribution` gets of its fresh or taken `credit`."""
    if not credit or not contribution.sources:
        return
    counted = lineage.counted(contribution, taken=taken)
    for kind, part in parts(rule, counted, credit, everything=taken or contribution.wrapper).items():
        total = sum(source.weight for source in counted[kind])
        for source in counted[kind]:
            yield source, part * source.weight // total


def parts(rule: PayRule, kinds: Collection[Kind], credit: int, *, everything: bool) -> dict[Kind, int]:
    """Steps 2.2 and 2.3: what goes to each of `kinds` of sources: its fraction of `credit`; of `everything`, nothing is left over."""
    passed, whole = fractions(rule, kinds, everything=everything)
    parts = {kind: credit * fraction // whole for kind, fraction in passed.items()}
    if everything and len(parts) == len(KINDS):
        parts["influenced_by"] = credit - parts["contains"]
    return parts


def fractions(rule: PayRule, kinds: Collection[Kind], *, everything: bool) -> tuple[dict[Kind, int], int]:
    """The numerators of what goes to each of `kinds` of sources, and their common denominator."""
    passed = {kind: rule.passes_on(kind) for kind in kinds}
    if not everything:
        return passed, WHOLE
    if any(passed.values()):
        return passed, sum(passed.values())
    first = next((kind for kind in KINDS if kind in kinds), None)
    return {kind: int(kind == first) for kind in kinds}, 1


def people_credit(lineage: Lineage, assembly: Shares, kept: Mapping[str, int]) -> Credits:
    """Step 3: what each person has from the version and from what their contributions kept; only credits above 0."""
    people: defaultdict[str, int] = defaultdict(int, assembly)
    for contribution, credit in kept.items():
        makers = lineage.contributions[contribution].makers
        if len(makers) == 1:
            people[next(iter(makers))] += credit
        else:
            for person, share in largest_remainder(credit, makers).items():
                people[person] += share
    return {person: credit for person, credit in people.items() if credit}


def without_staff(credit: Shares, staff: Shares) -> Credits:
    """Step 4: the credit of staff goes to everyone else pro rata to theirs; empty when all are staff."""
    if not staff:
        return dict(credit)
    others = {person: own for person, own in credit.items() if person not in staff}
    given_up = largest_remainder(sum(staff.values()), others) if others else {}
    return {person: own + given_up[person] for person, own in others.items()}

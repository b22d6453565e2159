"""Where a pool goes: through which component, or for making the version, each person's amount came to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.core.money import largest_remainder
from campaigns.payout.split.arithmetic import Credits, Split, flow_down, people_credit


@dataclass(frozen=True, slots=True)
class Stream:
    """What came through `components`, none for making the version, to each person, in minor units."""

    components: tuple[str, ...]
    amounts: Mapping[str, int]

    @property
    def amount(self) -> int:
        return sum(self.amounts.values())


def streams(split: Split, listed: int) -> Sequence[Stream]:
    """Each line's amount by where it came from: up to `listed` components, the largest first, the rest together, then the makers.

    A person's amounts add up to their line, and all of them to the pool.
    """
    largest = sorted(split.direct, key=lambda contribution: (-split.direct[contribution], contribution))
    groups = [(contribution,) for contribution in largest[:listed]] + ([tuple(largest[listed:])] if largest[listed:] else [])
    brought = {group: _credit_through(split, group) for group in groups} | ({(): dict(split.assembly)} if split.assembly else {})
    amounts: dict[tuple[str, ...], dict[str, int]] = {group: {} for group in brought}
    for line in split.lines:
        # A few millionths that many paths brought together may be floored away on each of them.
        parts = {group: credit[line.person] for group, credit in brought.items() if credit.get(line.person)}
        for group, amount in largest_remainder(line.amount, parts or {groups[0]: 1}).items():
            amounts[group][line.person] = amount
    return [Stream(group, of_group) for group, of_group in amounts.items()]


def _credit_through(split: Split, components: tuple[str, ...]) -> Credits:
    direct = {contribution: split.direct[contribution] for contribution in components}
    return people_credit(split.inputs.lineage, {}, flow_down(split.inputs.lineage, split.inputs.rule, direct).kept)

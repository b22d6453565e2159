"""How far a payout run is, as a picture: one bar, and what each part of it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.payout.runs.queries import Sum

# In the order of the bar, from what is over to what is still to come; what failed comes first in every list, and in red.
PARTS: Mapping[str, tuple[str, ...]] = {
    "paid": ("paid",),
    "sent": ("sent",),
    "failed": ("failed", "bank_returned", "returned"),
    "unknown": ("unknown",),
    "sending": ("sending",),
    "ready": ("ready",),
    "discarded": ("discarded",),
}
OVER = frozenset({"paid", "sent", "failed", "discarded"})


@dataclass(frozen=True, slots=True)
class RunSegment:
    """The payments of a run that stand alike; `x` and `width` are in percent of the bar."""

    key: str
    items: int
    amount: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A run's payments by how far they are."""

    parts: Sequence[RunSegment]
    items: int
    amount: int

    def count(self, key: str) -> int:
        return sum(part.items for part in self.parts if part.key == key)

    def sum(self, key: str) -> int:
        return sum(part.amount for part in self.parts if part.key == key)

    @property
    def sent(self) -> int:
        """What has been transferred, arrived or not."""
        return self.sum("sent") + self.sum("paid")

    @property
    def over(self) -> int:
        """How many payments have come to their end."""
        return sum(part.items for part in self.parts if part.key in OVER)

    @property
    def percent(self) -> int:
        return 100 * self.over // self.items if self.items else 0


def progress_of(sums: Sequence[Sum]) -> RunProgress:
    """The picture of these sums."""
    items = sum(each.items for each in sums)
    parts: list[RunSegment] = []
    x = 0.0
    for key, states in PARTS.items():
        there = [each for each in sums if each.state in states]
        count = sum(each.items for each in there)
        if count:
            width = 100 * count / items
            parts.append(RunSegment(key, count, sum(each.amount for each in there), round(x, 3), round(width, 3)))
            x += width
    return RunProgress(parts, items, sum(each.amount for each in sums))

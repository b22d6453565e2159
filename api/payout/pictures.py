"""The shape of the picture of where a pool goes: from the deliverable through its components to people.

Across in percent of the width, down in pixels.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.core.remembered import Remembered
from campaigns.payout.models import Proposal
from campaigns.payout.proposals.explanations import divided, streams_of
from campaigns.payout.split import Stream

MOST_COMPONENTS, MOST_PEOPLE = 10, 14
TALL, ROW, GAP = 240.0, 18.0, 5.0
THICK = 1.6
LEFT, MIDDLE, RIGHT = 0.0, 34.0, 98.4
HUES = 6
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Bar:
    """A component, a person, or the rest of either together: what came through it, and where it stands."""

    key: str
    names: Sequence[str]
    amount: int
    y: float
    height: float
    hue: int

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Ribbon:
    """What went from one bar to another."""

    path: str
    hue: int
    title: str
    amount: int


@dataclass(frozen=True, slots=True)
class SplitDiagram:
    """Three columns and what runs between them; `rows` is the same as a table: through what, to whom, how much."""

    height: float
    components: Sequence[Bar]
    people: Sequence[Bar]
    ribbons: Sequence[Ribbon]
    rows: Sequence[tuple[Bar, Sequence[tuple[Bar, int]]]]


_pictures = Remembered["SplitDiagram | None"](16)


def where_it_goes(proposal: Proposal) -> SplitDiagram | None:
    """The picture of a proposal, drawn once for many readers; None when it pays nobody."""
    return _pictures.get(proposal.inputs_hash, lambda: _drawn(proposal))


def _drawn(proposal: Proposal) -> SplitDiagram | None:
    split = divided(proposal)
    if not split.lines:
        return None
    through = streams_of(proposal, MOST_COMPONENTS)
    shown = [line.person for line in split.lines[:MOST_PEOPLE]]
    flows = [_grouped(stream, shown) for stream in through]
    sums = {key: sum(flow.get(key, 0) for flow in flows) for key in (*shown, OTHERS)}
    scale = TALL / split.inputs.pool
    components = _column([(_key(s), s.components, s.amount) for s in through], scale)
    rest = [line.person for line in split.lines[MOST_PEOPLE:]]
    people = _column([(key, rest if key == OTHERS else (key,), amount) for key, amount in sums.items() if amount], scale)
    height = max(bars[-1].y + max(bars[-1].height, ROW) for bars in (components, people))
    rows = [(bar, [(one, flow[one.key]) for one in people if flow.get(one.key)]) for bar, flow in zip(components, flows, strict=True)]
    return SplitDiagram(height, components, people, [*_from_the_pool(components, scale), *_to_people(rows, scale)], rows)


def _key(stream: Stream) -> str:
    return stream.components[0] if len(stream.components) == 1 else OTHERS if stream.components else ""


def _grouped(stream: Stream, shown: Sequence[str]) -> Mapping[str, int]:
    amounts = {person: stream.amounts.get(person, 0) for person in shown}
    return {**amounts, OTHERS: sum(stream.amounts.values()) - sum(amounts.values())}


def _column(things: Iterable[tuple[str, Sequence[str], int]], scale: float) -> list[Bar]:
    """One bar below the other, each with room for its name."""
    bars, y = [], 0.0
    for number, (key, names, amount) in enumerate(things):
        height = max(amount * scale, 1.0)
        room = max(height, ROW)
        bars.append(Bar(key, names, amount, y + (room - height) / 2, height, number % HUES))
        y += room + GAP
    return bars


def _from_the_pool(components: Sequence[Bar], scale: float) -> list[Ribbon]:
    ribbons, y = [], 0.0
    for bar in components:
        ribbons.append(Ribbon(_band(LEFT + THICK, y, MIDDLE, bar.y, bar.amount * scale), bar.hue, bar.key, bar.amount))
        y += bar.amount * scale
    return ribbons


def _to_people(rows: Sequence[tuple[Bar, Sequence[tuple[Bar, int]]]], scale: float) -> list[Ribbon]:
    ribbons, arrived = [], dict[str, float]()
    for bar, parts in rows:
        left = bar.y
        for person, amount in parts:
            right = arrived.get(person.key, person.y)
            ribbons.append(Ribbon(_band(MIDDLE + THICK, left, RIGHT, right, amount * scale), bar.hue, person.key, amount))
            left, arrived[person.key] = left + amount * scale, right + amount * scale
    return ribbons


def _band(x: float, y: float, to_x: float, to_y: float, height: float) -> str:
    between, low, to_low = (x + to_x) / 2, y + height, to_y + height
    points: Any = (x, y, between, y, between, to_y, to_x, to_y, to_x, to_low, between, to_low, between, low, x, low)
    return "M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}L{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}Z".format(
        *points
    )

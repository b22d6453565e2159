"""A lineage of any size as columns of numbers, drawn the same each time: what it was made of, and the works of the split from it."""

import random
from dataclasses import dataclass

from campaigns.payout.split import Composition, Inputs, LineageContribution, LineageSource, PayRule, Split, trace
from campaigns.payout.split.arithmetic import MILLION

RULE = PayRule(contains=3000, influenced_by=1000)
KINDS = ("contains", "influenced_by")
POOL = 5_000_000
COMPONENTS = 40
# Most build on one of the last few hundred, the others on what everybody builds on.
RECENT = 300


@dataclass(frozen=True)
class Columns:
    """Edges from a work to an older one with the place of their kind, the maker of each work, and the components."""

    works: list[int]
    sources: list[int]
    kinds: list[int]
    makers: list[int]
    components: list[int]


def drawn(works: int, edges: int, seed: int = 7) -> Columns:
    """Everything that was made leads to the version: each work but the newest is cited by a newer one."""
    rng = random.Random(seed)
    pairs = {(rng.randrange(work + 1, min(works, work + RECENT)), work) for work in range(works - COMPONENTS)}
    while len(pairs) < edges:
        work = rng.randrange(1, works)
        back = int(rng.expovariate(1 / RECENT)) + 1
        pairs.add((work, max(0, work - back) if rng.random() < 0.6 else int(rng.random() ** 3 * work)))
    cited = sorted(pairs)
    makers = _makers(works, cited, rng)
    kinds = [int(rng.random() < 0.45) for _pair in cited]
    return Columns([work for work, _ in cited], [source for _, source in cited], kinds, makers, list(range(works - COMPONENTS, works)))


def _makers(works: int, cited: list[tuple[int, int]], rng: random.Random) -> list[int]:
    """One for each work, and nobody builds on a work of their own: of that the peer knows no rule."""
    sources: dict[int, set[int]] = {}
    for work, source in cited:
        sources.setdefault(work, set()).add(source)
    makers: list[int] = []
    for work in range(works):
        theirs = {makers[source] for source in sources.get(work, ())}
        makers.append(next(maker for maker in iter(lambda: rng.randrange(works), None) if maker not in theirs))
    return makers


def credit_of(result: Split, count: int) -> tuple[list[float], list[int]]:
    """Everyone's credit and amount, in minor units, by the number of the maker."""
    credit, amounts = [0.0] * count, [0] * count
    for line in result.lines:
        maker = _number(line.person)
        credit[maker], amounts[maker] = line.credit / MILLION, line.amount
    return credit, amounts


def inputs_of(columns: Columns) -> Inputs:
    """The same as what the split is made of, oldest first, as it is read from the rows."""
    sources: dict[int, list[LineageSource]] = {}
    for work, source, kind in zip(columns.works, columns.sources, columns.kinds, strict=True):
        sources.setdefault(work, []).append(LineageSource(_id(source), KINDS[kind]))  # type: ignore[arg-type]  # one of the two
    works = (
        LineageContribution(_id(work), {_id(maker): 1}, sources=tuple(sources.get(work, ()))) for work, maker in enumerate(columns.makers)
    )
    return Inputs(trace(works), Composition({_id(work): 1 for work in columns.components}), RULE, POOL, "USD")


def _id(number: int) -> str:
    return f"0199a1b2-{number // 65536:04x}-7000-8000-{number:012x}"


def _number(made: str) -> int:
    return int(made.rpartition("-")[2], 16)

"""A lineage of any size as columns of numbers, drawn the same each time: what it was made of, and the contributions of the split from
it."""

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
    """Edges from a contribution to an older one with the place of their kind, the maker of each contribution, and the components."""

    contributions: list[int]
    sources: list[int]
    kinds: list[int]
    makers: list[int]
    components: list[int]


def drawn(contributions: int, edges: int, seed: int = 7) -> Columns:
    """Everything that was made leads to the version: each contribution but the newest is cited by a newer one."""
    rng = random.Random(seed)
    pairs = {
        (rng.randrange(contribution + 1, min(contributions, contribution + RECENT)), contribution)
        for contribution in range(contributions - COMPONENTS)
    }
    while len(pairs) < edges:
        contribution = rng.randrange(1, contributions)
        back = int(rng.expovariate(1 / RECENT)) + 1
        pairs.add((contribution, max(0, contribution - back) if rng.random() < 0.6 else int(rng.random() ** 3 * contribution)))
    cited = sorted(pairs)
    makers = _makers(contributions, cited, rng)
    kinds = [int(rng.random() < 0.45) for _pair in cited]
    return Columns(
        [contribution for contribution, _ in cited],
        [source for _, source in cited],
        kinds,
        makers,
        list(range(contributions - COMPONENTS, contributions)),
    )


def _makers(contributions: int, cited: list[tuple[int, int]], rng: random.Random) -> list[int]:
    """One for each contribution, and nobody builds on a contribution of their own: of that the peer knows no rule."""
    sources: dict[int, set[int]] = {}
    for contribution, source in cited:
        sources.setdefault(contribution, set()).add(source)
    makers: list[int] = []
    for contribution in range(contributions):
        theirs = {makers[source] for source in sources.get(contribution, ())}
        makers.append(next(maker for maker in iter(lambda: rng.randrange(contributions), None) if maker not in theirs))
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
    for contribution, source, kind in zip(columns.contributions, columns.sources, columns.kinds, strict=True):
        sources.setdefault(contribution, []).append(LineageSource(_id(source), KINDS[kind]))  # type: ignore[arg-type]  # one of the two
    contributions = (
        LineageContribution(_id(contribution), {_id(maker): 1}, sources=tuple(sources.get(contribution, ())))
        for contribution, maker in enumerate(columns.makers)
    )
    return Inputs(trace(contributions), Composition({_id(contribution): 1 for contribution in columns.components}), RULE, POOL, "USD")


def _id(number: int) -> str:
    return f"0199a1b2-{number // 65536:04x}-7000-8000-{number:012x}"


def _number(made: str) -> int:
    return int(made.rpartition("-")[2], 16)

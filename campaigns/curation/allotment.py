"""Who reviews what: even loads, nobody with a conflict, and every tie broken by a draw that anyone can repeat."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from uuid import UUID

Pair = tuple[UUID, UUID]


def draw(seed: str, *ids: UUID) -> str:
    """A number drawn for these ids, in hexadecimal: the same seed draws the same again."""
    return blake2b("|".join([seed, *map(str, ids)]).encode(), digest_size=16).hexdigest()


def allot(
    seed: str, works: Collection[UUID], curators: Sequence[UUID], per_work: int, taken: Collection[Pair], barred: Collection[Pair]
) -> list[Pair]:
    """Pairs of a curator and a work that bring each work up to `per_work` reviews, as far as there is someone for it.

    `taken` are the pairs that are handed out already, `barred` those with a conflict. Each work goes to whoever has the fewest.
    """
    loads = Counter(curator for curator, _work in taken)
    reviewers = Counter(work for _curator, work in taken)
    unfit = {*taken, *barred}
    new: list[Pair] = []
    for work in sorted(works, key=lambda work: draw(seed, work)):
        free = [curator for curator in curators if (curator, work) not in unfit]
        for curator in _least_laden(seed, work, free, loads)[: max(per_work - reviewers[work], 0)]:
            loads[curator] += 1
            new.append((curator, work))
    return new


def _least_laden(seed: str, work: UUID, curators: Iterable[UUID], loads: Counter[UUID]) -> list[UUID]:
    return sorted(curators, key=lambda curator: (loads[curator], draw(seed, curator, work)))

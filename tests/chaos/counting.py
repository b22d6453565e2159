"""Whether what is there is what should be: each difference as a sentence."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from tests.chaos.word import Word

Harms: TypeAlias = Iterator[str]


def unequal(what: str, wanted: "Counter[Any]", there: "Counter[Any]") -> Harms:
    for thing in sorted({*wanted, *there}, key=str):
        if wanted[thing] != there[thing]:
            yield f"{what} {thing}: {there[thing]} where {wanted[thing]} should be"


def once(what: str, words: Mapping[Any, Word], there: "Counter[Any]") -> Harms:
    """What was said and answered is there once, what was never answered at most once, and nothing is there that was not said."""
    unanswered = Counter({said: 1 for said, word in words.items() if not word.is_answered})
    return unequal(what, Counter(dict.fromkeys(words, 1)) - (unanswered - there), there)

"""Makers' names blotted out of words that others judge blind."""

import re
from collections.abc import Iterable

BLOT = "▇▇▇"
# A name may go over a line or be set in emphasis.
BETWEEN = r"[\s*_]+"


def blotted(words: str, names: Iterable[str]) -> str:
    """`words` without these people's full names; a name of one word goes only as it is written, for it may be a word like any other."""
    for parts in (name.split() for name in names):
        if parts:
            whole = BETWEEN.join(map(re.escape, parts))
            words = re.sub(rf"(?<!\w){whole}(?!\w)", BLOT, words, flags=re.IGNORECASE if len(parts) > 1 else 0)
    return words

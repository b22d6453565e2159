"""How deep JSON is and how many parts it has, by one look along its bytes: what is read from them costs a hundred times as much."""

import re

DEEPEST = 32
MOST_PARTS = 50_000
# A text whole, without a second look at any of it (hence the possessive `++`), or what begins, ends or divides.
PART = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
OPENS, CLOSES = frozenset(b"[{"), frozenset(b"]}")


def is_plain(body: bytes) -> bool:
    """Whether it may be read: no deeper than DEEPEST, of no more than MOST_PARTS, and text."""
    return is_text(body) and _is_shallow(body)


def is_text(body: bytes) -> bool:
    """Whether it can be JSON in UTF-8, which never has a zero byte."""
    return b"\0" not in body


def _is_shallow(body: bytes) -> bool:
    depth = 0
    for number, found in enumerate(PART.finditer(body)):
        sign = body[found.start()]
        depth += (sign in OPENS) - (sign in CLOSES)
        if depth > DEEPEST or number >= MOST_PARTS:
            return False
    return True

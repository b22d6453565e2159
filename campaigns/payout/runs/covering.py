"""Whether our balance covers what is still to be sent: all of it together, and out of one kind alone the largest payment."""

from collections.abc import Mapping

from campaigns.payout.runs.models import SOURCES

# What our bank sends counts with what most payments bring: https://docs.stripe.com/api/balance/balance_object (source_types).
TOPPED_UP = "card"


def covers(kinds: Mapping[str, int], owed: int, largest: int) -> bool:
    """Whether a balance of these kinds covers `owed`, of which no payment is above `largest`; all in minor units."""
    return owed <= sum(kinds.get(kind, 0) for kind in SOURCES) and not lacks_in_one_kind(kinds, largest)


def lacks_in_one_kind(kinds: Mapping[str, int], largest: int) -> int:
    """What a top-up has to add before one kind of balance alone covers a payment of `largest`; 0 where one does."""
    if largest <= max(kinds.get(kind, 0) for kind in SOURCES):
        return 0
    return largest - kinds.get(TOPPED_UP, 0)


def less(kinds: Mapping[str, int], sent: int) -> dict[str, int]:
    """What is left of each kind once `sent` is taken, in the order in which transfers ask for them."""
    left = dict(kinds)
    for kind in SOURCES:
        taken = min(sent, max(left.get(kind, 0), 0))
        left[kind], sent = left.get(kind, 0) - taken, sent - taken
    return left

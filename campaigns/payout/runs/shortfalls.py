"""Whether our balance covers what is still to be sent, and how much it lacks."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.ledger.queries import totals
from campaigns.payments.models import StripeBalance
from campaigns.payments.top_ups import under_way
from campaigns.payout.runs.models import SOURCES, Payout, PayoutRun

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


def missing(session: Session, currency: str) -> int:
    """What our balance lacks for what is still to be sent in a currency, less what is on its way from our bank; minor units.

    It lacks what all of it comes to, or what one kind of balance alone has to cover for the largest payment, whichever is more.
    """
    going = PayoutRun.state.in_(("released", "paused")), Payout.state == "ready", Payout.currency == currency
    sums = select(func.coalesce(func.sum(Payout.amount), 0), func.coalesce(func.max(Payout.amount), 0)).join(
        PayoutRun, PayoutRun.id == Payout.run_id
    )
    owed, largest = session.execute(sums.where(*going)).one()
    there = totals(session, "stripe_available").get(currency, 0)
    seen = session.get(StripeBalance, currency)
    lacks = max(int(owed) - there, lacks_in_one_kind(seen.by_source if seen else {TOPPED_UP: there}, largest))
    return max(0, lacks - under_way(session).get(currency, 0))

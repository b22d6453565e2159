"""What of the payouts waits for somebody in finance to see to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.ledger.queries import totals
from campaigns.payments.countries import OPEN
from campaigns.payments.models import CountryChange, StripeBalance
from campaigns.payments.top_ups import under_way
from campaigns.payout.runs.covering import TOPPED_UP, lacks_in_one_kind
from campaigns.payout.runs.models import SHORT, Item, PayoutRun


@dataclass(frozen=True, slots=True)
class PausedRun:
    """A run that stands still; `is_short` where our balance does not cover it."""

    run_id: UUID
    number: int
    is_short: bool


def paused_runs(session: Session) -> Sequence[PausedRun]:
    """The runs that stand still, in their order."""
    rows = session.execute(
        select(PayoutRun.id, PayoutRun.number, PayoutRun.cause).where(PayoutRun.state == "paused").order_by(PayoutRun.number)
    )
    return [PausedRun(run_id, number, cause == SHORT) for run_id, number, cause in rows]


def moved_people(session: Session, *, by: Actor) -> tuple[int, datetime | None]:
    """How many people's change of country the actor can look at, and since when the first waits."""
    row = session.execute(select(func.count(), func.min(CountryChange.changed_at)).where(OPEN, CountryChange.person_id != by.person)).one()
    return int(row[0]), row[1]


def missing(session: Session, currency: str) -> int:
    """What our balance lacks for what is still to be sent in a currency, less what is on its way from our bank; minor units.

    It lacks what all of it comes to, or what one kind of balance alone has to cover for the largest payment, whichever is more.
    """
    going = PayoutRun.state.in_(("released", "paused")), Item.state == "ready", Item.currency == currency
    sums = select(func.coalesce(func.sum(Item.amount), 0), func.coalesce(func.max(Item.amount), 0)).join(
        PayoutRun, PayoutRun.id == Item.run_id
    )
    owed, largest = session.execute(sums.where(*going)).one()
    there = totals(session, "stripe_available").get(currency, 0)
    seen = session.get(StripeBalance, currency)
    lacks = max(int(owed) - there, lacks_in_one_kind(seen.by_source if seen else {TOPPED_UP: there}, largest))
    return max(0, lacks - under_way(session).get(currency, 0))

"""Our balance with the provider, looked at and booked."""

from datetime import datetime

from sqlalchemy import select

from campaigns.core import clock, events
from campaigns.core.event_names import EventName
from campaigns.core.people import STRIPE
from campaigns.payments.actions import book_movement, settle_movement
from campaigns.payments.models import ProviderMovement
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.own_movements import OWN_MOVEMENTS, TOLD, parts_of
from campaigns.payments.queries import movements_due
from workers.transactions import unit_of_work


def settle_balance(money_out: MoneyOut) -> int:
    """Move in the books what the provider has made available since; returns how many movements that were."""
    with unit_of_work() as session:
        due = [row.id for row in movements_due(session, clock.business_now(session))]
    available = [movement_id for movement_id in due if money_out.fetch_movement(movement_id).is_available]
    with unit_of_work() as session:
        for movement_id in available:
            settle_movement(session, movement_id, at=clock.business_now(session))
    return len(available)


def book_own_movements(money_out: MoneyOut, since: datetime) -> int:
    """Book what moved on our balance without a message of ours: top-ups, payouts to our bank, fees, what is kept back; returns how many."""
    found = [m for m in money_out.movements_since(since) if m.kind in OWN_MOVEMENTS]
    with unit_of_work() as session:
        known = set(session.scalars(select(ProviderMovement.id).where(ProviderMovement.id.in_([m.id for m in found]))))
        new = [m for m in found if m.id not in known]
        for movement in new:
            at = clock.business_now(session)
            book_movement(session, movement, parts_of(movement), kind=f"stripe.{movement.kind}", at=at)
            if movement.kind in TOLD and movement.amount < 0:
                events.record(
                    session,
                    EventName.PAYOUT_KEPT_BACK,
                    by=STRIPE,
                    at=at,
                    kind=movement.kind,
                    amount=-movement.amount,
                    currency=movement.currency,
                )
    return len(new)

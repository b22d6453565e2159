"""What was sent and is not said to have arrived is asked after, for Stripe's word may never come: after days at first, ever more rarely.

The sweep enqueues the looks and the relay does them: no more than a few are open at a time, however many accounts there are.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, literal, select, update
from sqlalchemy.orm import Session

from campaigns.core import outbox
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.payments.models import PayoutAccount
from campaigns.payout.runs.models import NOT_ARRIVED, Payout

# The longest route takes six days; a bank sends back within days of that.
FIRST_AFTER = timedelta(days=3)
ENDS_AFTER = timedelta(days=90)
MOST_OPEN = 20
DOUBLED = 4  # times, and a day is past two weeks


def enqueue_due(session: Session, *, at: datetime) -> int:
    """Enqueue the looks that are due, as many as may be open, each with its next moment in the same transaction."""
    room = outbox.room(session, OutboxKind.ARRIVALS_LOOK, MOST_OPEN)
    if not room:
        return 0
    waits = (Payout.person_id == PayoutAccount.person_id, *_awaited(at))
    is_due = func.coalesce(PayoutAccount.arrivals_ask_at, at) <= at
    due = select(PayoutAccount.id).where(PayoutAccount.provider_id.is_not(None), is_due, exists().where(*waits)).limit(room)
    taken = due.with_for_update(skip_locked=True).cte("taken").prefix_with("materialized")
    seconds = 86_400 * func.power(2, func.least(PayoutAccount.arrivals_asks, DOUBLED))
    asked = update(PayoutAccount).where(PayoutAccount.id == taken.c.id)
    asked = asked.values(
        arrivals_asks=PayoutAccount.arrivals_asks + 1, arrivals_ask_at=literal(at) + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    )
    asked = asked.returning(PayoutAccount.id, PayoutAccount.arrivals_ask_at)
    rows = session.execute(asked, execution_options={"synchronize_session": False})
    bodies = {f"{account}:{moment:%Y-%m-%dT%H:%M:%S}": {"account": str(account)} for account, moment in rows}
    if bodies:
        outbox.enqueue_each(session, OutboxKind.ARRIVALS_LOOK, bodies)
    return len(bodies)


def _awaited(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return Payout.state.in_(NOT_ARRIVED), Payout.settled_at.between(at - ENDS_AFTER, at - FIRST_AFTER)

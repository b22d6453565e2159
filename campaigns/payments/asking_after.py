"""Accounts under way are asked after, for Stripe's word may never come: within a minute at first, ever more rarely, and for a month.

The sweep enqueues the looks and the relay does them: no more than a few are open at a time, however many accounts there are.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, case, cast, func, literal, null, select, update
from sqlalchemy.orm import Session

from campaigns.core import outbox
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.payments.actions import SOONEST, UNDER_WAY
from campaigns.payments.models import PayoutAccount

RAREST = timedelta(days=1)
ENDS_AFTER = timedelta(days=30)
MOST_OPEN = 20
DOUBLED = 12  # times, and a minute is past a day


def enqueue_due(session: Session, *, now: datetime) -> int:
    """Enqueue the looks that are due, longest due first, each with its next moment in the same transaction; the last has none."""
    room = outbox.room(session, OutboxKind.ACCOUNT_LOOK, MOST_OPEN)
    if not room:
        return 0
    due = select(PayoutAccount.id).where(UNDER_WAY, PayoutAccount.ask_at <= now).order_by(PayoutAccount.ask_at, PayoutAccount.id)
    taken = due.limit(room).with_for_update(skip_locked=True).cte("taken").prefix_with("materialized")
    seconds = SOONEST.total_seconds() * func.power(2, func.least(PayoutAccount.asks, DOUBLED))
    wait = func.make_interval(0, 0, 0, 0, 0, 0, func.least(seconds, RAREST.total_seconds()))
    is_last = PayoutAccount.asked_since <= now - ENDS_AFTER
    asked = update(PayoutAccount).where(PayoutAccount.id == taken.c.id)
    asked = asked.values(asks=PayoutAccount.asks + 1, ask_at=case((is_last, null()), else_=literal(now) + wait))
    stamp = cast(func.extract("epoch", PayoutAccount.asked_since), Integer)
    looks = session.execute(asked.returning(PayoutAccount.id, stamp, PayoutAccount.asks), execution_options={"synchronize_session": False})
    bodies = {f"{account}:{since}:{number}": {"account": str(account)} for account, since, number in looks}
    if bodies:
        outbox.enqueue_each(session, OutboxKind.ACCOUNT_LOOK, bodies)
    return len(bodies)


def unanswered(session: Session, person_id: UUID) -> PayoutAccount | None:
    """The person's account, where it was asked after to the end and is not ready, and only they can bring it on."""
    over = PayoutAccount.ask_at.is_(None), PayoutAccount.asks > 0
    found = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == person_id, UNDER_WAY, *over)).one_or_none()
    return found if found and not found.stop else None

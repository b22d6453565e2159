"""Money drawn from our bank onto our balance with the provider: asked for by finance, made by the relay, there days later.

Our bank may take it back after that.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from campaigns.core import clock, events, outbox
from campaigns.core.errors import Invalid
from campaigns.core.event_names import EventName
from campaigns.core.money import exponent
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import STRIPE, Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payments.models import TopUp
from campaigns.payments.money_out import ToppedUp

PAGE = 50
UNDER_WAY = ("promised", "pending")
BECAME = {
    "pending": EventName.PAYOUT_TOP_UP_PENDING,
    "succeeded": EventName.PAYOUT_TOP_UP_SUCCEEDED,
    "failed": EventName.PAYOUT_TOP_UP_FAILED,
    "canceled": EventName.PAYOUT_TOP_UP_CANCELED,
    "reversed": EventName.PAYOUT_TOP_UP_REVERSED,
}
ENDED = ("succeeded", "failed", "canceled", "reversed")
# How long our bank may take back what it sent.
REVERSIBLE = timedelta(days=90)


def ask_top_up(session: Session, currency: str, amount: int, *, by: Actor, at: datetime) -> TopUp:
    """Enqueue that `amount` minor units are drawn from our bank onto our balance."""
    by.require(Permission.RELEASE_RUN)
    exponent(currency)
    if amount <= 0:
        raise Invalid(_("The amount must be greater than zero."), field="amount")
    asked = TopUp(currency=currency, amount=amount, asked_by=by.person, asked_at=at, state="promised")
    session.add(asked)
    session.flush()
    outbox.enqueue(session, OutboxKind.TOP_UP, key=str(asked.id), top_up=str(asked.id))
    events.record(session, EventName.PAYOUT_TOP_UP_ASKED, by=by, at=at, top_up=str(asked.id), amount=amount, currency=currency)
    return asked


def top_ups(session: Session, *, by: Actor, before: UUID | None = None, limit: int = PAGE) -> Sequence[TopUp]:
    """Every top-up, newest first, up to `limit` older than `before`."""
    by.require(Permission.VIEW_MONEY)
    query = select(TopUp).order_by(TopUp.id.desc()).limit(limit)
    return session.scalars(query.where(TopUp.id < before) if before else query).all()


def under_way(session: Session) -> dict[str, int]:
    """What is on its way from our bank, in minor units by currency."""
    query = select(TopUp.currency, func.sum(TopUp.amount)).where(TopUp.state.in_(UNDER_WAY)).group_by(TopUp.currency)
    return {currency: int(amount) for currency, amount in session.execute(query)}


def note_refused(session: Session, top_up_id: UUID, code: str, at: datetime) -> None:
    asked = session.get_one(TopUp, top_up_id, with_for_update=True)
    if asked.state == "promised":
        asked.state, asked.failure = "failed", code
        events.record(session, EventName.PAYOUT_TOP_UP_FAILED, by=STRIPE, at=at, reason=code, top_up=str(asked.id))


def open_top_ups(session: Session) -> Sequence[str]:
    """Those on their way, and those that our bank may still take back."""
    is_new = TopUp.asked_at >= clock.business_now(session) - REVERSIBLE
    may_change = or_(TopUp.state.in_(UNDER_WAY), and_(TopUp.state == "succeeded", is_new))
    ours = select(TopUp.provider_id).where(TopUp.provider_id.is_not(None), may_change)
    return [str(each) for each in session.scalars(ours)]


def note_top_up(session: Session, said: ToppedUp, *, at: datetime) -> None:
    """Note a top-up of ours as the provider has it; of one that has ended only what had succeeded can still change, and be reversed."""
    named = said.metadata.get("top_up")
    asked = session.get(TopUp, UUID(named), with_for_update=True, populate_existing=True) if named else None
    if asked is None or not (asked.state in UNDER_WAY or (asked.state, said.status) == ("succeeded", "reversed")):
        return
    before, asked.state = asked.state, said.status if said.status in ENDED else "pending"
    asked.provider_id, asked.expected_at, asked.failure = said.id, said.expected_at, said.failure
    if asked.state != before:
        events.record(session, BECAME[asked.state], by=STRIPE, at=at, top_up=str(asked.id), reason=said.failure)

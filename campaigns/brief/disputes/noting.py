"""What the customer's bank does with a payment, noted as the provider has it, and what it moves, in the books once.

Events come twice, late and out of order; so the dispute is fetched as it now stands. A movement is a fact, whenever it is heard of; of what
stands beside it an older answer changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.brief.disputes import books
from campaigns.brief.disputes.models import CLOSED, Dispute, FraudWarning
from campaigns.brief.models import Payment
from campaigns.core import events
from campaigns.core.campaign import find_campaign
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.people import STRIPE, SYSTEM
from campaigns.payments.dispute_gateway import DisputeAtStripe, WarningAtStripe

ENDED = {
    "won": EventName.BRIEF_DISPUTE_WON,
    "lost": EventName.BRIEF_DISPUTE_LOST,
    "warning_closed": EventName.BRIEF_DISPUTE_CLOSED,
    "prevented": EventName.BRIEF_DISPUTE_CLOSED,
}


def open_disputes(session: Session) -> Sequence[str]:
    """Those that the bank has not decided."""
    return session.scalars(select(Dispute.provider_id).where(Dispute.closed_at.is_(None))).all()


def actionable_warnings(session: Session) -> Sequence[str]:
    """Those about payments that are neither disputed nor refunded yet."""
    return session.scalars(select(FraudWarning.provider_id).where(FraudWarning.is_actionable)).all()


def note_dispute(session: Session, said: DisputeAtStripe, *, looked_at: datetime, at: datetime) -> Dispute:
    """Note a dispute as the provider had it when it was looked at: each of its movements is booked once, its status goes by the newest."""
    dispute = _row(session, said, looked_at, at)
    for movement in said.movements:
        books.book(session, dispute, movement, at=at)
    if looked_at >= dispute.looked_at:
        _note_status(session, dispute, said, looked_at, at)
    books.settle(session, dispute, at=at)
    return dispute


def _row(session: Session, said: DisputeAtStripe, looked_at: datetime, at: datetime) -> Dispute:
    """The dispute's row, locked after its campaign; a new one is told of."""
    payment = session.scalars(select(Payment).where(Payment.charge == said.charge)).first()
    if payment:
        find_campaign(session, payment.campaign_id, by=SYSTEM, lock=True)
    is_closed = said.status in CLOSED
    values = {
        "provider_id": said.id, "charge": said.charge, "amount": said.amount, "currency": said.currency, "reason": said.reason,
        "status": said.status, "due_by": said.due_by, "submissions": said.submissions, "opened_at": said.opened_at, "looked_at": looked_at,
        "evidence": {}, "lost": 0, "turns": 0, "kept_back": 0, "closed_at": at if is_closed else None,
        "payment_id": payment and payment.id, "campaign_id": payment and payment.campaign_id,
    }  # fmt: skip
    new = insert(Dispute).values(id=new_id(), **values).on_conflict_do_nothing(index_elements=["provider_id"]).returning(Dispute.id)
    is_new = session.scalar(new) is not None
    row = session.scalars(select(Dispute).where(Dispute.provider_id == said.id).with_for_update(), execution_options=FRESH).one()
    if payment and row.payment_id is None:
        books.take_over(session, row, payment.campaign_id, payment.id, at=at)
    if is_new:
        record(session, EventName.BRIEF_DISPUTE_OPENED, row, at, status=said.status)
        if is_closed:
            record(session, ENDED[said.status], row, at)
    return row


FRESH = {"populate_existing": True}


def _note_status(session: Session, dispute: Dispute, said: DisputeAtStripe, looked_at: datetime, at: datetime) -> None:
    before, was_inquiry = dispute.status, dispute.is_inquiry
    dispute.looked_at, dispute.amount, dispute.reason = looked_at, said.amount, said.reason
    dispute.status, dispute.due_by, dispute.submissions = said.status, said.due_by, said.submissions
    dispute.closed_at = (dispute.closed_at or at) if said.status in CLOSED else None
    if dispute.status == before:
        return
    if was_inquiry and not dispute.is_inquiry and dispute.closed_at is None:
        # A chargeback takes another answer than the inquiry did.
        dispute.handed_in_by = dispute.handed_in_at = dispute.accepted_by = dispute.accepted_at = dispute.reminded_at = None
        record(session, EventName.BRIEF_DISPUTE_OPENED, dispute, at, status=dispute.status)
    elif dispute.closed_at is not None:
        record(session, ENDED[dispute.status], dispute, at)


def note_warning(session: Session, said: WarningAtStripe, *, looked_at: datetime, at: datetime) -> FraudWarning:
    """Note an early fraud warning as the provider had it when it was looked at; a new one is told of."""
    payment = session.scalars(select(Payment).where(Payment.charge == said.charge)).first()
    values = {
        "provider_id": said.id, "charge": said.charge, "kind": said.kind, "is_actionable": said.is_actionable,
        "warned_at": said.warned_at, "looked_at": looked_at, "payment_id": payment and payment.id,
        "campaign_id": payment and payment.campaign_id,
    }  # fmt: skip
    new = insert(FraudWarning).values(id=new_id(), **values).on_conflict_do_nothing(index_elements=["provider_id"])
    is_new = session.scalar(new.returning(FraudWarning.id)) is not None
    row = session.scalars(select(FraudWarning).where(FraudWarning.provider_id == said.id).with_for_update(), execution_options=FRESH).one()
    if payment and row.payment_id is None:
        row.payment_id, row.campaign_id = payment.id, payment.campaign_id
    if looked_at >= row.looked_at:
        row.looked_at, row.is_actionable = looked_at, said.is_actionable
    if is_new:
        events.record(
            session, EventName.BRIEF_FRAUD_WARNED, by=STRIPE, at=at, campaign_id=row.campaign_id, warning=str(row.id), kind=row.kind
        )  # fmt: skip
    return row


def record(session: Session, name: EventName, dispute: Dispute, at: datetime, *, reason: str | None = None, **more: Any) -> UUID:
    """Record what became of a dispute, by the provider's word."""
    return events.record(
        session, name, by=STRIPE, at=at, campaign_id=dispute.campaign_id, reason=reason,
        dispute=str(dispute.id), amount=dispute.amount, currency=dispute.currency, **more,
    )  # fmt: skip

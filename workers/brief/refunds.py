"""Refunds asked of the provider, and looked at there."""

from uuid import UUID

from sqlalchemy import select

from campaigns.brief.models import Payment, RefundPart
from campaigns.brief.refunds import note_refund, note_refused, tell_uncertain
from campaigns.brief.tries import begin_try
from campaigns.core import clock, outbox
from campaigns.payments.money_in import MoneyIn
from campaigns.payments.provider_errors import Definite
from workers.transactions import unit_of_work


def send_refund(money_in: MoneyIn, claimed: outbox.Claimed) -> None:
    """Handler of `brief_refund`: have the provider give its part of a payment back; what it refuses is left to finance."""
    part_id = UUID(claimed.body["part"])
    with unit_of_work() as session:
        may_try = begin_try(session, RefundPart, part_id, tell_uncertain, at=clock.business_now(session))
    if not may_try:
        return
    with unit_of_work() as session:
        part = session.get_one(RefundPart, part_id)
        charge = session.scalars(select(Payment.charge).where(Payment.id == part.payment_id)).one()
    try:
        about = {"refund_part": str(part_id)}
        said = money_in.refund(charge, part.amount, ask=claimed.body.get("ask"), key=f"refund:{part_id}", metadata=about)
    except Definite as refused:
        with unit_of_work() as session:
            note_refused(session, part_id, refused.code, at=clock.business_now(session))
        return
    with unit_of_work() as session:
        note_refund(session, said, at=clock.business_now(session))


def look_at_refund(money_in: MoneyIn, provider_id: str) -> None:
    """Fetch a refund and note what became of it."""
    said = money_in.fetch_refund(provider_id)
    with unit_of_work() as session:
        note_refund(session, said, at=clock.business_now(session))

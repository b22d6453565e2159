"""Refunds that lie on a brand's cash balance, sent on from there."""

from uuid import UUID

from sqlalchemy import select

from campaigns.brief.bank_refunds import AGAIN, note, note_stuck
from campaigns.brief.models import BilledParty, Invoice, Payment, RefundPart
from campaigns.brief.tries import locked
from campaigns.core import clock, outbox
from campaigns.payments.money_in import MoneyIn
from campaigns.payments.provider_errors import Definite
from workers.transactions import unit_of_work


def send_refund_on(money_in: MoneyIn, claimed: outbox.Claimed) -> None:
    """Handler of `brief_refund_on`: give back what lies on the cash balance; Stripe gives back no more than there is."""
    part_id, again = UUID(claimed.body["part"]), claimed.body["again"]
    with unit_of_work() as session:
        part = session.get_one(RefundPart, part_id)
        query = select(BilledParty.customer).join(Invoice, Invoice.billed_party_id == BilledParty.id)
        customer = session.scalar(query.join(Payment, Payment.invoice_id == Invoice.id).where(Payment.id == part.payment_id))
    if (part.state, part.asks) != ("on_cash", again) or customer is None:
        return
    key, about = f"refund:{part_id}:{again}", {"refund_part": str(part_id), AGAIN: str(again)}
    try:
        said = money_in.refund_cash(customer, part.amount, part.currency, ask=claimed.body.get("ask"), key=key, metadata=about)
    except Definite as refused:
        with unit_of_work() as session:
            part = locked(session, RefundPart, part_id)
            if part.state == "on_cash":
                note_stuck(session, part, refused.code, clock.business_now(session))
        return
    with unit_of_work() as session:
        note(session, locked(session, RefundPart, part_id), said, clock.business_now(session))

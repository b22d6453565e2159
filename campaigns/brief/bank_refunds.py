"""Refunds of bank transfers: Stripe asks the brand for a bank account, and what nobody answers lies on their cash balance at Stripe.

Settled is only what their bank has. What lies on the cash balance is sent on from there, and so asked for once more. What nobody answers
then, and what Stripe does not send on, is stuck, until finance has it tried again or sends it in Stripe's dashboard.
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.brief import refund_books
from campaigns.brief.models import Payment, RefundPart
from campaigns.core import events, outbox
from campaigns.core.billing import bills_go_to
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import STRIPE, Brand
from campaigns.payments.models import ProviderMovement
from campaigns.payments.money_in import ProviderRefund

# Which of several refunds of one part this is: the first goes back as the payment came, each further one from the cash balance.
AGAIN = "again"
CASH_BALANCE = "customer_cash_balance"
UNANSWERED = "unanswered"


def goes_to_a_bank(said: ProviderRefund, part: RefundPart) -> bool:
    """Whether this refund has a way of its own: to a bank account, or to the customer's cash balance.

    Where Stripe does not name it, what it asks for says so, or has asked for before.
    """
    to = said.destination or ""
    is_asked = said.status == "requires_action" or said.asked_of is not None
    return to.endswith("bank_transfer") or to == CASH_BALANCE or is_asked or part.asked_at is not None or part.asks > 0


def note(session: Session, part: RefundPart, said: ProviderRefund, at: datetime) -> None:
    """Note how far such a refund is; of one that a later one has replaced nothing is noted any more."""
    if said.movement:
        refund_books.leave(session, part, said.movement, at=at)
    if int(said.metadata.get(AGAIN, "0")) < part.asks or part.state == "settled":
        return
    part.provider_id = said.id
    match said.status:
        case "succeeded" if said.destination != CASH_BALANCE:
            _settle(session, part, said, at)
        case "requires_action" if said.asked_until:
            _note_asked(session, part, said, at)
        case "requires_action" | "pending":
            part.state = "sent"
        case _ if part.state == "on_cash":  # it failed before anybody was asked: another try would end so at once, and the next
            note_stuck(session, part, said.status, at)
        case _ if part.state == "stuck":
            pass
        case _ if part.is_asked_last:
            note_stuck(session, part, UNANSWERED, at)
        case _:
            _send_on(session, part, at)


def _settle(session: Session, part: RefundPart, said: ProviderRefund, at: datetime) -> None:
    refund_books.arrive(session, part, said.movement, at=at)
    part.state, part.settled_at = "settled", at
    _record(session, EventName.BRIEF_REFUND_SETTLED, part, at)


def _note_asked(session: Session, part: RefundPart, said: ProviderRefund, at: datetime) -> None:
    was = part.state
    part.state, part.asked_of, part.asked_at, part.asked_until = "asked", said.asked_of, said.asked_at, said.asked_until
    if was != "asked":
        _record(session, EventName.BRIEF_REFUND_ASKED, part, at)


def _send_on(session: Session, part: RefundPart, at: datetime) -> None:
    enqueue_to_send_on(session, part, at)
    _record(session, EventName.BRIEF_REFUND_ON_CASH, part, at)


def enqueue_to_send_on(session: Session, part: RefundPart, at: datetime) -> None:
    """It lies on the brand's cash balance at Stripe: enqueue that it is sent on from there, under a key of its own."""
    part.state, part.asks = "on_cash", part.asks + 1
    ask = whom_to_ask(session, part, at)
    outbox.enqueue(session, OutboxKind.BRIEF_REFUND_ON, key=f"{part.id}:{part.asks}", part=str(part.id), again=part.asks, ask=ask)


def whom_to_ask(session: Session, part: RefundPart, at: datetime) -> str | None:
    """Where the brand's bills go now, if its bank is to be asked for: whoever an old invoice went to may be gone.

    It stands in the message, so that each try of it asks Stripe for the same; None leaves it to the invoice's customer, or to the card.
    """
    charge = select(Payment.charge).where(Payment.id == part.payment_id).scalar_subquery()
    by_bank = exists().where(ProviderMovement.source == charge, ProviderMovement.kind == "payment")
    of_campaign = select(Brand).join(Campaign, Campaign.brand_id == Brand.id).where(Campaign.id == part.campaign_id)
    brand = session.scalars(of_campaign.where(by_bank)).one_or_none()
    return bills_go_to(session, brand, at) if brand else None


def note_stuck(session: Session, part: RefundPart, code: str, at: datetime) -> None:
    """Stripe does not send it on: a person must look at the brand's cash balance in Stripe's dashboard."""
    part.state = "stuck"
    _record(session, EventName.BRIEF_REFUND_STUCK, part, at, code)


def _record(session: Session, name: EventName, part: RefundPart, at: datetime, reason: str | None = None) -> None:
    events.record(
        session, name, by=STRIPE, at=at, campaign_id=part.campaign_id, reason=reason, part=str(part.id), amount=part.amount,
        currency=part.currency, until=part.asked_until.isoformat() if part.asked_until else None,
    )  # fmt: skip

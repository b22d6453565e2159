"""Money that goes back to the brand: the way it came, and by hand where it came by hand."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from campaigns.brief import bank_refunds, refund_books
from campaigns.brief.disputes.models import NOT_REFUNDABLE, Dispute
from campaigns.brief.errors import NoSuchRefund, NotByHand, NotStuck
from campaigns.brief.models import Payment, Receipt, Refund, RefundPart
from campaigns.brief.queries import cover, written_brief
from campaigns.brief.tries import locked
from campaigns.core import clock, events, outbox
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.errors import Invalid
from campaigns.core.event_names import EventName
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import STRIPE, SYSTEM, Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.ledger.accounts import Entry, held, receivable, refund_clearing, unrecovered
from campaigns.ledger.actions import post
from campaigns.payments.gateway import BalanceMovement
from campaigns.payments.money_in import ProviderRefund

FAILED = ("failed", "canceled")
OPEN_BY_HAND = ("by_hand", "uncertain", "stuck")
SENT_BACK_WITHIN = timedelta(days=90)


def enqueue_refund(session: Session, campaign: Campaign, amount: int, reason: str, *, key: str, at: datetime) -> Refund:
    """Enqueue a refund to the brand of `amount` of what is held: what it owes of that is let go first, the rest is paid back.

    The caller holds the campaign's lock. The same key again returns the refund that is there. Raises Overdraft where less is held,
    Invalid where nothing would go back.
    """
    if amount <= 0:
        raise Invalid(_("The amount must be above zero."), field="amount")
    earlier = session.scalars(select(Refund).where(Refund.key == key)).one_or_none()
    return earlier or _enqueue(session, campaign, amount, reason, key, at)


def _enqueue(session: Session, campaign: Campaign, amount: int, reason: str, key: str, at: datetime) -> Refund:
    written = written_brief(session, campaign.id)
    currency, covered = written.brief.currency, cover(session, written)
    let_go = min(amount, covered.debt)
    of_advance = min(let_go, covered.receivable)
    refund = Refund(
        campaign_id=campaign.id, key=key, amount=amount - let_go, let_go=let_go, currency=currency, reason=reason, promised_at=at
    )  # fmt: skip
    session.add(refund)
    session.flush()
    ours = held(campaign.id, currency)
    ways = (
        (receivable(campaign.id, currency), of_advance), (unrecovered(campaign.id, currency), let_go - of_advance),
        (refund_clearing(campaign.id, currency), refund.amount),
    )  # fmt: skip
    post(session, "brief.refund_promised", f"refund:{refund.id}", [Entry(ours, to, part) for to, part in ways if part], at=at)
    events.record(
        session, EventName.BRIEF_REFUND_SCHEDULED, by=SYSTEM, at=at, campaign_id=campaign.id, reason=reason,
        refund=str(refund.id), amount=refund.amount, let_go=let_go, currency=currency,
    )  # fmt: skip
    for part in _divided(session, refund):
        _send_on_its_way(session, part, at)
    return refund


def _divided(session: Session, refund: Refund) -> Iterator[RefundPart]:
    """The refund: first what lies in our bank account, which no payout can use, then over the campaign's own payments, the newest first.

    So nothing goes back through the provider but what is left there of the campaign's own. What neither covers goes back by hand.
    """
    same, left = {"refund_id": refund.id, "campaign_id": refund.campaign_id, "currency": refund.currency}, refund.amount
    if part := min(left, wired_and_left(session, refund.campaign_id)):
        left -= part
        yield RefundPart(**same, amount=part, state="by_hand")
    taken_back = exists().where(Dispute.payment_id == Payment.id, Dispute.status.in_(NOT_REFUNDABLE) | (Dispute.lost > 0))
    refundable = select(Payment).where(Payment.campaign_id == refund.campaign_id, Payment.refunded < Payment.amount, ~taken_back)
    for payment in session.scalars(refundable.order_by(Payment.id.desc()).with_for_update()).all() if left else ():
        if part := min(left, payment.amount - payment.refunded):
            payment.refunded += part
            left -= part
            yield RefundPart(**same, payment_id=payment.id, amount=part, state="promised")
    if left:
        yield RefundPart(**same, amount=left, state="by_hand")


def wired_and_left(session: Session, campaign_id: UUID) -> int:
    """What two people saw arrive in our bank account for a campaign, less what has been promised back from there."""
    arrived = select(func.sum(Receipt.amount)).where(Receipt.campaign_id == campaign_id, Receipt.confirmed_at.is_not(None))
    sent_by_us = and_(RefundPart.settled_by.is_not(None), ~RefundPart.sent_from_stripe)
    from_bank = or_(RefundPart.payment_id.is_(None), RefundPart.state == "by_hand", sent_by_us)
    given_back = select(func.sum(RefundPart.amount)).where(RefundPart.campaign_id == campaign_id, from_bank)
    return max(0, int(session.scalar(arrived) or 0) - int(session.scalar(given_back) or 0))


def _send_on_its_way(session: Session, part: RefundPart, at: datetime) -> None:
    session.add(part)
    session.flush()
    if part.payment_id is None:
        _ask_finance(session, part, _("It did not come through Stripe, so it goes back from our bank account."), at)
    else:
        ask = bank_refunds.whom_to_ask(session, part, at)
        outbox.enqueue(session, OutboxKind.BRIEF_REFUND, key=str(part.id), part=str(part.id), ask=ask)


def _ask_finance(session: Session, part: RefundPart, reason: str, at: datetime) -> None:
    part.state, part.settled_at = "by_hand", None
    _record(session, EventName.BRIEF_REFUND_BY_HAND_DUE, part, SYSTEM, at, reason)


def note_refused(session: Session, part_id: UUID, reason: str, *, at: datetime) -> None:
    part = locked(session, RefundPart, part_id)
    if part.state == "promised":
        _ask_finance(session, part, reason, at)


def open_refunds(session: Session) -> Sequence[str]:
    """Those on their way, and those that arrived so lately that a bank may still send them back."""
    on_its_way = RefundPart.settled_at.is_(None) | (RefundPart.settled_at > clock.business_now(session) - SENT_BACK_WITHIN)
    ours = select(RefundPart.provider_id).where(RefundPart.provider_id.is_not(None), RefundPart.settled_by.is_(None), on_its_way)
    return [str(each) for each in session.scalars(ours)]


def note_refund(session: Session, said: ProviderRefund, *, at: datetime) -> None:
    """Note a refund of ours as the provider has it: in the books once it has left our balance, settled once the brand has it."""
    ours = said.metadata.get("refund_part")
    if ours is None or session.get(RefundPart, UUID(ours)) is None:
        return
    part = locked(session, RefundPart, UUID(ours))
    if part.settled_by is not None:
        return
    never_left = said.status in FAILED and said.movement is None and not part.asks
    if bank_refunds.goes_to_a_bank(said, part) and not (said.came_back or never_left):
        bank_refunds.note(session, part, said, at)
        return
    part.provider_id = said.id
    if said.status in FAILED:
        _take_back(session, part, said, at)
    elif said.movement and part.settled_at is None:
        _note_left(session, part, said, said.movement, at)
    elif part.state in ("promised", "uncertain"):
        part.state = "sent"


def _note_left(session: Session, part: RefundPart, said: ProviderRefund, movement: BalanceMovement, at: datetime) -> None:
    if said.status != "succeeded":
        refund_books.leave(session, part, movement, at=at)
        part.state = "sent"
        return
    refund_books.arrive(session, part, movement, at=at)
    part.state, part.settled_at = "settled", at
    _record(session, EventName.BRIEF_REFUND_SETTLED, part, STRIPE, at)


def _take_back(session: Session, part: RefundPart, said: ProviderRefund, at: datetime) -> None:
    """The refund has failed: what it took from our balance came back, and finance pays it by hand."""
    if said.movement and said.came_back:
        refund_books.come_back(session, part, said.movement, said.came_back, at=at)
    if part.state != "by_hand":
        _ask_finance(session, part, _("The payment provider could not refund it: {status}.", status=said.status), at)


def confirm_refund_by_hand(session: Session, campaign_id: UUID, part_id: UUID, reference: str, *, by: Actor, at: datetime) -> RefundPart:
    """Confirm that finance has sent this part of a refund, under `reference`: from our bank account, or in Stripe what is stuck there."""
    part = _find_to_see_to(session, campaign_id, part_id, by)
    if part.state not in OPEN_BY_HAND:
        raise NotByHand(_("This refund goes through the payment provider or has been settled."))
    if not reference.strip():
        raise Invalid(_("Enter the transfer's reference from the bank statement."), field="reference")
    is_stuck = part.state == "stuck"
    if is_stuck:
        refund_books.arrive(session, part, None, at=at)
    else:
        refund_books.send_from_bank(session, part, at=at)
    part.state, part.reference, part.settled_by, part.settled_at = "settled", reference.strip(), by.person, at
    part.sent_from_stripe = is_stuck
    _record(session, EventName.BRIEF_REFUND_SETTLED, part, by, at)
    return part


def send_on_again(session: Session, campaign_id: UUID, part_id: UUID, *, by: Actor, at: datetime) -> RefundPart:
    """Have Stripe send on once more what lies on the brand's cash balance there, and what it refused to send on."""
    part = _find_to_see_to(session, campaign_id, part_id, by)
    if part.state != "stuck":
        raise NotStuck(_("Stripe is sending this refund on, or it has been settled."))
    bank_refunds.enqueue_to_send_on(session, part, at)
    _record(session, EventName.BRIEF_REFUND_TRIED_AGAIN, part, by, at)
    return part


def _find_to_see_to(session: Session, campaign_id: UUID, part_id: UUID, by: Actor) -> RefundPart:
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.CONFIRM_RECEIPT, on=campaign)
    return find_part(session, campaign.id, part_id)


def find_part(session: Session, campaign_id: UUID, part_id: UUID) -> RefundPart:
    """The part of one of the campaign's refunds, as it is now; raises NoSuchRefund."""
    part = session.get(RefundPart, part_id, populate_existing=True)
    if part is None or part.campaign_id != campaign_id:
        raise NoSuchRefund(_("The campaign has no such refund."))
    return part


def tell_uncertain(session: Session, part: RefundPart, at: datetime) -> None:
    _record(session, EventName.BRIEF_REFUND_UNCERTAIN, part, SYSTEM, at)


def _record(session: Session, name: EventName, part: RefundPart, by: Actor, at: datetime, reason: str | None = None) -> None:
    about: dict[str, Any] = {"part": str(part.id), "amount": part.amount, "currency": part.currency}
    events.record(session, name, by=by, at=at, campaign_id=part.campaign_id, reason=reason, **about)

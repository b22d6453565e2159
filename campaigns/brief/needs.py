"""What of a brief's money waits for finance: transfers to confirm, refunds, invoices, disputes."""

from collections.abc import Iterator
from datetime import UTC, datetime

from babel.dates import format_datetime
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from campaigns.brief.disputes.queries import unanswered, warned
from campaigns.brief.models import Invoice, Receipt, Refund, RefundPart
from campaigns.brief.refunds import OPEN_BY_HAND
from campaigns.core.campaign import Campaign
from campaigns.core.money import format_money
from campaigns.core.needs import Need
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _, current_locale, n_

MOST_DISPUTES = 20


def needs_of(session: Session, by: Actor, _at: datetime) -> Iterator[Need]:
    """Transfers that another person recorded, refunds and invoices that need a look, and disputes."""
    if by.may(Permission.CONFIRM_RECEIPT):
        yield from _receipts(session, by)
        yield from _refunds(session)
        yield from _invoices(session)
    if by.may(Permission.ANSWER_DISPUTE):
        yield from _disputes(session)


def _receipts(session: Session, by: Actor) -> Iterator[Need]:
    query = (
        select(Campaign, func.count(), func.min(Receipt.recorded_at))
        .join(Receipt, Receipt.campaign_id == Campaign.id)
        .where(Receipt.confirmed_at.is_(None), Receipt.recorded_by != by.person)
        .group_by(Campaign.id)
    )
    for campaign, count, since in session.execute(query):
        message = n_("{count} transfer needs a second person.", "{count} transfers need a second person.", count)
        yield Need("receipts", message, f"/campaigns/{campaign.id}/funding", since, campaign=campaign)


def _refunds(session: Session) -> Iterator[Need]:
    """Refunds that Stripe does not send, or has not answered about."""
    query = select(Campaign, RefundPart.state, func.count(), func.min(Refund.promised_at))
    query = query.join(RefundPart, RefundPart.campaign_id == Campaign.id)
    query = query.join(Refund, Refund.id == RefundPart.refund_id).where(RefundPart.state.in_(OPEN_BY_HAND))
    for campaign, state, count, since in session.execute(query.group_by(Campaign.id, RefundPart.state).order_by(Campaign.id)):
        by_hand = n_("{count} refund needs a bank transfer.", "{count} refunds need a bank transfer.", count)
        unknown = n_(
            "Stripe did not say whether it sent {count} refund: check there.",
            "Stripe did not say whether it sent {count} refunds: check there.", count,
        )  # fmt: skip
        stuck = n_(
            "{count} refund is on the brand's balance at Stripe, and Stripe does not send it on: see to it.",
            "{count} refunds are on the brand's balance at Stripe, and Stripe does not send them on: see to them.", count,
        )  # fmt: skip
        message = {"by_hand": by_hand, "uncertain": unknown, "stuck": stuck}[state]
        yield Need(f"refund_{state}", message, f"/campaigns/{campaign.id}/funding#refunds", since, campaign=campaign)


def _invoices(session: Session) -> Iterator[Need]:
    """Invoices that Stripe has not answered about, or refuses to take back."""
    refused = and_(Invoice.refusal.is_not(None), Invoice.state.in_(("open", "void")))
    query = select(Campaign, refused, func.count(), func.min(Invoice.asked_at)).join(Invoice, Invoice.campaign_id == Campaign.id)
    query = query.where(or_(refused, Invoice.state == "uncertain")).group_by(Campaign.id, refused).order_by(Campaign.id)
    for campaign, is_refused, count, since in session.execute(query):
        still = n_(
            "{count} withdrawn invoice can still be paid: void it in Stripe.",
            "{count} withdrawn invoices can still be paid: void them in Stripe.", count,
        )  # fmt: skip
        unknown = n_(
            "Stripe did not say whether it sent {count} invoice: check there.",
            "Stripe did not say whether it sent {count} invoices: check there.", count,
        )  # fmt: skip
        code, message = ("invoice_still_payable", still) if is_refused else ("invoice_uncertain", unknown)
        yield Need(code, message, f"/campaigns/{campaign.id}/funding#invoices", since, campaign=campaign)


def _disputes(session: Session) -> Iterator[Need]:
    """Disputes whose bank waits for an answer, the first due first, and payments that a bank warns of."""
    for dispute in session.scalars(unanswered().limit(MOST_DISPUTES)):
        amount = format_money(dispute.amount, dispute.currency, current_locale())
        by_day = format_datetime(dispute.due_by, "long", tzinfo=UTC, locale=current_locale()) if dispute.due_by else None
        asked = _("Submit evidence by {day}: a bank disputes a payment of {amount}.", day=by_day, amount=amount)
        message = asked if by_day else _("A bank disputes a payment of {amount} and accepts no answer.", amount=amount)
        yield Need("dispute", message, f"/disputes/{dispute.id}", dispute.opened_at, dispute.due_by)
    count, since = warned(session)
    if count:
        message = n_(
            "A bank warns that {count} payment may be fraud: ask the brand.",
            "Banks warn that {count} payments may be fraud: ask the brands.", count,
        )  # fmt: skip
        yield Need("fraud_warning", message, "/disputes", since)

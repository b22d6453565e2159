"""What a dispute moves, in the books: taken, come back, and lost to the brand's debt.

Stripe's fee for it is our own cost, whoever wins: the agreement with the brand says nothing of it, and what is not agreed is not charged.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.disputes.models import Dispute
from campaigns.brief.refunds import enqueue_refund
from campaigns.core.campaign import Campaign
from campaigns.core.words import _
from campaigns.ledger.accounts import SYSTEM_OWNER, Account, Entry, dispute_losses, disputed, unrecovered
from campaigns.ledger.actions import hold_ledger, post
from campaigns.ledger.queries import balance
from campaigns.payments.actions import book_movement
from campaigns.payments.conversions import presented_of
from campaigns.payments.gateway import BalanceMovement


def book(session: Session, dispute: Dispute, movement: BalanceMovement, *, at: datetime) -> None:
    """A movement that the dispute brought, once, with its fee."""
    kind = "brief.dispute_withdrawn" if movement.amount < 0 else "brief.dispute_reinstated"
    book_movement(session, movement, {_undecided(dispute, movement.presented_in): movement.presented}, kind=kind, at=at)


def _undecided(dispute: Dispute, currency: str) -> Account:
    """Where what the bank has taken stands until it is decided; of a payment that is nobody's, under the system."""
    return disputed(dispute.campaign_id or SYSTEM_OWNER, currency)


def settle(session: Session, dispute: Dispute, *, at: datetime) -> None:
    """Once it is closed, what the bank took and did not give back is the brand's debt; should the bank think better of it, no more.

    However it is closed: the money may be gone of an inquiry, or of what was prevented, too. Of what is won it is on its way back.
    What was kept back for it, of a campaign that has ended, goes its way once it is decided: to the brand, or against its debt.
    """
    taken, currency = _taken(session, dispute)
    owed = taken if dispute.closed_at is not None and dispute.status != "won" else 0
    if owed != dispute.lost:
        hold_ledger(session)
        entries = _to_debt(dispute, currency, owed - dispute.lost) if owed > dispute.lost else _from_debt(session, dispute, currency, owed)
        dispute.turns += 1
        post(session, f"brief.dispute_{'lost' if owed else 'found'}", f"dispute:{dispute.id}:{dispute.turns}", entries, at=at)
        dispute.lost = owed
    if dispute.closed_at is not None and dispute.kept_back:
        _let_go(session, dispute, at)


def _taken(session: Session, dispute: Dispute) -> tuple[int, str]:
    """What the bank has taken for this dispute and not given back, in the currency in which it was paid."""
    moved = presented_of(session, dispute.provider_id)
    currency = moved[0].currency if moved else dispute.currency
    return max(0, -sum(each.amount for each in moved if each.currency == currency)), currency


def _to_debt(dispute: Dispute, currency: str, amount: int) -> list[Entry]:
    return [Entry(_debt(dispute, currency), _undecided(dispute, currency), amount)]


def _from_debt(session: Session, dispute: Dispute, currency: str, owed: int) -> list[Entry]:
    """Back again: what the brand has paid anew meanwhile, or we have borne, makes good what we bore."""
    undecided, debt, amount = _undecided(dispute, currency), _debt(dispute, currency), dispute.lost - owed
    left = min(amount, balance(session, debt)) if dispute.campaign_id else 0
    ways = ((debt, left), (dispute_losses(currency), amount - left))
    return [Entry(undecided, back, part) for back, part in ways if part]


def _debt(dispute: Dispute, currency: str) -> Account:
    return unrecovered(dispute.campaign_id, currency) if dispute.campaign_id else dispute_losses(currency)


def take_over(session: Session, dispute: Dispute, campaign_id: UUID, payment_id: UUID, *, at: datetime) -> None:
    """It has become known whose payment it is: what stood under the system stands under the campaign."""
    taken, currency = _taken(session, dispute)
    taken -= dispute.lost
    before = _undecided(dispute, currency)
    dispute.campaign_id, dispute.payment_id = campaign_id, payment_id
    entries = [Entry(_undecided(dispute, currency), before, taken)] if taken > 0 else []
    entries += [Entry(_debt(dispute, currency), dispute_losses(currency), dispute.lost)] if dispute.lost else []
    if entries:
        post(session, "brief.dispute_assigned", f"dispute:{dispute.id}:assigned", entries, at=at)


def _let_go(session: Session, dispute: Dispute, at: datetime) -> None:
    campaign = session.get_one(Campaign, dispute.campaign_id)
    kept, dispute.kept_back = dispute.kept_back, 0
    reason = _("It was held back until the bank had decided on a payment.")
    enqueue_refund(session, campaign, kept, reason, key=f"dispute:{dispute.id}", at=at)


def keep_back(session: Session, campaign_id: UUID, rest: int) -> int:
    """Note with the undecided disputes of a campaign that has ended what of its `rest` they may yet take; returns how much that is."""
    undecided = select(Dispute).where(Dispute.campaign_id == campaign_id, Dispute.closed_at.is_(None)).order_by(Dispute.id)
    kept = 0
    for dispute in session.scalars(undecided.with_for_update()).all():
        part = max(0, min(_taken(session, dispute)[0] - dispute.kept_back, rest - kept))
        dispute.kept_back += part
        kept += part
    return kept

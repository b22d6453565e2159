"""What payout does when the campaign moves: a visit begins, a pause ends, everything is done."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.brief.disputes.books import keep_back
from campaigns.brief.funding.actions import withdraw_open_invoices
from campaigns.brief.models import Brief
from campaigns.brief.refunds import enqueue_refund
from campaigns.client_delivery.queries import approved_version
from campaigns.core.campaign import Campaign, Deliverable, Pause
from campaigns.core.people import SYSTEM
from campaigns.core.words import _
from campaigns.ledger.accounts import held
from campaigns.ledger.actions import hold_ledger
from campaigns.ledger.queries import balance
from campaigns.payout.models import Assessment, Proposal, ProposalState


def enter(session: Session, deliverable: Deliverable, *, at: datetime) -> None:
    """Begin the visit's assessment, of the version that the brand approved."""
    if version := approved_version(session, deliverable.id):
        session.add(Assessment(deliverable_id=deliverable.id, visit=deliverable.visit, version_id=version.id, opened_at=at))
        session.flush()


def shift_dates(session: Session, campaign: Campaign, pause: Pause) -> None:
    """Move every window for comments that was open on by the pause; one that opened in it did so at its beginning."""
    mine = select(Deliverable.id).where(Deliverable.campaign_id == campaign.id)
    open_then = (Proposal.state == ProposalState.OPEN, Proposal.closes_at > pause.began)
    session.execute(
        update(Proposal).where(Proposal.deliverable_id.in_(mine), *open_then).values(closes_at=Proposal.closes_at + pause.length)
    )


def give_back_reserve(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Enqueue a refund to the brand of the reserve and whatever else is still held: every proposal is posted."""
    give_back(session, campaign, _("The campaign is done. The remaining reserve is refunded."), key=f"done:{campaign.id}", at=at)


def give_back(session: Session, campaign: Campaign, reason: str, *, key: str, at: datetime, kept: int = 0) -> None:
    """Enqueue a refund of what is held for the campaign beyond `kept`, for `reason`, and take back what its brand is still billed for.

    Once a key. What a bank may yet take for itself is kept back until it has decided.
    """
    hold_ledger(session)
    left = balance(session, held(campaign.id, session.get_one(Brief, campaign.id).currency)) - kept
    left -= keep_back(session, campaign.id, left) if left > 0 else 0
    if left > 0:
        enqueue_refund(session, campaign, left, reason, key=key, at=at)
    withdraw_open_invoices(session, campaign, by=SYSTEM, at=at)

"""A campaign cancelled as people cancel it, and its kill fees carried to their end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.administration import cancellations
from campaigns.core.campaign import Campaign, deliverables_of, find_campaign
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Role
from campaigns.payout.finalizations.actions import finalize, post_final
from campaigns.payout.kill_fees.actions import settle
from campaigns.payout.kill_fees.queries import kill_fees_due, kill_fees_final
from campaigns.payout.models import Proposal, ProposalState
from campaigns.payout.proposals.actions import WINDOW, draft, gather_due, open_proposal
from tests.factories import someone

MANY = 1_000


def call_off(session: Session, campaign_id: UUID, reason: str, *, by: Actor, at: datetime) -> Campaign:
    """One person asks, and where money has come another, who is in finance, looks at what it does and confirms it."""
    campaign = cancellations.cancel(session, campaign_id, reason, by=by, at=at)
    return campaign if campaign.cancelled_at else confirm(session, campaign_id, someone(session, Role.FINANCE, "Fin"), at=at)


def confirm(session: Session, campaign_id: UUID, by: Actor, *, at: datetime) -> Campaign:
    """This person looks at what it does and confirms it."""
    seen = cancellations.preview(session, campaign_id, by=by).hash
    return cancellations.confirm_cancel(session, campaign_id, seen, by=by, at=at)


def settle_what_is_due(session: Session, *, at: datetime) -> None:
    """What the sweep does for cancelled campaigns, but for the transactions around it."""
    for deliverable_id in kill_fees_due(session, MANY):
        if gathered := gather_due(session, deliverable_id):
            open_proposal(session, deliverable_id, draft(*gathered), at=at)
    for campaign_id, proposal_id in kill_fees_final(session, MANY):
        post_final(session, proposal_id, at=at)
        settle(session, find_campaign(session, campaign_id, by=SYSTEM, lock=True), at=at)


def kill_fee_proposals(session: Session, campaign_id: UUID) -> list[Proposal]:
    """The kill fees' proposals that stand, in the order of the deliverables."""
    found = select(Proposal).where(Proposal.is_kill_fee, Proposal.state.in_((ProposalState.OPEN, ProposalState.FINAL)))
    standing = {proposal.deliverable_id: proposal for proposal in session.scalars(found)}
    return [standing[deliverable.id] for deliverable in deliverables_of(session, campaign_id) if deliverable.id in standing]


def paid_out(session: Session, campaign_id: UUID, *, at: datetime) -> None:
    """The kill fees of the cancelled campaign, through their proposals to the makers' accounts, two weeks later."""
    settle_what_is_due(session, at=at)
    for proposal in kill_fee_proposals(session, campaign_id):
        for who in (someone(session, Role.FINANCE, "Fay"), someone(session, Role.FINANCE, "Flo")):
            finalize(session, proposal.id, by=who, at=at + WINDOW)
    settle_what_is_due(session, at=at + WINDOW)

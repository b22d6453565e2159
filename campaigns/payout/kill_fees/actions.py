"""What a cancelled campaign owes by its brief: kill fees, held back until their own proposals are final, and the platform's part."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from campaigns.brief.queries import WrittenBrief
from campaigns.core import events
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM
from campaigns.core.words import _
from campaigns.ledger.accounts import Entry, fee_income, held
from campaigns.ledger.actions import post
from campaigns.payout.actions import give_back
from campaigns.payout.errors import PaymentBeingSent
from campaigns.payout.kill_fees.queries import Owed, from_reserve
from campaigns.payout.models import Assessment, KillFee, Points, Proposal, ProposalLine, ProposalState
from campaigns.payout.runs.models import Payout


def require_nothing_being_sent(session: Session, campaign: Campaign) -> None:
    """Raise PaymentBeingSent while a payment to someone of the campaign is on its way."""
    on_its_way = (
        exists()
        .where(Payout.state.in_(("sending", "unknown")), Payout.person_id == ProposalLine.person_id)
        .where(ProposalLine.proposal_id == Proposal.id, Proposal.posted_at.is_not(None))
        .where(Proposal.deliverable_id == Deliverable.id, Deliverable.campaign_id == campaign.id)
    )
    if session.scalar(select(on_its_way)):
        raise PaymentBeingSent(_("A payment to someone in this campaign is being sent. Cancel the campaign once it has arrived."))


def close_proposals(session: Session, campaign: Campaign) -> None:
    """Close every proposal of the campaign that is still open: it is not finished, and nothing is posted from it any more."""
    mine = select(Deliverable.id).where(Deliverable.campaign_id == campaign.id)
    of_campaign = (Proposal.deliverable_id.in_(mine), Proposal.state == ProposalState.OPEN)
    session.execute(update(Proposal).where(*of_campaign).values(state=ProposalState.CLOSED))
    session.execute(update(Assessment).where(Assessment.deliverable_id.in_(mine)).values(due_since=None, due_because=None))


def owe(session: Session, written: WrittenBrief, owed: Sequence[Owed], *, asked_by: UUID, at: datetime) -> int:
    """Note the kill fees of deliverables that have just been cancelled, and have a proposal computed for each; returns their sum.

    Each contribution counts one point: what was assessed and never final decides nothing.
    """
    paying = [fee for fee in owed if fee.amount]
    for fee, covered in zip(paying, from_reserve([fee.amount for fee in paying], written.budget.reserve), strict=True):
        _note(session, written, fee, covered, asked_by, at)
    session.flush()
    return sum(fee.amount for fee in paying)


def earn_fee(session: Session, written: WrittenBrief, owed: Sequence[Owed], *, at: datetime) -> int:
    """Post what the brief lets the platform keep of its fee for the cancelled deliverables, in one journal; returns how much."""
    ours, income = held(written.campaign.id, written.brief.currency), fee_income(written.brief.currency)
    entries = [Entry(ours, income, each.fee, ref=each.deliverable.id) for each in owed if each.fee]
    if entries:
        post(session, "payout.cancellation_fee", f"cancellation_fee:{written.campaign.id}", entries, at=at)
    return sum(entry.amount for entry in entries)


def give_back_rest(session: Session, campaign: Campaign, kept: int, *, at: datetime) -> None:
    """Enqueue a refund to the brand of all that is held but `kept`, which kill fees may need."""
    reason = _("The campaign is canceled. Money it does not owe is refunded.")
    give_back(session, campaign, reason, key=f"cancelled:{campaign.id}", kept=kept, at=at)


def settle(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """Close the books of a cancelled campaign once every kill fee is posted: what is still held goes back. Whether it is settled now."""
    if campaign.cancelled_at is None or campaign.settled_at is not None or session.scalar(select(exists().where(*_unpaid(campaign)))):
        return False
    reason = _("All kill fees of the canceled campaign are settled. The remaining money is refunded.")
    give_back(session, campaign, reason, key=f"settled:{campaign.id}", at=at)
    campaign.settled_at = at
    events.record(session, EventName.PAYOUT_CANCELLATION_SETTLED, by=SYSTEM, at=at, campaign_id=campaign.id)
    return True


def _unpaid(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    posted = exists().where(Proposal.deliverable_id == KillFee.deliverable_id, Proposal.is_kill_fee, Proposal.posted_at.is_not(None))
    return (KillFee.campaign_id == campaign.id, KillFee.inputs_hash.is_(None), ~posted)


def _note(session: Session, written: WrittenBrief, owed: Owed, covered: int, asked_by: UUID, at: datetime) -> None:
    deliverable = owed.deliverable
    session.add(
        KillFee(
            deliverable_id=deliverable.id, campaign_id=written.campaign.id, price=owed.price, bps=owed.bps, amount=owed.amount,
            from_reserve=covered, currency=written.brief.currency, owed_at=at,
        )
    )  # fmt: skip
    session.add(
        Assessment(
            deliverable_id=deliverable.id, visit=deliverable.visit, version_id=owed.version_id, is_kill_fee=True, opened_at=at,
            assessed_by=asked_by, assessed_at=at, due_since=at, due_because=_("The campaign was canceled."),
        )
    )  # fmt: skip
    session.flush()
    reason = _("A kill fee counts every contribution equally.")
    session.add_all(
        Points(deliverable_id=deliverable.id, visit=deliverable.visit, contribution_id=contribution, points=1, reason=reason)
        for contribution in owed.contributions
    )

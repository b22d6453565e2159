"""Comments on a proposal, by any contributor, and their public answers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Campaign
from campaigns.core.errors import ReasonMissing
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payout.assessing import ask_for_proposal, require_not_final
from campaigns.payout.errors import (
    AlreadyAnswered,
    CommentIncomplete,
    NoSuchLine,
    NotAContributor,
    OwnComment,
    ProposalClosed,
    ProposalSuperseded,
    WindowClosed,
)
from campaigns.payout.models import Comment, Disposition, Proposal, ProposalLine, ProposalState
from campaigns.payout.queries import find_comment, find_proposal, is_contributor, moment, present_assessment


def comment(session: Session, proposal_id: UUID, about: UUID | None, claim: str, evidence: str, *, by: Actor, at: datetime) -> Comment:
    """Say what is wrong with someone's line, or with someone having none (`about` None), and how one can see it."""
    proposal, campaign, deliverable = find_proposal(session, proposal_id, by=by, lock=True)
    by.require(Permission.COMMENT, on=deliverable)
    if not is_contributor(session, campaign.id, by.person):
        raise NotAContributor(_("Only contributors to the campaign can comment."))
    _require_open(proposal, campaign, at)
    if about is not None and session.get(ProposalLine, (proposal.id, about)) is None:
        raise NoSuchLine(_("This person has no share in the proposal. Choose “left out” instead."), field="about")
    for field, words in (("claim", claim), ("evidence", evidence)):
        if not words.strip():
            raise CommentIncomplete(_("Say what is wrong, and give evidence."), field=field)
    made = Comment(
        proposal_id=proposal.id, person_id=by.person, about_id=about, claim=claim.strip(), evidence=evidence.strip(), made_at=at
    )  # fmt: skip
    session.add(made)
    session.flush()
    events.record(
        session, EventName.PAYOUT_COMMENTED, by=by, at=at, campaign_id=campaign.id, deliverable_id=deliverable.id,
        proposal=str(proposal.id), comment=str(made.id), is_left_out=about is None,
    )  # fmt: skip
    return made


def _require_open(proposal: Proposal, campaign: Campaign, at: datetime) -> None:
    if proposal.state is ProposalState.SUPERSEDED:
        raise ProposalSuperseded(_("There is a newer version of this proposal. Check whether your comment still applies."))
    if proposal.state is ProposalState.CLOSED:
        raise ProposalClosed.with_(campaign)
    if moment(campaign, at) >= proposal.closes_at or proposal.state is ProposalState.FINAL or not campaign.is_unsettled:
        raise WindowClosed(_("The time for comments ended on {end:%d %B %Y, %H:%M %Z}.", end=proposal.closes_at))


def dispose(session: Session, comment_id: UUID, disposition: Disposition, reason: str, *, by: Actor, at: datetime) -> Comment:
    """Answer a comment, in public: once. One that is accepted, or changed something, has the proposal computed anew."""
    answered, proposal, _campaign, deliverable = find_comment(session, comment_id, by=by, lock=True)
    by.require(Permission.DISPOSE, on=deliverable)
    reason = reason.strip()
    if (answered.disposition, answered.reason) == (disposition, reason):
        return answered
    if answered.disposition is not None:
        raise AlreadyAnswered(_("This comment has already been answered."))
    if answered.person_id == by.person:
        raise OwnComment(_("You wrote this comment, so someone else must answer it."))
    if not reason:
        raise ReasonMissing(_("Give a reason. Everyone in the campaign can read it."), field="reason")
    require_not_final(session, proposal.deliverable_id)
    answered.disposition, answered.reason, answered.disposed_by, answered.disposed_at = disposition, reason, by.person, at
    assessment = present_assessment(session, deliverable)
    if disposition is not Disposition.DECLINED and assessment is not None:
        ask_for_proposal(assessment, reason, at=at)
    session.flush()
    events.record(
        session, EventName.PAYOUT_COMMENT_ANSWERED, by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        reason=reason,
        proposal=str(proposal.id), comment=str(answered.id), disposition=disposition.value,
    )  # fmt: skip
    return answered

"""What is done with a proposal: computed and opened, commented on, each comment answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.errors import ReasonMissing
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payout.assessments.actions import ask_for_proposal, open_assessment, require_not_final
from campaigns.payout.assessments.queries import present_assessment
from campaigns.payout.errors import (
    AlreadyAnswered,
    CommentIncomplete,
    NoSuchLine,
    NotAContributor,
    NotAssessed,
    NothingChanged,
    OwnComment,
    ProposalClosed,
    ProposalSuperseded,
    WindowClosed,
)
from campaigns.payout.models import Assessment, Comment, Disposition, Proposal, ProposalLine, ProposalState
from campaigns.payout.proposals.inputs import Gathered, gather_assessed
from campaigns.payout.proposals.queries import find_comment, find_proposal
from campaigns.payout.queries import is_contributor, moment, standing_proposal
from campaigns.payout.split import Split, inputs_hash, split, to_canonical

WINDOW = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Draft:
    """A split of what was known when it was gathered, as it was due since `due_since`."""

    due_since: datetime
    gathered: Gathered
    split: Split


def propose_again(session: Session, deliverable_id: UUID, reason: str, *, by: Actor, at: datetime) -> Assessment:
    """Have a new version computed, because lineage, weights, wrappers or points have changed since the newest; raises NothingChanged."""
    deliverable, assessment = open_assessment(session, deliverable_id, Permission.PROPOSE, by=by)
    newest = standing_proposal(session, deliverable.id)
    if newest is None:
        raise NotAssessed(_("Assign the points first. The proposal is calculated from them."))
    if assessment.due_since is None and newest.inputs_hash == present_hash(session, deliverable, assessment):
        raise NothingChanged(_("Nothing has changed since version {number} was calculated.", number=newest.number))
    because = reason.strip() or _("Lineage or points have changed.")
    if assessment.due_since is not None and assessment.due_because == because:
        return assessment
    ask_for_proposal(assessment, because, at=at)
    session.flush()
    events.record(
        session,
        EventName.PAYOUT_PROPOSAL_ASKED,
        by=by,
        at=at,
        campaign_id=deliverable.campaign_id,
        deliverable_id=deliverable.id,
        reason=reason or None,
    )
    return assessment


def present_hash(session: Session, deliverable: Deliverable, assessment: Assessment) -> str:
    """The hash that a proposal would have if it were computed now."""
    return inputs_hash(gather_assessed(session, deliverable, assessment).inputs)


def is_due(session: Session, deliverable_id: UUID) -> bool:
    """Whether a proposal of the deliverable is to be computed."""
    assessment = present_assessment(session, session.get_one(Deliverable, deliverable_id))
    return assessment is not None and assessment.due_since is not None


def gather_due(session: Session, deliverable_id: UUID) -> tuple[datetime, Gathered] | None:
    """What the proposal that is due is to be computed from, and since when it is due; None when none is."""
    deliverable = session.get_one(Deliverable, deliverable_id)
    assessment = present_assessment(session, deliverable)
    if assessment is None or assessment.due_since is None:
        return None
    return assessment.due_since, gather_assessed(session, deliverable, assessment)


def draft(due_since: datetime, gathered: Gathered) -> Draft:
    """The split itself, which needs no database."""
    return Draft(due_since, gathered, split(gathered.inputs))


def open_proposal(session: Session, deliverable_id: UUID, drafted: Draft, *, at: datetime) -> Proposal | None:
    """Open the draft as the next version, unless something newer was asked for meanwhile; the same inputs again open nothing new.

    A change that lowers someone restarts the 14 days; any other leaves the window as it is.
    """
    deliverable = session.get_one(Deliverable, deliverable_id)
    assessment = present_assessment(session, deliverable)
    if assessment is None or assessment.due_since != drafted.due_since:
        return None
    # While the campaign is paused its clocks stand still: the end of the pause moves the close on by all of it.
    closes_at = moment(session.get_one(Campaign, deliverable.campaign_id), at) + WINDOW
    newest = standing_proposal(session, deliverable_id)
    next_ = _version_of(assessment, drafted, _last_number(session, deliverable_id) + 1, closes_at, at)
    assessment.due_since = assessment.due_because = None
    if newest is not None and (newest.inputs_hash == next_.inputs_hash or newest.state is ProposalState.FINAL):
        return newest
    restarts = newest is None or lowers(_amounts(session, newest.id), amounts_of(drafted.split))
    if newest is not None:
        _supersede(session, newest, next_, restarts)
    session.add(next_)
    session.flush()
    if rows := _lines(next_.id, drafted.split):
        session.execute(insert(ProposalLine), rows)
    _record(session, deliverable, next_, drafted.split, restarts, at)
    return next_


def _last_number(session: Session, deliverable_id: UUID) -> int:
    """The number of the deliverable's newest version, whatever became of it; 0 before the first."""
    return session.scalar(select(func.max(Proposal.number)).where(Proposal.deliverable_id == deliverable_id)) or 0


def _version_of(assessment: Assessment, drafted: Draft, number: int, closes_at: datetime, at: datetime) -> Proposal:
    inputs = drafted.gathered.inputs
    return Proposal(
        deliverable_id=assessment.deliverable_id, visit=assessment.visit, number=number,
        is_kill_fee=assessment.is_kill_fee, pool=inputs.pool,
        currency=inputs.currency, inputs=to_canonical(inputs), edges=drafted.gathered.edges, inputs_hash=inputs_hash(inputs),
        lineage_sha256=drafted.gathered.lineage_sha256, because=assessment.due_because, opened_at=at, closes_at=closes_at,
        state=ProposalState.OPEN,
    )  # fmt: skip


def _supersede(session: Session, newest: Proposal, next_: Proposal, restarts: bool) -> None:
    newest.state = ProposalState.SUPERSEDED
    if not restarts:
        next_.closes_at = newest.closes_at
    session.flush()


def lowers(before: Mapping[UUID, int], now: Mapping[UUID, int]) -> bool:
    """Whether someone gets less than before."""
    return any(now.get(person, 0) < amount for person, amount in before.items())


def amounts_of(divided: Split) -> dict[UUID, int]:
    """Each person's amount."""
    return {UUID(line.person): line.amount for line in divided.lines}


def _amounts(session: Session, proposal_id: UUID) -> dict[UUID, int]:
    return dict(session.execute(select(ProposalLine.person_id, ProposalLine.amount).where(ProposalLine.proposal_id == proposal_id)).all())


def _lines(proposal_id: UUID, divided: Split) -> list[dict[str, object]]:
    """Everyone with a credit; staff with the credit that they gave up."""
    paid = [(line.person, line.amount, line.credit, line.before_staff, False) for line in divided.lines]
    staff = [(line.person, 0, line.credit, line.credit, True) for line in divided.staff]
    names = ("person_id", "amount", "credit", "before_staff", "is_staff")
    return [{"proposal_id": proposal_id, **dict(zip(names, (UUID(row[0]), *row[1:]), strict=True))} for row in (*paid, *staff)]


def _record(session: Session, deliverable: Deliverable, proposal: Proposal, divided: Split, restarts: bool, at: datetime) -> None:
    events.record(
        session, EventName.PAYOUT_PROPOSED, by=SYSTEM, at=at,
        campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id, reason=proposal.because,
        proposal=str(proposal.id), number=proposal.number, inputs_hash=proposal.inputs_hash, lines=len(divided.lines),
        staff=len(divided.staff), closes_at=proposal.closes_at.isoformat(), restarts=restarts,
    )  # fmt: skip


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

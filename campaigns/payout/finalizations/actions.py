"""The end of a proposal: two people who gain nothing from it say that it is final, and its amounts are posted in one journal."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.budgets import fee_shares
from campaigns.brief.queries import written_brief
from campaigns.brief.signatures.rules import agreed_to_few
from campaigns.core import events
from campaigns.core.appointing.rules import require_second_person
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.errors import Refusal
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import GRANTS, Permission
from campaigns.core.role_grants import still_holding
from campaigns.core.words import _, n_
from campaigns.ledger.accounts import Entry, fee_income, held, payee
from campaigns.ledger.actions import post
from campaigns.payout.assessments.queries import present_assessment
from campaigns.payout.errors import (
    AlreadyFinal,
    BeingComputed,
    CommentsUnanswered,
    GainsFromIt,
    InputsChanged,
    NobodyToPay,
    NotInPayout,
    OwnProposal,
    ProposalClosed,
    ProposalSuperseded,
    WindowOpen,
)
from campaigns.payout.models import Finalization, Proposal, ProposalLine, ProposalState
from campaigns.payout.proposals.actions import present_hash
from campaigns.payout.proposals.queries import finalized_by, find_proposal, unanswered
from campaigns.payout.proposals.rules import require_confirmed, require_credited
from campaigns.payout.queries import moment
from campaigns.payout.rules import FINALIZERS


def finalize(session: Session, proposal_id: UUID, *, by: Actor, at: datetime) -> Proposal:
    """Say that the proposal is final; with the second person's word it is. The same person's word counts once."""
    proposal, campaign, deliverable = find_proposal(session, proposal_id, by=by, lock=True)
    by.require(Permission.FINALIZE, on=deliverable)
    if by.person in finalized_by(session, proposal.id):
        return proposal
    _require_final(session, proposal, campaign, deliverable, by, at)
    is_final = len(_words(session, proposal, deliverable)) + 1 >= FINALIZERS
    session.add(Finalization(proposal_id=proposal.id, person_id=by.person, at=at))
    if is_final:
        proposal.state, proposal.final_at = ProposalState.FINAL, at
    session.flush()
    events.record(
        session, EventName.PAYOUT_FINALIZED, by=by, at=at, campaign_id=campaign.id, deliverable_id=deliverable.id,
        proposal=str(proposal.id), number=proposal.number, inputs_hash=proposal.inputs_hash, is_final=is_final,
    )  # fmt: skip
    return proposal


def _words(session: Session, proposal: Proposal, deliverable: Deliverable) -> set[UUID]:
    """Whose words count: those who still hold a role that gives them a say."""
    return still_holding(session, finalized_by(session, proposal.id), GRANTS[Permission.FINALIZE], deliverable.scope)


def why_not_final(session: Session, proposal_id: UUID, *, by: Actor, at: datetime) -> Refusal | None:
    """What would now refuse the actor's word that the proposal is final; None when nothing would."""
    proposal, campaign, deliverable = find_proposal(session, proposal_id, by=by)
    try:
        _require_final(session, proposal, campaign, deliverable, by, at)
    except Refusal as refusal:
        return refusal
    return None


def _require_final(session: Session, proposal: Proposal, campaign: Campaign, deliverable: Deliverable, by: Actor, at: datetime) -> None:
    _require_ready(session, proposal, campaign, at)
    _require_disinterested(session, proposal, by)
    _require_present(session, proposal, deliverable, by)
    _require_two(session, proposal, deliverable, by)


def _require_two(session: Session, proposal: Proposal, deliverable: Deliverable, by: Actor) -> None:
    """Whoever assessed the points, or asked for the cancellation, and the two whose word makes it final are three independent people."""
    assessment = present_assessment(session, deliverable)
    others = {*_words(session, proposal, deliverable), assessment.assessed_by if assessment else None}
    require_second_person(session, others, by=by, few=agreed_to_few(session, deliverable.campaign_id))


def _require_ready(session: Session, proposal: Proposal, campaign: Campaign, at: datetime) -> None:
    if proposal.state is ProposalState.SUPERSEDED:
        raise ProposalSuperseded(_("There is a newer version of this proposal."))
    if proposal.state is ProposalState.FINAL:
        raise AlreadyFinal(_("The proposal is already final."))
    if proposal.state is ProposalState.CLOSED:
        raise ProposalClosed.with_(campaign)
    if not campaign.is_unsettled:
        raise NotInPayout(_("The campaign has ended and can no longer change."))
    if moment(campaign, at) < proposal.closes_at:
        raise WindowOpen(_("Every contributor may comment until {end:%d %B %Y, %H:%M %Z}.", end=proposal.closes_at))
    if count := unanswered(session, proposal.deliverable_id):
        sentence = n_("{count} comment is unanswered; answer it first.", "{count} comments are unanswered; answer them first.", count)
        raise CommentsUnanswered(sentence, field="proposal_id")
    require_confirmed(session, proposal)


def _require_disinterested(session: Session, proposal: Proposal, by: Actor) -> None:
    paid = session.scalars(select(ProposalLine.person_id).where(ProposalLine.proposal_id == proposal.id))
    if by.person in paid or _made_something(proposal, by):
        sentence = _("Your own work is in this proposal. Two people with no share in it must finalize it.")
        raise GainsFromIt(sentence, field="proposal_id")


def _made_something(proposal: Proposal, by: Actor) -> bool:
    """Whether the actor made a contribution of the lineage, or the version, even without a credit from it."""
    makers = [contribution["makers"] for contribution in proposal.inputs["lineage"]]
    return any(str(by.person) in those for those in (*makers, proposal.inputs["cut"]["makers"]))


def _require_present(session: Session, proposal: Proposal, deliverable: Deliverable, by: Actor) -> None:
    assessment = present_assessment(session, deliverable)
    if assessment is None or assessment.assessed_by == by.person:
        raise OwnProposal(_own(proposal), field="proposal_id")
    if assessment.due_since is not None:
        raise BeingComputed(_("A new version of the proposal is being calculated. Wait for it."))
    if present_hash(session, deliverable, assessment) != proposal.inputs_hash:
        raise InputsChanged(_("Lineage or points have changed since this version was calculated. Request a new version."))
    if not proposal.is_kill_fee:  # nothing is handed over any more
        require_credited(session, proposal)
    # A kill fee that nobody can be paid goes back to the brand; a pool waits until its points or lineage say otherwise.
    is_paid = session.scalar(select(ProposalLine.person_id).where(ProposalLine.proposal_id == proposal.id, ~ProposalLine.is_staff).limit(1))
    if not is_paid and not proposal.is_kill_fee:
        raise NobodyToPay(_("Everyone in the lineage is staff, so there is nobody to pay."))


def _own(proposal: Proposal) -> str:
    if proposal.is_kill_fee:
        return _("You requested the campaign's cancellation, so two other people must finalize its kill fees.")
    return _("You assigned the points for this proposal, so two other people must finalize it.")


def have_finalized(session: Session, deliverable_ids: Collection[UUID]) -> set[UUID]:
    """Who has said of every proposal that is open for one of these deliverables that it is final."""
    query = select(Finalization.person_id).join(Proposal, Proposal.id == Finalization.proposal_id)
    query = query.where(Proposal.deliverable_id.in_(deliverable_ids), Proposal.state == ProposalState.OPEN)
    return set(session.scalars(query.group_by(Finalization.person_id).having(func.count() == len(deliverable_ids))))


def unposted(session: Session, deliverable_id: UUID) -> UUID | None:
    """The deliverable's proposal that is final and not posted yet."""
    final = (Proposal.deliverable_id == deliverable_id, Proposal.state == ProposalState.FINAL, Proposal.posted_at.is_(None))
    return session.scalars(select(Proposal.id).where(*final)).one_or_none()


def post_all_final(session: Session, campaign_id: UUID, *, at: datetime) -> None:
    """Post every proposal of the campaign that is final and not posted yet."""
    waiting = (Deliverable.campaign_id == campaign_id, Proposal.state == ProposalState.FINAL, Proposal.posted_at.is_(None))
    for proposal_id in session.scalars(
        select(Proposal.id).join(Deliverable, Deliverable.id == Proposal.deliverable_id).where(*waiting)
    ).all():
        post_final(session, proposal_id, at=at)


def post_final(session: Session, proposal_id: UUID, *, at: datetime) -> Proposal:
    """Post a final proposal in one journal: the pool to the payees, the deliverable's part of the fee to us; a second time nothing."""
    proposal = session.get_one(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal.state is not ProposalState.FINAL or proposal.posted_at is not None:
        return proposal
    deliverable = session.get_one(Deliverable, proposal.deliverable_id)
    fee = _fee(session, proposal, deliverable)
    entries = _entries(session, proposal, deliverable.campaign_id, fee)
    if entries:
        post(session, "payout.kill_fee" if proposal.is_kill_fee else "payout.final", f"proposal:{proposal.id}", entries, at=at)
    proposal.posted_at = at
    session.flush()
    events.record(
        session, EventName.PAYOUT_POSTED, by=SYSTEM, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        proposal=str(proposal.id), pool=proposal.pool, fee=fee, currency=proposal.currency,
    )  # fmt: skip
    return proposal


def _fee(session: Session, proposal: Proposal, deliverable: Deliverable) -> int:
    """The deliverable's part of the platform's fee; that of a cancelled one was posted when it was cancelled."""
    if proposal.is_kill_fee:
        return 0
    written = written_brief(session, deliverable.campaign_id)
    return fee_shares(written.brief, written.deliverables)[deliverable.id]


def _entries(session: Session, proposal: Proposal, campaign_id: UUID, fee: int) -> list[Entry]:
    """Each line under the payee's id, and the fee under the deliverable's."""
    ours, currency = held(campaign_id, proposal.currency), proposal.currency
    lines = (
        select(ProposalLine.person_id, ProposalLine.amount)
        .where(ProposalLine.proposal_id == proposal.id, ProposalLine.amount > 0)
        .order_by(ProposalLine.person_id)
    )
    shares = [Entry(ours, payee(person, currency), amount, ref=person) for person, amount in session.execute(lines)]
    return [*shares, *([Entry(ours, fee_income(currency), fee, ref=proposal.deliverable_id)] if fee else [])]

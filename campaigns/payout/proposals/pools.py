"""How far the payout of each of a campaign's deliverables has come, and what was said of it in all its versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from campaigns.brief.models import Brief
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.people import Actor, Person
from campaigns.core.stages import Stage
from campaigns.open_call.credits import name_told
from campaigns.payout.models import Assessment, Comment, Finalization, KillFee, Proposal, ProposalLine
from campaigns.payout.proposals.queries import Said
from campaigns.payout.queries import STANDING, find_payouts


@dataclass(frozen=True, slots=True)
class Pool:
    """A deliverable, its pool in minor units, its newest assessment and its standing proposal, each None before there is one.

    `people` have a line in the proposal, `unanswered` comments wait, `words` people have said that it is final; where the campaign
    was cancelled, `kill_fee` is what the proposal shares instead.
    """

    deliverable: Deliverable
    price: int
    currency: str
    assessment: Assessment | None
    proposal: Proposal | None
    people: int
    unanswered: int
    words: int
    kill_fee: KillFee | None

    @property
    def is_in_payout(self) -> bool:
        """Whether something of it may wait for someone: it is in payout, or its kill fee is shared by a proposal."""
        owes = self.assessment is not None and self.assessment.is_kill_fee
        return self.deliverable.stage is Stage.PAYOUT or owes


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, and the number of the version that it is about."""

    said: Said
    number: int


@dataclass(frozen=True, slots=True)
class Total:
    """How many people a proposal pays, how many gave theirs up as staff, and what the lines come to in minor units."""

    people: int
    staff: int
    amount: int


@dataclass(frozen=True, slots=True)
class FinalWord:
    """Who said that a proposal is final, and when."""

    name: str
    at: datetime


def pools(session: Session, campaign_id: UUID, *, by: Actor) -> tuple[Campaign, Sequence[Pool]]:
    """The campaign with each of its deliverables that the actor may follow to its payout, in three queries; raises NoSuchProposal."""
    campaign, deliverables = find_payouts(session, campaign_id, by=by)
    newest = select(func.max(Assessment.visit)).where(Assessment.deliverable_id == Deliverable.id).correlate(Deliverable).scalar_subquery()
    unanswered = and_(Comment.proposal_id == Proposal.id, Proposal.deliverable_id == Deliverable.id, Comment.disposition.is_(None))
    standing = aliased(Proposal)
    query = (
        select(
            Deliverable, Deliverable.price, Brief.currency, Assessment, standing,
            _count(and_(ProposalLine.proposal_id == standing.id, ~ProposalLine.is_staff)),
            _count(unanswered), _count(Finalization.proposal_id == standing.id), KillFee,
        )
        .join(Brief, Brief.campaign_id == Deliverable.campaign_id)
        .outerjoin(Assessment, and_(Assessment.deliverable_id == Deliverable.id, Assessment.visit == newest))
        .outerjoin(KillFee, KillFee.deliverable_id == Deliverable.id)
        .outerjoin(standing, and_(standing.deliverable_id == Deliverable.id, standing.state.in_(STANDING)))
        .where(Deliverable.id.in_([deliverable.id for deliverable in deliverables]))
        .order_by(Deliverable.number)
    )  # fmt: skip
    return campaign, [Pool(*row) for row in session.execute(query)]


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(which).correlate_except(Comment, Proposal, ProposalLine, Finalization).scalar_subquery()


def versions_of(session: Session, deliverable_id: UUID) -> Sequence[Proposal]:
    """Every version of a deliverable's proposal, newest first."""
    return session.scalars(select(Proposal).where(Proposal.deliverable_id == deliverable_id).order_by(Proposal.number.desc())).all()


def said_of(session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[Remark]:
    """What was said of any version of the deliverable's proposal, newest first."""
    author, about = aliased(Person), aliased(Person)
    campaign = select(Deliverable.campaign_id).where(Deliverable.id == deliverable_id).scalar_subquery()
    query = (
        select(Comment, author.name, name_told(about, by, campaign), Proposal.number)
        .join(Proposal, Proposal.id == Comment.proposal_id)
        .join(author, author.id == Comment.person_id)
        .outerjoin(about, about.id == Comment.about_id)
        .where(Proposal.deliverable_id == deliverable_id)
        .order_by(Comment.id.desc())
        .limit(limit)
    )
    rows = session.execute(query.where(Comment.id < after) if after else query)
    return [Remark(Said(*row[:3]), row[3]) for row in rows]


def total_of(session: Session, proposal_id: UUID) -> Total:
    """What the proposal's lines come to."""
    people, staff = func.count().filter(~ProposalLine.is_staff), func.count().filter(ProposalLine.is_staff)
    query = select(people, staff, func.coalesce(func.sum(ProposalLine.amount), 0)).where(ProposalLine.proposal_id == proposal_id)
    paid, gave_up, amount = session.execute(query).one()
    return Total(paid, gave_up, int(amount))


def final_words(session: Session, proposal_id: UUID) -> Sequence[FinalWord]:
    """Who has said that the proposal is final, in order."""
    query = select(Person.name, Finalization.at).join(Person, Person.id == Finalization.person_id)
    return [FinalWord(*row) for row in session.execute(query.where(Finalization.proposal_id == proposal_id).order_by(Finalization.at))]

"""The proposals of a deliverable with their lines and comments, under the names that the reader may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.db import one_of
from campaigns.core.people import Actor, Person
from campaigns.open_call.credits import name_told
from campaigns.payout.models import Comment, Finalization, Proposal, ProposalLine
from campaigns.payout.queries import find_payout, names_of, nothing_here


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line with the name that is credited."""

    line: ProposalLine
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """A comment with the names of its author and of whom it is about; None for someone left out."""

    comment: Comment
    author: str
    about: str | None


def find_proposal(session: Session, proposal_id: UUID, *, by: Actor, lock: bool = False) -> tuple[Proposal, Campaign, Deliverable]:
    """The proposal, as it stands once nothing of its campaign can change with `lock`; raises NoSuchProposal."""
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise nothing_here()
    campaign, deliverable = find_payout(session, proposal.deliverable_id, by=by, lock=lock)
    if lock:
        session.refresh(proposal)
    return proposal, campaign, deliverable


def find_comment(session: Session, comment_id: UUID, *, by: Actor, lock: bool = False) -> tuple[Comment, Proposal, Campaign, Deliverable]:
    """The comment, as it stands once nothing of its campaign can change with `lock`; raises NoSuchProposal."""
    comment = session.get(Comment, comment_id)
    if comment is None:
        raise nothing_here()
    proposal, campaign, deliverable = find_proposal(session, comment.proposal_id, by=by, lock=lock)
    if lock:
        session.refresh(comment)
    return comment, proposal, campaign, deliverable


def credited(session: Session, proposal: Proposal, person_ids: Collection[UUID], *, by: Actor) -> dict[UUID, str]:
    """The names by which this reader of a proposal knows these people."""
    return dict(session.execute(select(Person.id, told_in(proposal, by)).where(one_of(Person.id, person_ids))).all())


def told_in(proposal: Proposal, by: Actor, person: type[Person] = Person) -> ColumnElement[str]:
    """How a person goes by before this reader of a proposal."""
    return name_told(person, by, select(Deliverable.campaign_id).where(Deliverable.id == proposal.deliverable_id).scalar_subquery())


def proposals(session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[Proposal]:
    """Every version of the deliverable's proposal, newest first."""
    find_payout(session, deliverable_id, by=by)
    query = select(Proposal).where(Proposal.deliverable_id == deliverable_id).order_by(Proposal.id.desc()).limit(limit)
    return session.scalars(query.where(Proposal.id < after) if after else query).all()


def lines(session: Session, proposal: Proposal, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[NamedLine]:
    """The proposal's lines from the one after `after` on, none after a line that is not there: the largest first, staff last."""
    query = select(ProposalLine, told_in(proposal, by)).join(Person, Person.id == ProposalLine.person_id)
    query = query.where(ProposalLine.proposal_id == proposal.id)
    place = (ProposalLine.is_staff, -ProposalLine.amount, ProposalLine.person_id)
    if after is not None:
        if (last := session.get(ProposalLine, (proposal.id, after))) is None:
            return []
        query = query.where(tuple_(*place) > tuple_(last.is_staff, -last.amount, last.person_id))
    return [NamedLine(*row) for row in session.execute(query.order_by(*place).limit(limit))]


def comments(session: Session, proposal: Proposal, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[Said]:
    """What was said of this version, newest first."""
    author, about = aliased(Person), aliased(Person)
    query = (
        select(Comment, author.name, told_in(proposal, by, about))
        .join(author, author.id == Comment.person_id)
        .outerjoin(about, about.id == Comment.about_id)
        .where(Comment.proposal_id == proposal.id)
        .order_by(Comment.id.desc())
        .limit(limit)
    )
    return [Said(*row) for row in session.execute(query.where(Comment.id < after) if after else query)]


def said(session: Session, comment: Comment, *, by: Actor) -> Said:
    """One comment with its names."""
    about = credited(session, session.get_one(Proposal, comment.proposal_id), [comment.about_id], by=by) if comment.about_id else {}
    return Said(comment, names_of(session, [comment.person_id])[comment.person_id], next(iter(about.values()), None))


def finalized_by(session: Session, proposal_id: UUID) -> Sequence[UUID]:
    """Who has said that the proposal is final, in order."""
    query = select(Finalization.person_id).where(Finalization.proposal_id == proposal_id)
    return session.scalars(query.order_by(Finalization.at, Finalization.person_id)).all()


def unanswered(session: Session, deliverable_id: UUID) -> int:
    """How many comments on any version of the deliverable's proposal wait for their answer."""
    query = select(func.count()).select_from(Comment).join(Proposal, Proposal.id == Comment.proposal_id)
    return session.scalars(query.where(Proposal.deliverable_id == deliverable_id, Comment.disposition.is_(None))).one()

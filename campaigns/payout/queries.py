"""What there is to see of proposals: by every contributor of the campaign, in it or not, and by those who carry it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, union
from sqlalchemy.orm import Session, aliased

from campaigns.brief.models import Brief
from campaigns.client_delivery.models import Version, VersionMaker
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, find_campaign, visible_to
from campaigns.core.db import given, one_of
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.curation.sighted import require_sighted
from campaigns.open_call.crediting import CONFIRMED, name_told
from campaigns.open_call.models import Contribution, Maker
from campaigns.payout.errors import NoSuchProposal
from campaigns.payout.gathering import points_of
from campaigns.payout.models import Assessment, Comment, Finalisation, Points, Proposal, ProposalLine, ProposalState

STANDING = (ProposalState.OPEN, ProposalState.FINAL)
NAMES = select(Person.id, Person.name).where(given(Person.id))


@dataclass(frozen=True, slots=True)
class Assessed:
    """A visit's assessment, with the points of each component by the work's title; without points while it is not assessed."""

    assessment: Assessment
    points: Sequence[tuple[Points, str]]


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


@dataclass(frozen=True, slots=True)
class PayoutVisit:
    """What a deliverable's gate looks at in its present visit."""

    assessment: Assessment
    proposal: Proposal | None
    lines: int
    unanswered: int
    unanswered_since: datetime | None
    finalised: int
    time_zone: str
    paused_at: datetime | None


def find_payout(session: Session, deliverable_id: UUID, *, by: Actor, lock: bool = False) -> tuple[Campaign, Deliverable]:
    """The deliverable whose payout this actor may see; with `lock`, nothing of its campaign changes until the transaction ends.

    Raises NoSuchProposal.
    """
    query = select(Campaign, Deliverable).join(Deliverable, Deliverable.campaign_id == Campaign.id)
    query = query.where(Deliverable.id == deliverable_id, visible_to(by)).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None or not _sees(session, row[1], by):
        raise _nothing_here()
    require_sighted(session, [row[1]], by=by)
    if lock:
        find_campaign(session, row[0].id, by=by, lock=True)
        session.refresh(row[1])
    return row


def find_payouts(session: Session, campaign_id: UUID, *, by: Actor) -> tuple[Campaign, list[Deliverable]]:
    """The campaign, and those of its deliverables whose payout this actor may see; raises NoSuchProposal where that is none."""
    campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id, visible_to(by))).one_or_none()
    deliverables = deliverables_of(session, campaign.id) if campaign else []
    comments_on_some = any(by.may(Permission.COMMENT, on=each) for each in deliverables)
    is_maker = comments_on_some and by.person_id and is_contributor(session, campaign_id, by.person_id)
    seen = [deliverable for deliverable in deliverables if is_maker or by.may(Permission.VIEW_PROPOSAL, on=deliverable)]
    if campaign is None or not seen:
        raise _nothing_here()
    require_sighted(session, seen, by=by)
    return campaign, seen


def _nothing_here() -> NoSuchProposal:
    """The same whether a payout, a proposal or a comment does not exist or is not for this reader."""
    return NoSuchProposal(_("This payout does not exist."))


def find_proposal(session: Session, proposal_id: UUID, *, by: Actor, lock: bool = False) -> tuple[Proposal, Campaign, Deliverable]:
    """The proposal, as it stands once nothing of its campaign can change with `lock`; raises NoSuchProposal."""
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise _nothing_here()
    campaign, deliverable = find_payout(session, proposal.deliverable_id, by=by, lock=lock)
    if lock:
        session.refresh(proposal)
    return proposal, campaign, deliverable


def find_comment(session: Session, comment_id: UUID, *, by: Actor, lock: bool = False) -> tuple[Comment, Proposal, Campaign, Deliverable]:
    """The comment, as it stands once nothing of its campaign can change with `lock`; raises NoSuchProposal."""
    comment = session.get(Comment, comment_id)
    if comment is None:
        raise _nothing_here()
    proposal, campaign, deliverable = find_proposal(session, comment.proposal_id, by=by, lock=lock)
    if lock:
        session.refresh(comment)
    return comment, proposal, campaign, deliverable


def _sees(session: Session, deliverable: Deliverable, by: Actor) -> bool:
    if by.may(Permission.VIEW_PROPOSAL, on=deliverable):
        return True
    person, campaign_id = by.person_id, deliverable.campaign_id
    return person is not None and by.may(Permission.COMMENT, on=deliverable) and is_contributor(session, campaign_id, person)


def is_contributor(session: Session, campaign_id: UUID, person_id: UUID) -> bool:
    """Whether the person made a work of the campaign, or a version for which they have a line, by their own word."""
    made = _makers_in(campaign_id).where(Maker.person_id == person_id).exists()
    has_line = _with_lines_in(campaign_id).where(ProposalLine.person_id == person_id).exists()
    return bool(session.scalar(select(or_(made, has_line))))


def _makers_in(campaign_id: UUID) -> Select[UUID]:
    made = select(Maker.person_id).join(Contribution, Contribution.id == Maker.contribution_id)
    return made.where(Contribution.campaign_id == campaign_id, CONFIRMED)


def _with_lines_in(campaign_id: UUID) -> Select[UUID]:
    """Those who made a version and have a line for it; not those who have one only because they were named as makers of a work."""
    query = select(ProposalLine.person_id).join(Proposal, Proposal.id == ProposalLine.proposal_id)
    query = query.join(Deliverable, Deliverable.id == Proposal.deliverable_id).join(Version, Version.deliverable_id == Deliverable.id)
    query = query.join(VersionMaker, and_(VersionMaker.version_id == Version.id, VersionMaker.person_id == ProposalLine.person_id))
    return query.where(Deliverable.campaign_id == campaign_id, VersionMaker.confirmed_at.is_not(None))


def contributors(session: Session, campaign_id: UUID) -> Sequence[UUID]:
    """Everyone who made a work of the campaign, or a version for which they have a line, by their own word; in order."""
    everyone = union(_makers_in(campaign_id), _with_lines_in(campaign_id)).subquery()
    return session.scalars(select(everyone.c.person_id).order_by(everyone.c.person_id)).all()


def present_assessment(session: Session, deliverable: Deliverable) -> Assessment | None:
    """The assessment of the deliverable's present visit; None where nothing was approved that could be shared out."""
    return session.get(Assessment, (deliverable.id, deliverable.visit), populate_existing=True)


def assessed(session: Session, deliverable_id: UUID, *, by: Actor) -> Assessed:
    """The newest assessment of the deliverable, with its points; raises NoSuchProposal before its payout."""
    _campaign, deliverable = find_payout(session, deliverable_id, by=by)
    query = select(Assessment).where(Assessment.deliverable_id == deliverable.id).order_by(Assessment.visit.desc()).limit(1)
    assessment = session.scalars(query).one_or_none()
    if assessment is None:
        raise NoSuchProposal(_("This deliverable has not reached the payout stage yet."))
    points = points_of(session, assessment)
    titles = titles_of(session, [row.work_id for row in points])
    return Assessed(assessment, [(row, titles[row.work_id]) for row in points])


def titles_of(session: Session, work_ids: Collection[UUID]) -> dict[UUID, str]:
    """The titles of these works."""
    return dict(session.execute(select(Contribution.id, Contribution.title).where(one_of(Contribution.id, work_ids))).all())


def names_of(session: Session, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names by which these people are credited."""
    return dict(session.execute(NAMES, {"ids": list(person_ids)}).all())


def credited(session: Session, proposal: Proposal, person_ids: Collection[UUID], *, by: Actor) -> dict[UUID, str]:
    """The names by which this reader of a proposal knows these people."""
    return dict(session.execute(select(Person.id, told_in(proposal, by)).where(one_of(Person.id, person_ids))).all())


def told_in(proposal: Proposal, by: Actor, person: type[Person] = Person) -> ColumnElement[str]:
    """How a person goes by before this reader of a proposal."""
    return name_told(person, by, select(Deliverable.campaign_id).where(Deliverable.id == proposal.deliverable_id).scalar_subquery())


def standing_proposal(session: Session, deliverable_id: UUID) -> Proposal | None:
    """The version of the deliverable's proposal that stands: open or final."""
    return session.scalars(select(Proposal).where(Proposal.deliverable_id == deliverable_id, Proposal.state.in_(STANDING))).one_or_none()


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


def finalised_by(session: Session, proposal_id: UUID) -> Sequence[UUID]:
    """Who has said that the proposal is final, in order."""
    query = select(Finalisation.person_id).where(Finalisation.proposal_id == proposal_id)
    return session.scalars(query.order_by(Finalisation.at, Finalisation.person_id)).all()


def unanswered(session: Session, deliverable_id: UUID) -> int:
    """How many comments on any version of the deliverable's proposal wait for their answer."""
    query = select(func.count()).select_from(Comment).join(Proposal, Proposal.id == Comment.proposal_id)
    return session.scalars(query.where(Proposal.deliverable_id == deliverable_id, Comment.disposition.is_(None))).one()


def standings(session: Session, deliverables: Sequence[Deliverable]) -> dict[UUID, PayoutVisit]:
    """What each of these deliverables' gates looks at, in one query; nothing for a deliverable without an approved version."""
    return {row[0].deliverable_id: PayoutVisit(*row) for row in session.execute(_standings(), {"ids": [t.id for t in deliverables]})}


@lru_cache
def _standings() -> Select[Any]:
    of_deliverable = and_(Comment.proposal_id == Proposal.id, Proposal.deliverable_id == Deliverable.id, Comment.disposition.is_(None))
    open_comments = select(func.count(Comment.id)).where(of_deliverable).correlate(Deliverable).scalar_subquery()
    first_made = select(func.min(Comment.made_at)).where(of_deliverable).correlate(Deliverable).scalar_subquery()
    standing = aliased(Proposal)
    paid = select(func.count()).where(ProposalLine.proposal_id == standing.id, ~ProposalLine.is_staff).scalar_subquery()
    words = select(func.count()).where(Finalisation.proposal_id == standing.id).scalar_subquery()
    return (
        select(Assessment, standing, paid, open_comments, first_made, words, Brief.time_zone, Campaign.paused_at)
        .join(Deliverable, and_(Deliverable.id == Assessment.deliverable_id, Deliverable.visit == Assessment.visit))
        .join(Brief, Brief.campaign_id == Deliverable.campaign_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .outerjoin(standing, and_(standing.deliverable_id == Deliverable.id, standing.state.in_(STANDING)))
        .where(given(Deliverable.id))
        .execution_options(populate_existing=True)
    )


def final_deliverables(session: Session, deliverables: Sequence[Deliverable]) -> set[UUID]:
    """The deliverables among these whose proposal is final."""
    final = select(Proposal.deliverable_id).where(Proposal.state == ProposalState.FINAL)
    return set(session.scalars(final.where(one_of(Proposal.deliverable_id, [each.id for each in deliverables]))))


def work_waiting(session: Session, campaign_ids: Collection[UUID]) -> set[UUID]:
    """The campaigns among these for which a proposal is to be computed or posted."""
    query = (
        select(Deliverable.campaign_id)
        .join(Assessment, and_(Assessment.deliverable_id == Deliverable.id, Assessment.visit == Deliverable.visit))
        .outerjoin(Proposal, and_(Proposal.deliverable_id == Deliverable.id, Proposal.state == ProposalState.FINAL))
        .where(one_of(Deliverable.campaign_id, campaign_ids), Deliverable.stage == Stage.PAYOUT)
        .where(or_(Assessment.due_since.is_not(None), and_(Proposal.id.is_not(None), Proposal.posted_at.is_(None))))
    )
    return set(session.scalars(query))


def moment(campaign: Campaign, at: datetime) -> datetime:
    """Now, as the campaign's windows count it: while it is paused its clocks stand still."""
    return campaign.paused_at or at

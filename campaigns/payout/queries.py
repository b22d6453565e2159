"""Whose payout a person may see, who contributed to it, and what its gate looks at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from campaigns.brief.models import Brief
from campaigns.client_delivery.models import Version, VersionMaker
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, find_campaign, visible_to
from campaigns.core.db import given, one_of
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.curation.queries import require_sighted
from campaigns.open_call.credits import CONFIRMED
from campaigns.open_call.models import Contribution, Maker
from campaigns.payout.errors import NoSuchProposal
from campaigns.payout.models import Assessment, Comment, Finalization, Proposal, ProposalLine, ProposalState

STANDING = (ProposalState.OPEN, ProposalState.FINAL)
NAMES = select(Person.id, Person.name).where(given(Person.id))


@dataclass(frozen=True, slots=True)
class PayoutVisit:
    """What a deliverable's gate looks at in its present visit."""

    assessment: Assessment
    proposal: Proposal | None
    lines: int
    unanswered: int
    unanswered_since: datetime | None
    finalized: int
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
        raise nothing_here()
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
        raise nothing_here()
    require_sighted(session, seen, by=by)
    return campaign, seen


def nothing_here() -> NoSuchProposal:
    """The same whether a payout, a proposal or a comment does not exist or is not for this reader."""
    return NoSuchProposal(_("This payout does not exist."))


def _sees(session: Session, deliverable: Deliverable, by: Actor) -> bool:
    if by.may(Permission.VIEW_PROPOSAL, on=deliverable):
        return True
    person, campaign_id = by.person_id, deliverable.campaign_id
    return person is not None and by.may(Permission.COMMENT, on=deliverable) and is_contributor(session, campaign_id, person)


def is_contributor(session: Session, campaign_id: UUID, person_id: UUID) -> bool:
    """Whether the person made a contribution of the campaign, or a version for which they have a line, by their own word."""
    made = _makers_in(campaign_id).where(Maker.person_id == person_id).exists()
    has_line = _with_lines_in(campaign_id).where(ProposalLine.person_id == person_id).exists()
    return bool(session.scalar(select(or_(made, has_line))))


def _makers_in(campaign_id: UUID) -> Select[UUID]:
    made = select(Maker.person_id).join(Contribution, Contribution.id == Maker.contribution_id)
    return made.where(Contribution.campaign_id == campaign_id, CONFIRMED)


def _with_lines_in(campaign_id: UUID) -> Select[UUID]:
    """Those who made a version and have a line for it; not those who have one only because they were named as makers of a contribution."""
    query = select(ProposalLine.person_id).join(Proposal, Proposal.id == ProposalLine.proposal_id)
    query = query.join(Deliverable, Deliverable.id == Proposal.deliverable_id).join(Version, Version.deliverable_id == Deliverable.id)
    query = query.join(VersionMaker, and_(VersionMaker.version_id == Version.id, VersionMaker.person_id == ProposalLine.person_id))
    return query.where(Deliverable.campaign_id == campaign_id, VersionMaker.confirmed_at.is_not(None))


def contributors(session: Session, campaign_id: UUID) -> Sequence[UUID]:
    """Everyone who made a contribution of the campaign, or a version for which they have a line, by their own word; in order."""
    everyone = union(_makers_in(campaign_id), _with_lines_in(campaign_id)).subquery()
    return session.scalars(select(everyone.c.person_id).order_by(everyone.c.person_id)).all()


def titles_of(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, str]:
    """The titles of these contributions."""
    return dict(session.execute(select(Contribution.id, Contribution.title).where(one_of(Contribution.id, contribution_ids))).all())


def names_of(session: Session, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names by which these people are credited."""
    return dict(session.execute(NAMES, {"ids": list(person_ids)}).all())


def standing_proposal(session: Session, deliverable_id: UUID) -> Proposal | None:
    """The version of the deliverable's proposal that stands: open or final."""
    return session.scalars(select(Proposal).where(Proposal.deliverable_id == deliverable_id, Proposal.state.in_(STANDING))).one_or_none()


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
    words = select(func.count()).where(Finalization.proposal_id == standing.id).scalar_subquery()
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

"""Whether every work has the reviewers that were asked for: for the manager, who asks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from campaigns.core.campaign import Deliverable, find_campaign
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.curation.models import Conflict, DeskTally, ReviewAssignment, ReviewRound, Tally
from campaigns.curation.queries import GIVEN, awaited, count_taking_part
from campaigns.open_call.models import TAKES_PART, Contribution


@dataclass(frozen=True, slots=True)
class Coverage:
    """A campaign's reviews that are written, still to be written, and waited for no more; its works, and those with too few reviewers."""

    written: int
    outstanding: int
    lapsed: int
    works: int
    thin: int


@dataclass(frozen=True, slots=True)
class Declared:
    """A conflict that a curator declared, and how many others have the work now."""

    curator: str
    work_id: UUID
    title: str
    declared_at: datetime
    reviewers: int
    place: str


def coverage(session: Session, campaign_id: UUID, *, by: Actor) -> Coverage:
    """How far all curators of the campaign together have come; too few is fewer than the present visits' rounds ask for."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.ASSIGN_CURATORS, on=campaign)
    present = and_(Deliverable.id == ReviewRound.deliverable_id, Deliverable.visit == ReviewRound.visit)
    asked = (
        select(func.max(ReviewRound.per_work)).join(Deliverable, present).where(Deliverable.campaign_id == campaign.id).scalar_subquery()
    )
    few = select(func.count()).select_from(Tally).join(Contribution, Contribution.id == Tally.work_id)
    few = few.where(Tally.campaign_id == campaign.id, Contribution.campaign_id == campaign.id, Tally.reviewers < asked, TAKES_PART)
    return Coverage(*_reviews(session, campaign.id), count_taking_part(session, campaign.id), session.scalars(few).one())


def _reviews(session: Session, campaign_id: UUID) -> tuple[int, int, int]:
    unwritten = DeskTally.given - DeskTally.written
    query = (
        select(_sum(DeskTally.written), _sum(awaited()), _sum(unwritten - awaited()))
        .join(ReviewRound, ReviewRound.id == DeskTally.round_id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .where(Deliverable.campaign_id == campaign_id)
    )
    return session.execute(query).one()


def _sum(reviews: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(reviews), 0)


def _reviewers(work: InstrumentedAttribute[UUID]) -> ScalarSelect[int]:
    query = select(func.count(ReviewAssignment.id)).where(ReviewAssignment.work_id == work, GIVEN)
    return query.correlate(work.parent.class_).scalar_subquery()


def conflicts_declared(session: Session, campaign_id: UUID, *, by: Actor, after: str | None = None, limit: int = 30) -> Sequence[Declared]:
    """Which curators said of which works that they cannot judge them, newest first, up to `limit` older than the one at `after`."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.ASSIGN_CURATORS, on=campaign)
    place = func.concat(Conflict.work_id, ".", Conflict.curator_id)
    order = tuple_(Conflict.declared_at, Conflict.work_id, Conflict.curator_id)
    query = (
        select(Person.name, Conflict.work_id, Contribution.title, Conflict.declared_at, _reviewers(Conflict.work_id), place)
        .join_from(Conflict, Person, Person.id == Conflict.curator_id)
        .join(Contribution, Contribution.id == Conflict.work_id)
        .where(Contribution.campaign_id == campaign.id)
        .order_by(Conflict.declared_at.desc(), Conflict.work_id.desc(), Conflict.curator_id.desc())
    )
    if after:
        last = aliased(Conflict)
        its_place = func.concat(last.work_id, ".", last.curator_id)
        query = query.where(order < select(last.declared_at, last.work_id, last.curator_id).where(its_place == after).scalar_subquery())
    return [Declared(*row) for row in session.execute(query.limit(limit))]

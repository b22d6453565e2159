"""Which contributions are on a curator's desk, how far the curators have come, and which contributions lack reviewers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, select, tuple_, union
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from campaigns.collaboration.lineage.queries import Column
from campaigns.collaboration.models import Source
from campaigns.core.campaign import Deliverable, find_campaign
from campaigns.core.db import one_of
from campaigns.core.errors import Refusal
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.curation.errors import ContributionTakenDown, NoSuchReview
from campaigns.curation.models import Conflict, DeskTally, Review, ReviewAssignment, ReviewRound, Tally
from campaigns.curation.queries import GIVEN, Which, count_taking_part, decided
from campaigns.open_call.models import TAKES_PART, Contribution, Maker


@dataclass(frozen=True, slots=True)
class Assigned:
    """A contribution that one curator is to review, with what they have said of it so far."""

    assignment: ReviewAssignment
    round: ReviewRound
    deliverable: Deliverable
    contribution: Contribution
    review: Review | None
    is_published: bool


def handed_out(session: Session, campaign_id: UUID) -> set[tuple[UUID, UUID]]:
    """Every pair of a curator and a contribution of the campaign that has been handed out and not released."""
    query = select(ReviewAssignment.curator_id, ReviewAssignment.contribution_id).join(
        Contribution, Contribution.id == ReviewAssignment.contribution_id
    )
    return set(session.execute(query.where(Contribution.campaign_id == campaign_id, GIVEN)))


def conflicts(session: Session, curators: Collection[UUID], contributions: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """The pairs of a curator and a contribution that must not meet: made by them, of one line with theirs, or declared by them.

    An edge counts before it is confirmed and after it was declined: whoever is in such a question is no judge of the contribution.
    """
    declared = select(Conflict.curator_id, Conflict.contribution_id).where(
        Conflict.contribution_id.in_(contributions), Conflict.curator_id.in_(curators)
    )
    built_on_theirs = _line(curators, contributions, Source.source_id, Source.contribution_id)
    built_into_theirs = _line(curators, contributions, Source.contribution_id, Source.source_id)
    return set(session.execute(union(built_on_theirs, built_into_theirs, declared)))


def _line(curators: Collection[UUID], contributions: Collection[UUID], near: Column, far: Column) -> Select[UUID, UUID]:
    """The curators' own contributions among `contributions`, and whatever edges lead to from those, over all generations: a split pays
    along them."""
    made = select(Maker.person_id.label("curator_id"), Maker.contribution_id.label("contribution_id")).where(Maker.person_id.in_(curators))
    line = made.cte(recursive=True)
    line = line.union(select(line.c.curator_id, far).join(Source, near == line.c.contribution_id))
    return select(line.c.curator_id, line.c.contribution_id).where(line.c.contribution_id.in_(contributions))


def assigned_to(by: Actor) -> Select[ReviewAssignment, ReviewRound, Deliverable, Contribution, Review, bool]:
    """What is on the actor's desk, judged or not."""
    return (
        select(ReviewAssignment, ReviewRound, Deliverable, Contribution, Review, decided())
        .join(ReviewRound, ReviewRound.id == ReviewAssignment.round_id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .join(Contribution, Contribution.id == ReviewAssignment.contribution_id)
        .outerjoin(Review, Review.assignment_id == ReviewAssignment.id)
        .where(ReviewAssignment.curator_id == by.person, GIVEN, TAKES_PART)
    )


def find_assignment(session: Session, assignment_id: UUID, *, by: Actor, lock: bool = False) -> Assigned:
    """The actor's own assignment; with `lock`, nothing of its campaign changes until the transaction ends. Raises NoSuchReview."""
    query = assigned_to(by).where(ReviewAssignment.id == assignment_id).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise _gone_from_desk(session, assignment_id, by)
    if lock:
        find_campaign(session, row[2].campaign_id, by=by, lock=True)
        return find_assignment(session, assignment_id, by=by)
    return Assigned(*row)


def _gone_from_desk(session: Session, assignment_id: UUID, by: Actor) -> Refusal:
    """Why there is nothing to judge: it was never theirs, or its contribution has been taken down since."""
    theirs = select(ReviewAssignment.id).where(ReviewAssignment.id == assignment_id, ReviewAssignment.curator_id == by.person, GIVEN)
    if session.scalar(theirs) is None:
        return NoSuchReview(_("No such review is assigned to you."))
    return ContributionTakenDown(_("This contribution has been withdrawn or is no longer accepted, so it does not need your review."))


def desk(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30, which: Which | None = Which.LEFT) -> list[Assigned]:
    """The contributions that the actor is to review, in the order drawn for them, from the one after `after` on; None is all of them."""
    query = assigned_to(by).order_by(ReviewAssignment.place, ReviewAssignment.id).limit(limit)
    if which:
        query = query.where(is_left() if which is Which.LEFT else Review.assignment_id.is_not(None))
    if after:
        last = select(ReviewAssignment.place).where(ReviewAssignment.id == after).scalar_subquery()
        query = query.where(ReviewAssignment.place > last)
    return [Assigned(*row) for row in session.execute(query)]


def assignments(session: Session, assignment_ids: Collection[UUID], *, by: Actor) -> list[Assigned]:
    """Those of these assignments that are on the actor's desk."""
    return [Assigned(*row) for row in session.execute(assigned_to(by).where(one_of(ReviewAssignment.id, assignment_ids)))]


def is_left() -> ColumnElement[bool]:
    """Whether a review is still to be written."""
    return and_(~ReviewAssignment.is_written, ~decided())


def awaited() -> ColumnElement[int]:
    """How many reviews of a desk something still waits for: none once the selection that they are for is published."""
    return case((decided(), 0), else_=DeskTally.open)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A campaign's reviews that are written, still to be written, and waited for no more; its contributions, and those with too few
    reviewers."""

    written: int
    outstanding: int
    lapsed: int
    contributions: int
    thin: int


@dataclass(frozen=True, slots=True)
class Declared:
    """A conflict that a curator declared, and how many others have the contribution now."""

    curator: str
    contribution_id: UUID
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
        select(func.max(ReviewRound.per_contribution))
        .join(Deliverable, present)
        .where(Deliverable.campaign_id == campaign.id)
        .scalar_subquery()
    )
    few = select(func.count()).select_from(Tally).join(Contribution, Contribution.id == Tally.contribution_id)
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


def _reviewers(contribution: InstrumentedAttribute[UUID]) -> ScalarSelect[int]:
    query = select(func.count(ReviewAssignment.id)).where(ReviewAssignment.contribution_id == contribution, GIVEN)
    return query.correlate(contribution.parent.class_).scalar_subquery()


def conflicts_declared(session: Session, campaign_id: UUID, *, by: Actor, after: str | None = None, limit: int = 30) -> Sequence[Declared]:
    """Which curators said of which contributions that they cannot judge them, newest first, up to `limit` older than the one at `after`."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.ASSIGN_CURATORS, on=campaign)
    place = func.concat(Conflict.contribution_id, ".", Conflict.curator_id)
    order = tuple_(Conflict.declared_at, Conflict.contribution_id, Conflict.curator_id)
    query = (
        select(Person.name, Conflict.contribution_id, Contribution.title, Conflict.declared_at, _reviewers(Conflict.contribution_id), place)
        .join_from(Conflict, Person, Person.id == Conflict.curator_id)
        .join(Contribution, Contribution.id == Conflict.contribution_id)
        .where(Contribution.campaign_id == campaign.id)
        .order_by(Conflict.declared_at.desc(), Conflict.contribution_id.desc(), Conflict.curator_id.desc())
    )
    if after:
        last = aliased(Conflict)
        its_place = func.concat(last.contribution_id, ".", last.curator_id)
        query = query.where(
            order < select(last.declared_at, last.contribution_id, last.curator_id).where(its_place == after).scalar_subquery()
        )
    return [Declared(*row) for row in session.execute(query.limit(limit))]


@dataclass(frozen=True, slots=True)
class CuratorProgress:
    """What one curator has had and done in a campaign; `lapsed` are reviews that nothing waits for any more."""

    curator_id: UUID
    name: str
    handed_out: int
    reviewed: int
    outstanding: int
    lapsed: int
    conflicts: int
    last_at: datetime | None


def progress(session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[CuratorProgress]:
    """How far each curator who was asked has come, by curator; nothing of what they found."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.ASSIGN_CURATORS, on=campaign)
    unwritten = DeskTally.given - DeskTally.written
    query = (
        select(
            Person.id,
            Person.name,
            func.sum(DeskTally.given),
            func.sum(DeskTally.written),
            func.sum(awaited()),
            func.sum(unwritten - awaited()),
            func.sum(DeskTally.released),
            func.max(DeskTally.last_at),
        )
        .join(DeskTally, DeskTally.curator_id == Person.id)
        .join(ReviewRound, ReviewRound.id == DeskTally.round_id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .where(Deliverable.campaign_id == campaign.id)
        .group_by(Person.id, Person.name)
        .having(func.sum(DeskTally.given + DeskTally.released) > 0)
    )
    query = query.where(Person.id > after) if after else query
    return [CuratorProgress(*row) for row in session.execute(query.order_by(Person.id).limit(limit))]


def still_reviewing(session: Session, deliverable_ids: Collection[UUID]) -> set[UUID]:
    """Who still has reviews to write that the present visits of these deliverables wait for."""
    query = (
        select(DeskTally.curator_id)
        .join(ReviewRound, ReviewRound.id == DeskTally.round_id)
        .join(Deliverable, and_(Deliverable.id == ReviewRound.deliverable_id, Deliverable.visit == ReviewRound.visit))
        .where(Deliverable.id.in_(deliverable_ids), DeskTally.open > 0)
    )
    return set(session.scalars(query.distinct()))

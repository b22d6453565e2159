"""What there is to see of the curation: who may judge what, what is still to be reviewed, what was found and chosen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, ScalarSelect, Select, Uuid, and_, case, exists, func, select, tuple_, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from campaigns.collaboration.lineage import Column
from campaigns.collaboration.models import Source
from campaigns.core.campaign import Deliverable, find_campaign, find_deliverable
from campaigns.core.db import one_of
from campaigns.core.errors import Refusal
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.curation.errors import NoSuchReview, NotItsMaker, WorkTakenDown
from campaigns.curation.models import Conflict, Criterion, DeskTally, Outcome, Review, ReviewAssignment, ReviewRound, Score, Selection
from campaigns.open_call.models import TAKES_PART, Contribution, Maker
from campaigns.open_call.queries import find_work, is_confirmed_maker

GIVEN = ReviewAssignment.released_at.is_(None)
UNWRITTEN = and_(GIVEN, ~ReviewAssignment.is_written)


class Which(Enum):
    """The part of a desk that is still to be judged, or that is judged."""

    LEFT = "left"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Assigned:
    """A work that one curator is to review, with what they have said of it so far."""

    assignment: ReviewAssignment
    round: ReviewRound
    deliverable: Deliverable
    work: Contribution
    review: Review | None
    is_published: bool


@dataclass(frozen=True, slots=True)
class Selected:
    """A published selection: what it chose, with the reasons, and whether it is the present visit's."""

    selection: Selection
    is_present: bool
    chosen: Sequence[tuple[Outcome, Contribution]]


def works_taking_part(session: Session, campaign_id: UUID, among: Collection[UUID] | None = None) -> set[UUID]:
    """Every work of the campaign that has been screened in and not been taken down, or those of them that are `among` these."""
    query = select(Contribution.id).where(Contribution.campaign_id == campaign_id, TAKES_PART)
    return set(session.scalars(query if among is None else query.where(Contribution.id.in_(among))))


def count_taking_part(session: Session, campaign_id: UUID) -> int:
    """How many works of the campaign take part."""
    return session.scalars(select(func.count()).select_from(Contribution).where(Contribution.campaign_id == campaign_id, TAKES_PART)).one()


def titles_of(session: Session, work_ids: Collection[UUID]) -> dict[UUID, str]:
    """The titles of these works."""
    return dict(session.execute(select(Contribution.id, Contribution.title).where(one_of(Contribution.id, work_ids))).all())


def handed_out(session: Session, campaign_id: UUID) -> set[tuple[UUID, UUID]]:
    """Every pair of a curator and a work of the campaign that has been handed out and not released."""
    query = select(ReviewAssignment.curator_id, ReviewAssignment.work_id).join(Contribution, Contribution.id == ReviewAssignment.work_id)
    return set(session.execute(query.where(Contribution.campaign_id == campaign_id, GIVEN)))


def conflicts(session: Session, curators: Collection[UUID], works: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """The pairs of a curator and a work that must not meet: made by them, of one line with theirs, or declared by them.

    An edge counts before it is confirmed and after it was declined: whoever is in such a question is no judge of the work.
    """
    declared = select(Conflict.curator_id, Conflict.work_id).where(Conflict.work_id.in_(works), Conflict.curator_id.in_(curators))
    built_on_theirs = _line(curators, works, Source.source_id, Source.work_id)
    built_into_theirs = _line(curators, works, Source.work_id, Source.source_id)
    return set(session.execute(union(built_on_theirs, built_into_theirs, declared)))


def _line(curators: Collection[UUID], works: Collection[UUID], near: Column, far: Column) -> Select[UUID, UUID]:
    """The curators' own works among `works`, and whatever edges lead to from those, over all generations: a split pays along them."""
    made = select(Maker.person_id.label("curator_id"), Maker.contribution_id.label("work_id")).where(Maker.person_id.in_(curators))
    line = made.cte(recursive=True)
    line = line.union(select(line.c.curator_id, far).join(Source, near == line.c.work_id))
    return select(line.c.curator_id, line.c.work_id).where(line.c.work_id.in_(works))


def assigned_to(by: Actor) -> Select[ReviewAssignment, ReviewRound, Deliverable, Contribution, Review, bool]:
    """What is on the actor's desk, judged or not."""
    return (
        select(ReviewAssignment, ReviewRound, Deliverable, Contribution, Review, decided())
        .join(ReviewRound, ReviewRound.id == ReviewAssignment.round_id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .join(Contribution, Contribution.id == ReviewAssignment.work_id)
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
    """Why there is nothing to judge: it was never theirs, or its work has been taken down since."""
    theirs = select(ReviewAssignment.id).where(ReviewAssignment.id == assignment_id, ReviewAssignment.curator_id == by.person, GIVEN)
    if session.scalar(theirs) is None:
        return NoSuchReview(_("No such review is assigned to you."))
    return WorkTakenDown(_("This work has been withdrawn or is no longer accepted, so it does not need your review."))


def desk(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30, which: Which | None = Which.LEFT) -> list[Assigned]:
    """The works that the actor is to review, in the order drawn for them, from the one after `after` on; None is all of them."""
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


def scores_of(session: Session, assignment_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """The scores of each of these reviews, by the criterion's name in the rubric's order."""
    query = select(Score.assignment_id, Criterion.name, Score.value).join(Criterion, Criterion.id == Score.criterion_id)
    scores: dict[UUID, dict[str, int]] = {assignment_id: {} for assignment_id in assignment_ids}
    for assignment_id, name, value in session.execute(query.where(one_of(Score.assignment_id, assignment_ids)).order_by(Criterion.number)):
        scores[assignment_id][name] = value
    return scores


def selections(
    session: Session, deliverable_id: UUID, *, by: Actor, before: int | None = None, limit: int | None = None
) -> Sequence[Selected]:
    """What was chosen for the deliverable in each of its visits, the newest first, up to `limit` older than `before`: for its people."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.VIEW_SELECTION, on=deliverable)
    query = select(Selection).where(Selection.deliverable_id == deliverable.id).order_by(Selection.visit.desc()).limit(limit)
    found = session.scalars(query.where(Selection.visit < before) if before else query).all()
    chosen = (
        select(Outcome, Contribution).join(Contribution, Contribution.id == Outcome.work_id).where(Outcome.deliverable_id == deliverable.id)
    )
    chosen = chosen.where(Outcome.chosen, Outcome.visit.in_([s.visit for s in found]))
    rows = session.execute(chosen.order_by(Outcome.work_id)).all()
    return [Selected(s, deliverable.visit == s.visit, [row for row in rows if row[0].visit == s.visit]) for s in found]


def chosen_works(session: Session, deliverable_id: UUID) -> set[UUID]:
    """The works that the deliverable's newest selection chose."""
    newest = select(func.max(Selection.visit)).where(Selection.deliverable_id == deliverable_id).scalar_subquery()
    return set(
        session.scalars(select(Outcome.work_id).where(Outcome.deliverable_id == deliverable_id, Outcome.visit == newest, Outcome.chosen))
    )


def chosen_counts(session: Session, deliverables: Collection[Deliverable]) -> dict[UUID, int]:
    """How many works the newest selection of each of these deliverables chose; only those that have a selection."""
    newest = select(Selection.deliverable_id, func.max(Selection.visit).label("visit")).group_by(Selection.deliverable_id).subquery()
    query = (
        select(newest.c.deliverable_id, func.count(Outcome.work_id).filter(Outcome.chosen))
        .outerjoin(Outcome, and_(Outcome.deliverable_id == newest.c.deliverable_id, Outcome.visit == newest.c.visit))
        .where(one_of(newest.c.deliverable_id, [t.id for t in deliverables]))
        .group_by(newest.c.deliverable_id)
    )
    return dict(session.execute(query).all())


def chosen_here() -> ColumnElement[list[UUID]]:
    """The works chosen by the newest selection of a deliverable that still take part, asked beside the deliverables that are looked at."""
    newest = select(func.max(Selection.visit)).where(Selection.deliverable_id == Deliverable.id).correlate(Deliverable).scalar_subquery()
    query = select(Outcome.work_id).join(Contribution, Contribution.id == Outcome.work_id)
    query = query.where(Outcome.deliverable_id == Deliverable.id, Outcome.chosen, Outcome.visit == newest, TAKES_PART).correlate(
        Deliverable
    )
    return func.array(query.scalar_subquery(), type_=ARRAY(Uuid()))


def outcomes(
    session: Session, work_id: UUID, *, by: Actor, after: tuple[UUID, int] | None = None, limit: int | None = None
) -> Sequence[tuple[Outcome, Selection, Deliverable]]:
    """What each published selection said about the work, the newest first: for its makers by their own word, and for whoever chooses.

    Up to `limit`, behind what was said for the deliverable and visit `after`.
    """
    work = find_work(session, work_id, by=by)
    if not (by.person_id and is_confirmed_maker(session, work_id, by)) and not by.may(Permission.SELECT, on=work):
        raise NotItsMaker(_("Only the makers of this work can read why it was chosen or not."))
    query = (
        select(Outcome, Selection, Deliverable)
        .join(Selection, and_(Selection.deliverable_id == Outcome.deliverable_id, Selection.visit == Outcome.visit))
        .join(Deliverable, Deliverable.id == Outcome.deliverable_id)
        .where(Outcome.work_id == work_id)
        .order_by(Selection.published_at.desc(), Deliverable.number, Selection.visit.desc())
    )
    if after:
        query = query.where(tuple_(Selection.published_at, -Deliverable.number, Selection.visit) < _said_in(*after))
    return session.execute(query.limit(limit)).all()


def _said_in(deliverable_id: UUID, visit: int) -> ScalarSelect[tuple[datetime, int, int]]:
    """Where a selection stands among those that said something about a work."""
    published, deliverable = aliased(Selection), aliased(Deliverable)
    query = select(published.published_at, -deliverable.number, published.visit).join(
        deliverable, deliverable.id == published.deliverable_id
    )
    return query.where(published.deliverable_id == deliverable_id, published.visit == visit).scalar_subquery()


def is_left() -> ColumnElement[bool]:
    """Whether a review is still to be written."""
    return and_(~ReviewAssignment.is_written, ~decided())


def awaited() -> ColumnElement[int]:
    """How many reviews of a desk something still waits for: none once the selection that they are for is published."""
    return case((decided(), 0), else_=DeskTally.open)


def decided() -> Exists:
    """Whether the selection that a round's reviews are for is published."""
    return exists().where(Selection.deliverable_id == ReviewRound.deliverable_id, Selection.visit == ReviewRound.visit)

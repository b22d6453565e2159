"""The works as whoever chooses goes through them, with what their reviews say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import fmean
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable, find_deliverable
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.curation.models import DeskTally, Review, ReviewAssignment, ReviewRound, Tally
from campaigns.curation.queries import GIVEN, UNWRITTEN
from campaigns.curation.reviews.queries import scores_of
from campaigns.open_call.credits import makers_of
from campaigns.open_call.models import TAKES_PART, Contribution
from campaigns.open_call.queries import judges_blind, without_names


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """One review as the manager reads it: its words, and its scores by criterion."""

    reason: str
    scores: dict[str, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """A work with what its reviews say: the mean of each criterion and of all, None without a review."""

    work: Contribution
    title: str
    reviews: Sequence[ReviewSummary]
    outstanding: int
    means: dict[str, float]
    mean: float | None


def ranked(session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[Judged]:
    """The works that take part by the mean of all their scores, works without a review last: for whoever chooses.

    Whoever also judges here finds no work among them before their own review of it is written, and no maker's name in a title.
    """
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.SELECT, on=deliverable)
    query = select(Contribution).join(Tally, Tally.work_id == Contribution.id)
    query = query.where(Tally.campaign_id == deliverable.campaign_id, TAKES_PART, ~left_to(by))
    if after:
        last = select(Tally.mean).where(Tally.work_id == after).scalar_subquery()
        query = query.where(tuple_(Tally.mean, Tally.work_id) < tuple_(last, after))
    works = session.scalars(query.order_by(Tally.mean.desc(), Tally.work_id.desc()).limit(limit)).all()
    return _found(session, works, blind=judges_blind(by, deliverable))


def left_to_judge(session: Session, deliverable_id: UUID, *, by: Actor) -> int:
    """How many works of the deliverable's campaign the actor is still to judge, before they find them among those to choose from."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    rounds = (
        select(ReviewRound.id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .where(Deliverable.campaign_id == deliverable.campaign_id)
    )
    left = select(func.coalesce(func.sum(DeskTally.open), 0)).where(DeskTally.curator_id == by.person_id, DeskTally.round_id.in_(rounds))
    return session.scalars(left).one()


def judged(session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> list[Judged]:
    """The works that take part, newest first, with what their reviews say: for whoever chooses, but for what they are still to judge."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.SELECT, on=deliverable)
    query = select(Contribution).where(Contribution.campaign_id == deliverable.campaign_id, TAKES_PART, ~left_to(by))
    query = query.where(Contribution.id < after) if after else query
    works = session.scalars(query.order_by(Contribution.id.desc()).limit(limit)).all()
    return _found(session, works, blind=judges_blind(by, deliverable))


def left_to(by: Actor) -> ColumnElement[bool]:
    """Whether a work is on the actor's own desk without their review, so that they must not read of it what others said."""
    return exists().where(ReviewAssignment.work_id == Contribution.id, ReviewAssignment.curator_id == by.person_id, UNWRITTEN)


def _found(session: Session, works: Sequence[Contribution], *, blind: bool) -> list[Judged]:
    """What the reviews say of each of these works; `blind` blots its makers' names out of its title."""
    given = _given(session, [w.id for w in works])
    scores = scores_of(session, [assignment.id for reviews in given.values() for assignment, review in reviews if review])
    makers = makers_of(session, [w.id for w in works]) if blind else {}
    titles = {work.id: without_names(work.title, makers.get(work.id, [])) for work in works}
    return [_judged(work, titles[work.id], given[work.id], scores) for work in works]


def _given(session: Session, work_ids: Collection[UUID]) -> dict[UUID, list[tuple[ReviewAssignment, Review | None]]]:
    query = select(ReviewAssignment, Review).outerjoin(Review, Review.assignment_id == ReviewAssignment.id)
    query = query.where(ReviewAssignment.work_id.in_(work_ids), GIVEN).order_by(ReviewAssignment.id)
    given: dict[UUID, list[tuple[ReviewAssignment, Review | None]]] = {work_id: [] for work_id in work_ids}
    for assignment, review in session.execute(query):
        given[assignment.work_id].append((assignment, review))
    return given


def _judged(
    work: Contribution, title: str, given: Sequence[tuple[ReviewAssignment, Review | None]], scores: dict[UUID, dict[str, int]]
) -> Judged:
    verdicts = [ReviewSummary(review.reason, scores[assignment.id]) for assignment, review in given if review]
    names = list(dict.fromkeys(name for verdict in verdicts for name in verdict.scores))
    means = {name: round(fmean(verdict.scores[name] for verdict in verdicts), 2) for name in names}
    overall = round(fmean(value for verdict in verdicts for value in verdict.scores.values()), 2) if verdicts else None
    return Judged(work, title, verdicts, len(given) - len(verdicts), means, overall)

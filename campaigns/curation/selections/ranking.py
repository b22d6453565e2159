"""The contributions as whoever chooses goes through them, with what their reviews say."""

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
    """A contribution with what its reviews say: the mean of each criterion and of all, None without a review."""

    contribution: Contribution
    title: str
    reviews: Sequence[ReviewSummary]
    outstanding: int
    means: dict[str, float]
    mean: float | None


def ranked(session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[Judged]:
    """The contributions that take part by the mean of all their scores, works without a review last: for whoever chooses.

    Whoever also judges here finds no contribution among them before their own review of it is written, and no maker's name in a title.
    """
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.SELECT, on=deliverable)
    query = select(Contribution).join(Tally, Tally.contribution_id == Contribution.id)
    query = query.where(Tally.campaign_id == deliverable.campaign_id, TAKES_PART, ~left_to(by))
    if after:
        last = select(Tally.mean).where(Tally.contribution_id == after).scalar_subquery()
        query = query.where(tuple_(Tally.mean, Tally.contribution_id) < tuple_(last, after))
    contributions = session.scalars(query.order_by(Tally.mean.desc(), Tally.contribution_id.desc()).limit(limit)).all()
    return _found(session, contributions, blind=judges_blind(by, deliverable))


def left_to_judge(session: Session, deliverable_id: UUID, *, by: Actor) -> int:
    """How many contributions of the deliverable's campaign the actor is still to judge, before they find them among those to choose
    from."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    rounds = (
        select(ReviewRound.id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .where(Deliverable.campaign_id == deliverable.campaign_id)
    )
    left = select(func.coalesce(func.sum(DeskTally.open), 0)).where(DeskTally.curator_id == by.person_id, DeskTally.round_id.in_(rounds))
    return session.scalars(left).one()


def judged(session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> list[Judged]:
    """The contributions that take part, newest first, with what their reviews say: for whoever chooses, but for what they are still to
    judge."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.SELECT, on=deliverable)
    query = select(Contribution).where(Contribution.campaign_id == deliverable.campaign_id, TAKES_PART, ~left_to(by))
    query = query.where(Contribution.id < after) if after else query
    contributions = session.scalars(query.order_by(Contribution.id.desc()).limit(limit)).all()
    return _found(session, contributions, blind=judges_blind(by, deliverable))


def left_to(by: Actor) -> ColumnElement[bool]:
    """Whether a contribution is on the actor's own desk without their review, so that they must not read of it what others said."""
    return exists().where(ReviewAssignment.contribution_id == Contribution.id, ReviewAssignment.curator_id == by.person_id, UNWRITTEN)


def _found(session: Session, contributions: Sequence[Contribution], *, blind: bool) -> list[Judged]:
    """What the reviews say of each of these contributions; `blind` blots its makers' names out of its title."""
    given = _given(session, [w.id for w in contributions])
    scores = scores_of(session, [assignment.id for reviews in given.values() for assignment, review in reviews if review])
    makers = makers_of(session, [w.id for w in contributions]) if blind else {}
    titles = {contribution.id: without_names(contribution.title, makers.get(contribution.id, [])) for contribution in contributions}
    return [_judged(contribution, titles[contribution.id], given[contribution.id], scores) for contribution in contributions]


def _given(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, list[tuple[ReviewAssignment, Review | None]]]:
    query = select(ReviewAssignment, Review).outerjoin(Review, Review.assignment_id == ReviewAssignment.id)
    query = query.where(ReviewAssignment.contribution_id.in_(contribution_ids), GIVEN).order_by(ReviewAssignment.id)
    given: dict[UUID, list[tuple[ReviewAssignment, Review | None]]] = {contribution_id: [] for contribution_id in contribution_ids}
    for assignment, review in session.execute(query):
        given[assignment.contribution_id].append((assignment, review))
    return given


def _judged(
    contribution: Contribution, title: str, given: Sequence[tuple[ReviewAssignment, Review | None]], scores: dict[UUID, dict[str, int]]
) -> Judged:
    verdicts = [ReviewSummary(review.reason, scores[assignment.id]) for assignment, review in given if review]
    names = list(dict.fromkeys(name for verdict in verdicts for name in verdict.scores))
    means = {name: round(fmean(verdict.scores[name] for verdict in verdicts), 2) for name in names}
    overall = round(fmean(value for verdict in verdicts for value in verdict.scores.values()), 2) if verdicts else None
    return Judged(contribution, title, verdicts, len(given) - len(verdicts), means, overall)

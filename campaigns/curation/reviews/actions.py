"""A curator's judgement of a contribution: a score for each criterion, and the reason in words."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.errors import ReasonMissing
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.curation.assignments.queries import Assigned, conflicts, find_assignment
from campaigns.curation.errors import AlreadyPublished, ConflictOfInterest, NotReviewed, ScoreMissing, ScoreOutOfRange
from campaigns.curation.models import HIGHEST, LOWEST, Review, Score, TakenBack
from campaigns.curation.reviews.queries import scores_of
from campaigns.curation.rubrics.actions import rubric


def submit_review(session: Session, assignment_id: UUID, scores: Mapping[str, int], reason: str, *, by: Actor, at: datetime) -> Review:
    """Judge the contribution by every criterion of the rubric, named in `scores`; the judgement may be revised until the selection is
    published."""
    assigned = find_assignment(session, assignment_id, by=by, lock=True)
    by.require(Permission.REVIEW, on=assigned.deliverable)
    _require_fit(session, assigned, by)
    if not reason.strip():
        raise ReasonMissing(_("Give a reason for your scores."), field="reason")
    criteria = _criteria(session, assigned, scores)
    if assigned.review and (assigned.review.reason, scores_of(session, [assignment_id])[assignment_id]) == (reason.strip(), scores):
        return assigned.review
    review = _written(session, assigned, reason.strip(), at)
    session.execute(delete(Score).where(Score.assignment_id == assignment_id))
    session.execute(delete(TakenBack).where(TakenBack.assignment_id == assignment_id))
    session.add_all(Score(assignment_id=assignment_id, criterion_id=criteria[name], value=value) for name, value in scores.items())
    session.flush()
    events.record(
        session, EventName.CURATION_REVIEWED, by=by, at=at, campaign_id=assigned.deliverable.campaign_id,
        deliverable_id=assigned.deliverable.id,
        assignment=str(assignment_id), work=str(assigned.contribution.id), revised=review.revised_at is not None,
    )  # fmt: skip
    return review


def take_back(session: Session, assignment_id: UUID, *, by: Actor, at: datetime) -> TakenBack:
    """Undo one's judgement of a contribution: it counts no more, the contribution is on one's desk again, and what one said is kept to
    begin from."""
    assigned = find_assignment(session, assignment_id, by=by, lock=True)
    by.require(Permission.REVIEW, on=assigned.deliverable)
    if assigned.is_published:
        raise AlreadyPublished(_("The selection has been published, so reviews can no longer change."))
    if assigned.review is None:
        raise NotReviewed(_("You have not reviewed this contribution, or you have already withdrawn your review."))
    kept = TakenBack(
        assignment_id=assignment_id, scores=scores_of(session, [assignment_id])[assignment_id], reason=assigned.review.reason,
        taken_back_at=at,
    )  # fmt: skip
    kept = session.merge(kept)
    session.delete(assigned.review)
    session.flush()
    events.record(
        session, EventName.CURATION_REVIEW_TAKEN_BACK, by=by, at=at,
        campaign_id=assigned.deliverable.campaign_id, deliverable_id=assigned.deliverable.id,
        assignment=str(assignment_id), work=str(assigned.contribution.id),
    )  # fmt: skip
    return kept


def _require_fit(session: Session, assigned: Assigned, by: Actor) -> None:
    if conflicts(session, [by.person], [assigned.contribution.id]):
        sentence = _(
            "You made this contribution, or it is connected to yours by lineage. Declare a conflict, and another curator will review it."
        )
        raise ConflictOfInterest(sentence, field="assignment_id")
    if assigned.is_published:
        raise AlreadyPublished(_("The selection has been published, so reviews can no longer change."))


def _criteria(session: Session, assigned: Assigned, scores: Mapping[str, int]) -> dict[str, UUID]:
    criteria = {criterion.name: criterion.id for criterion in rubric(session, assigned.deliverable.campaign_id)}
    if scores.keys() != criteria.keys():
        raise ScoreMissing(_("Score each of these criteria and no others: {names}.", names=", ".join(criteria)), field="scores")
    if not all(LOWEST <= value <= HIGHEST for value in scores.values()):
        raise ScoreOutOfRange(_("Scores go from {lowest} to {highest}.", lowest=LOWEST, highest=HIGHEST), field="scores")
    return criteria


def _written(session: Session, assigned: Assigned, reason: str, at: datetime) -> Review:
    review = assigned.review
    if review is None:
        review = Review(assignment_id=assigned.assignment.id, reason=reason, submitted_at=at)
        session.add(review)
    else:
        review.reason, review.revised_at = reason, at
    session.flush()
    return review

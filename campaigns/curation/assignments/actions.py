"""Contributions are handed to curators, and handed on when one of them declares a conflict."""

from collections.abc import Collection, Sequence
from datetime import datetime
from secrets import token_hex
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Deliverable, find_deliverable
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Actor, actor_for
from campaigns.core.permissions import Permission, Role
from campaigns.core.role_grants import holders
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.curation.assignments.queries import conflicts, find_assignment, handed_out
from campaigns.curation.assignments.rules import Pair, allot, draw
from campaigns.curation.errors import AlreadyPublished, NotACurator, NothingToReview, NotInCuration, TooFewCurators
from campaigns.curation.models import Conflict, Review, ReviewAssignment, ReviewRound, Selection, TakenBack
from campaigns.curation.queries import GIVEN, contributions_taking_part
from campaigns.curation.rubrics.actions import keep_rubric


def assign(
    session: Session, deliverable_id: UUID, curator_ids: Sequence[UUID], per_contribution: int, *, by: Actor, at: datetime
) -> ReviewRound:
    """Hand the campaign's contributions out until each has `per_contribution` curators, whichever deliverable they were asked for."""
    deliverable = open_for_curation(session, deliverable_id, Permission.ASSIGN_CURATORS, by=by)
    curators = _curators(session, deliverable, curator_ids, per_contribution)
    contributions = contributions_taking_part(session, deliverable.campaign_id)
    if not contributions:
        raise NothingToReview(_("No contribution is accepted in this campaign: publish an empty selection, or send the deliverable back."))
    keep_rubric(session, deliverable.campaign_id)
    made = ReviewRound(
        deliverable_id=deliverable.id, visit=deliverable.visit, curator_ids=[str(c) for c in curators], per_contribution=per_contribution,
        seed=token_hex(16), asked_by=by.person, asked_at=at,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _record_assigned(session, made, deliverable, _hand_out(session, made, deliverable.campaign_id, contributions, curators), by=by, at=at)
    return made


def open_for_curation(session: Session, deliverable_id: UUID, permission: Permission, *, by: Actor) -> Deliverable:
    """The locked deliverable, in curation and with its selection not yet published, for whoever holds `permission`."""
    deliverable = find_deliverable(session, deliverable_id, by=by, lock=True)
    by.require(permission, on=deliverable)
    if deliverable.stage is not Stage.CURATION:
        raise NotInCuration(_("This deliverable is in {stage}, not in curation.", stage=deliverable.stage.value))
    if session.get(Selection, (deliverable.id, deliverable.visit)):
        raise AlreadyPublished(
            _("The selection for this deliverable has been published and is final. To choose again, send the deliverable back to curation.")
        )
    return deliverable


def _curators(session: Session, deliverable: Deliverable, curator_ids: Sequence[UUID], per_contribution: int) -> list[UUID]:
    curators = list(dict.fromkeys(curator_ids))
    if set(curators) - {p.id for p in holders(session, Role.CURATOR, deliverable.scope)}:
        raise NotACurator(_("One of these people is not a curator of this campaign. Invite them first."), field="curators")
    if not 1 <= per_contribution <= len(curators):
        sentence = _(
            "Reviews per contribution ({per_contribution}) cannot exceed curators ({curators}).",
            per_contribution=per_contribution,
            curators=len(curators),
        )
        raise TooFewCurators(sentence, field="per_contribution")
    return curators


def _hand_out(
    session: Session, made: ReviewRound, campaign_id: UUID, contributions: Collection[UUID], curators: Sequence[UUID]
) -> list[Pair]:
    """Hand the contributions out as far as they lack reviewers; returns who newly has what."""
    taken = handed_out(session, campaign_id)
    new = allot(made.seed, contributions, curators, made.per_contribution, taken, conflicts(session, curators, contributions))
    session.add_all(
        ReviewAssignment(round_id=made.id, curator_id=curator, contribution_id=contribution, place=draw(made.seed, curator, contribution))
        for curator, contribution in new
    )
    session.flush()
    return new


def _record_assigned(
    session: Session, made: ReviewRound, deliverable: Deliverable, new: Collection[Pair], *, by: Actor, at: datetime
) -> None:
    events.record(
        session, EventName.CURATION_ASSIGNED, by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        round=str(made.id), visit=made.visit, per_work=made.per_contribution, reviews=len(new), curators=sorted({str(c) for c,
        _contribution in new}),
    )  # fmt: skip


def declare_conflict(session: Session, assignment_id: UUID, *, by: Actor, at: datetime) -> Conflict:
    """Say that one cannot judge this contribution: one's review counts no more, and the contribution goes to another curator of the
    round."""
    found = find_assignment(session, assignment_id, by=by, lock=True)
    by.require(Permission.REVIEW, on=found.deliverable)
    conflict = Conflict(curator_id=by.person, contribution_id=found.contribution.id, declared_at=at)
    session.add(conflict)
    found.assignment.released_at = at
    session.flush()
    events.record(
        session, EventName.CURATION_CONFLICT_DECLARED, by=by, at=at, campaign_id=found.deliverable.campaign_id,
        deliverable_id=found.deliverable.id,
        work=str(found.contribution.id), assignment=str(assignment_id),
    )  # fmt: skip
    if not found.is_published:
        _hand_on(session, found.round, found.deliverable, [found.contribution.id], at=at)
    return conflict


def take_off_desk(session: Session, campaign_id: UUID, curator_id: UUID, *, by: Actor, at: datetime) -> int:
    """Take what someone who curates no more has not judged yet off their desk, and hand it on; returns how many contributions that were."""
    left = _unjudged(session, campaign_id, curator_id)
    gone = [assignment.id for _round, _deliverable, assignment in left]
    if not gone:
        return 0
    session.execute(delete(TakenBack).where(TakenBack.assignment_id.in_(gone)))
    session.execute(delete(ReviewAssignment).where(ReviewAssignment.id.in_(gone)))
    events.record(
        session, EventName.CURATION_DESK_CLEARED, by=by, at=at, campaign_id=campaign_id, curator=str(curator_id), reviews=len(gone)
    )
    rounds = {made.id: (made, deliverable) for made, deliverable, _assignment in left}
    for made, deliverable in rounds.values():
        contributions = [assignment.contribution_id for of, _deliverable, assignment in left if of.id == made.id]
        if (
            deliverable.stage is Stage.CURATION
            and deliverable.visit == made.visit
            and not session.get(Selection, (deliverable.id, deliverable.visit))
        ):
            _hand_on(session, made, deliverable, contributions, at=at)
    return len(gone)


def _unjudged(session: Session, campaign_id: UUID, curator_id: UUID) -> list[tuple[ReviewRound, Deliverable, ReviewAssignment]]:
    """What is on the desk for deliverables that the person does not curate any more."""
    query = (
        select(ReviewRound, Deliverable, ReviewAssignment)
        .join(ReviewRound, ReviewRound.id == ReviewAssignment.round_id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .outerjoin(Review, Review.assignment_id == ReviewAssignment.id)
        .where(Deliverable.campaign_id == campaign_id, ReviewAssignment.curator_id == curator_id, GIVEN, Review.assignment_id.is_(None))
        .order_by(ReviewAssignment.id)
    )
    person = actor_for(session, curator_id)
    return [row for row in session.execute(query) if not person.holds(Role.CURATOR, on=row[1])]


def _hand_on(session: Session, made: ReviewRound, deliverable: Deliverable, contributions: Collection[UUID], *, at: datetime) -> None:
    """Hand the contributions to other curators of their round, who are told as at first; where nobody is left, the manager may ask more."""
    still = {person.id for person in holders(session, Role.CURATOR, deliverable.scope)}
    new = _hand_out(session, made, deliverable.campaign_id, contributions, [UUID(c) for c in made.curator_ids if UUID(c) in still])
    if new:
        _record_assigned(session, made, deliverable, new, by=SYSTEM, at=at)

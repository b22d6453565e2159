"""A curator's desk: each contribution under a code name of its own, with nothing that says whose it is, and what comes next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.db import one_of
from campaigns.core.files import FileLink
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.curation.assignments.queries import Assigned, assigned_to, assignments, awaited, desk, find_assignment, is_left
from campaigns.curation.errors import NoSuchReview
from campaigns.curation.models import Criterion, DeskTally, ReviewAssignment, ReviewRound, Score, TakenBack
from campaigns.curation.queries import Which, decided
from campaigns.curation.rubrics.actions import rubric
from campaigns.open_call.media.formats import MediaKind
from campaigns.open_call.models import Rendition
from campaigns.open_call.queries import Shown, renditions_of


def scores_of(session: Session, assignment_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """The scores of each of these reviews, by the criterion's name in the rubric's order."""
    query = select(Score.assignment_id, Criterion.name, Score.value).join(Criterion, Criterion.id == Score.criterion_id)
    scores: dict[UUID, dict[str, int]] = {assignment_id: {} for assignment_id in assignment_ids}
    for assignment_id, name, value in session.execute(query.where(one_of(Score.assignment_id, assignment_ids)).order_by(Criterion.number)):
        scores[assignment_id][name] = value
    return scores


@dataclass(frozen=True, slots=True)
class BlindReview:
    """A contribution on a curator's desk, and what that curator has said of it; `may_change` until the selection is published.

    `taken_back` is what they said before they undid it.
    """

    id: UUID
    campaign_id: UUID
    campaign: str
    code: str
    kind: MediaKind
    renditions: Sequence[Shown]
    scores: Mapping[str, int]
    reason: str | None
    taken_back: TakenBack | None
    may_change: bool


def blind_desk(
    session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30, which: Which | None = Which.LEFT
) -> list[BlindReview]:
    """The contributions on the actor's desk, in the order drawn for them; None is all of them."""
    return _blind(session, desk(session, by=by, after=after, limit=limit, which=which))


def blind_reviews(session: Session, assignment_ids: Collection[UUID], *, by: Actor) -> dict[UUID, BlindReview]:
    """Those of these contributions that are on the actor's desk, in as many queries as one."""
    return {blind.id: blind for blind in _blind(session, assignments(session, assignment_ids, by=by))}


def blind_review(session: Session, assignment_id: UUID, *, by: Actor) -> tuple[BlindReview, Sequence[Criterion]]:
    """One contribution on the actor's desk, with the criteria that it is judged by."""
    assigned = find_assignment(session, assignment_id, by=by)
    return _blind(session, [assigned])[0], rubric(session, assigned.deliverable.campaign_id)


def blind_file(session: Session, assignment_id: UUID, role: str, *, by: Actor) -> FileLink:
    """The file that shows a contribution on the actor's desk in one role; raises NoSuchReview."""
    assigned = find_assignment(session, assignment_id, by=by)
    shown = session.get(Rendition, (assigned.contribution.id, role))
    if shown is None:
        raise NoSuchReview(_("There is no such file."))
    return FileLink(sha256=shown.sha256, mime=shown.mime, name=role)


def _blind(session: Session, assigned: Sequence[Assigned]) -> list[BlindReview]:
    renditions = renditions_of(session, [a.contribution.id for a in assigned])
    ids = [a.assignment.id for a in assigned]
    scores, taken_back = scores_of(session, ids), _taken_back(session, ids)
    query = select(Campaign).where(Campaign.id.in_({a.deliverable.campaign_id for a in assigned}))
    titles = {campaign.id: campaign.title for campaign in session.scalars(query)}
    return [
        BlindReview(
            id=a.assignment.id, campaign_id=a.deliverable.campaign_id, campaign=titles[a.deliverable.campaign_id], code=_code(a),
            kind=a.contribution.kind,
            renditions=renditions[a.contribution.id], scores=scores[a.assignment.id], reason=a.review.reason if a.review else None,
            taken_back=taken_back.get(a.assignment.id), may_change=not a.is_published,
        )
        for a in assigned
    ]  # fmt: skip


def _taken_back(session: Session, assignment_ids: Collection[UUID]) -> dict[UUID, TakenBack]:
    rows = session.scalars(select(TakenBack).where(TakenBack.assignment_id.in_(assignment_ids)))
    return {kept.assignment_id: kept for kept in rows}


def _code(assigned: Assigned) -> str:
    """The contribution's name on this desk: two curators who compare notes cannot tell that they speak of the same contribution."""
    place = assigned.assignment.place.upper()
    return f"{place[:4]}-{place[4:8]}"


@dataclass(frozen=True, slots=True)
class DeskOf:
    """How far the actor has come in one campaign, with what was taken down since they judged it; `due_at` is when it is to end."""

    campaign_id: UUID
    title: str
    judged: int
    left: int
    due_at: datetime | None

    @property
    def handed_out(self) -> int:
        return self.judged + self.left


def desks(session: Session, *, by: Actor) -> Sequence[DeskOf]:
    """The campaigns in which the actor has something to judge or may still change their mind, what is due first."""
    query = (
        select(Campaign.id, Campaign.title, func.sum(DeskTally.written), func.sum(awaited()), Brief.curation_due_at)
        .select_from(DeskTally)
        .join(ReviewRound, ReviewRound.id == DeskTally.round_id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .outerjoin(Brief, Brief.campaign_id == Campaign.id)
        .where(DeskTally.curator_id == by.person, DeskTally.written + DeskTally.open > 0)
        .group_by(Campaign.id, Campaign.title, Brief.curation_due_at)
        .having(func.bool_or(~decided()))
        .order_by(Brief.curation_due_at, Campaign.id)
    )
    return [DeskOf(*row) for row in session.execute(query)]


def next_on_desk(session: Session, campaign_id: UUID, after: UUID | None = None, *, by: Actor) -> UUID | None:
    """What is left to judge: in the campaign what follows `after`, then what comes before it, then any other; None once all is judged."""
    last = select(ReviewAssignment.place).where(ReviewAssignment.id == after).scalar_subquery()
    follows = ReviewAssignment.place > func.coalesce(last, "")
    query = assigned_to(by).with_only_columns(ReviewAssignment.id).where(is_left())
    in_turn = query.order_by((Deliverable.campaign_id == campaign_id).desc(), follows.desc(), ReviewAssignment.place).limit(1)
    return session.scalars(in_turn).one_or_none()

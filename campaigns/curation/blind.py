"""A curator's desk: each work under a code name of its own, with nothing that says whose it is or who likes it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign
from campaigns.core.files import FileLink
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.curation.errors import NoSuchReview
from campaigns.curation.models import Criterion, TakenBack
from campaigns.curation.queries import Assigned, Which, assignments, desk, find_assignment, scores_of
from campaigns.curation.rubric import rubric
from campaigns.open_call.media.formats import MediaKind
from campaigns.open_call.models import Rendition
from campaigns.open_call.queries import Shown, renditions_of


@dataclass(frozen=True, slots=True)
class BlindReview:
    """A work on a curator's desk, and what that curator has said of it; `may_change` until the selection is published.

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
    """The works on the actor's desk, in the order drawn for them; None is all of them."""
    return _blind(session, desk(session, by=by, after=after, limit=limit, which=which))


def blind_reviews(session: Session, assignment_ids: Collection[UUID], *, by: Actor) -> dict[UUID, BlindReview]:
    """Those of these works that are on the actor's desk, in as many queries as one."""
    return {blind.id: blind for blind in _blind(session, assignments(session, assignment_ids, by=by))}


def blind_review(session: Session, assignment_id: UUID, *, by: Actor) -> tuple[BlindReview, Sequence[Criterion]]:
    """One work on the actor's desk, with the criteria that it is judged by."""
    assigned = find_assignment(session, assignment_id, by=by)
    return _blind(session, [assigned])[0], rubric(session, assigned.deliverable.campaign_id)


def blind_file(session: Session, assignment_id: UUID, role: str, *, by: Actor) -> FileLink:
    """The file that shows a work on the actor's desk in one role; raises NoSuchReview."""
    assigned = find_assignment(session, assignment_id, by=by)
    shown = session.get(Rendition, (assigned.work.id, role))
    if shown is None:
        raise NoSuchReview(_("There is no such file."))
    return FileLink(sha256=shown.sha256, mime=shown.mime, name=role)


def _blind(session: Session, assigned: Sequence[Assigned]) -> list[BlindReview]:
    renditions = renditions_of(session, [a.work.id for a in assigned])
    ids = [a.assignment.id for a in assigned]
    scores, taken_back = scores_of(session, ids), _taken_back(session, ids)
    query = select(Campaign).where(Campaign.id.in_({a.deliverable.campaign_id for a in assigned}))
    titles = {campaign.id: campaign.title for campaign in session.scalars(query)}
    return [
        BlindReview(
            id=a.assignment.id, campaign_id=a.deliverable.campaign_id, campaign=titles[a.deliverable.campaign_id], code=_code(a),
            kind=a.work.kind,
            renditions=renditions[a.work.id], scores=scores[a.assignment.id], reason=a.review.reason if a.review else None,
            taken_back=taken_back.get(a.assignment.id), may_change=not a.is_published,
        )
        for a in assigned
    ]  # fmt: skip


def _taken_back(session: Session, assignment_ids: Collection[UUID]) -> dict[UUID, TakenBack]:
    rows = session.scalars(select(TakenBack).where(TakenBack.assignment_id.in_(assignment_ids)))
    return {kept.assignment_id: kept for kept in rows}


def _code(assigned: Assigned) -> str:
    """The work's name on this desk: two curators who compare notes cannot tell that they speak of the same work."""
    place = assigned.assignment.place.upper()
    return f"{place[:4]}-{place[4:8]}"

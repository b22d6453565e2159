"""When a deliverable's curation ends: once its selection is published."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core.blockers import Blocker, BlockerCode
from campaigns.core.campaign import Deliverable
from campaigns.core.words import _, n_
from campaigns.curation.assignments.rules import barred_for
from campaigns.curation.queries import CurationVisit, Outstanding, standings


def blockers(session: Session, deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, list[Blocker]]:  # noqa: ARG001 - every gate is asked alike
    """What each of these deliverables still waits for in its present visit; the published selection alone opens the gate."""
    found = standings(session, deliverables)
    waiting = [deliverable for deliverable in deliverables if not found[deliverable.id].is_published]
    barred = barred_for(session, [(deliverable, asked.curators) for deliverable in waiting for asked in found[deliverable.id].rounds])
    waits: dict[UUID, list[Blocker]] = {deliverable.id: [] for deliverable in deliverables}
    for deliverable in waiting:
        waits[deliverable.id] = _waits(deliverable, found[deliverable.id], len(barred.get(deliverable.campaign_id, ())))
    return waits


def _waits(deliverable: Deliverable, standing: CurationVisit, nobody_for: int) -> list[Blocker]:
    is_asked = bool(standing.rounds)
    return [
        *_reviews(deliverable, standing.has_contributions and not is_asked, standing.outstanding),
        *_barred(nobody_for if is_asked else 0, standing.asked_since),
        _selection(deliverable, standing.due),
    ]


def _reviews(deliverable: Deliverable, is_unasked: bool, left: Outstanding | None) -> list[Blocker]:
    if is_unasked:
        message = _("No curators have been assigned yet.")
        return [Blocker(BlockerCode.CURATORS_UNASSIGNED, message, deliverable.entered_at)]
    if left is None:
        return []
    message = n_("{count} review is pending.", "{count} reviews are pending.", left.reviews)
    return [Blocker(BlockerCode.REVIEWS_OUTSTANDING, message, left.since, params={"count": left.reviews})]


def _barred(contributions: int, since: datetime | None) -> list[Blocker]:
    if not contributions:
        return []
    message = n_(
        "No assigned curator can review {count} contribution because of conflicts of interest: assign another.",
        "No assigned curator can review {count} contributions because of conflicts of interest: assign another.",
        contributions,
    )
    return [Blocker(BlockerCode.CONTRIBUTIONS_BARRED, message, since, params={"count": contributions})]


def _selection(deliverable: Deliverable, due: datetime | None) -> Blocker:
    message = _("The selection for this deliverable is not published yet.")
    return Blocker(BlockerCode.SELECTION_UNPUBLISHED, message, deliverable.entered_at, due)

"""What the published selections said of works, for those who made them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.curation.models import Outcome, Selection


@dataclass(frozen=True, slots=True)
class Fate:
    """What the newest selection of one deliverable said of a work."""

    deliverable: str
    chosen: bool
    reason: str


def fates_of(session: Session, work_ids: Collection[UUID]) -> dict[UUID, list[Fate]]:
    """For each of these works what each deliverable's newest selection said of it, those that chose it first; one query."""
    query = (
        select(Outcome, Deliverable)
        .join(Selection, and_(Selection.deliverable_id == Outcome.deliverable_id, Selection.visit == Outcome.visit))
        .join(Deliverable, Deliverable.id == Outcome.deliverable_id)
        .where(Outcome.work_id.in_(work_ids))
        .ext(distinct_on(Outcome.work_id, Deliverable.number))
        .order_by(Outcome.work_id, Deliverable.number, Outcome.visit.desc())
    )
    fates: dict[UUID, list[Fate]] = {work_id: [] for work_id in work_ids}
    for outcome, deliverable in session.execute(query):
        fates[outcome.work_id].append(Fate(deliverable.title, outcome.chosen, outcome.reason))
    return {work_id: sorted(found, key=lambda fate: not fate.chosen) for work_id, found in fates.items()}

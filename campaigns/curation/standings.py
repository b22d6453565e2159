"""How the curation of any number of deliverables stands: what its gate looks at, and its pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core.campaign import Deliverable
from campaigns.core.db import given
from campaigns.curation.models import DeskTally, ReviewRound, Selection
from campaigns.open_call.models import TAKES_PART, Contribution


@dataclass(frozen=True, slots=True)
class Outstanding:
    """How many reviews a visit still waits for, and since when."""

    reviews: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A handing-out of works: when, to whom, and how many of its reviews are still to be written."""

    asked_at: datetime
    curators: frozenset[UUID]
    open_reviews: int


@dataclass(frozen=True, slots=True)
class CurationVisit:
    """A deliverable's present visit: whether its selection is published and by when it is due, whether works take part, its rounds."""

    is_published: bool
    has_works: bool
    due: datetime | None
    rounds: list[Round] = field(default_factory=list)

    @property
    def asked_since(self) -> datetime | None:
        """When curators were first asked; None where they were not."""
        return min((each.asked_at for each in self.rounds), default=None)

    @property
    def outstanding(self) -> Outstanding | None:
        """The reviews that the visit waits for; None where it waits for none."""
        waiting = [each for each in self.rounds if each.open_reviews]
        return Outstanding(sum(each.open_reviews for each in waiting), min(each.asked_at for each in waiting)) if waiting else None


def standings(session: Session, deliverables: Sequence[Deliverable]) -> dict[UUID, CurationVisit]:
    """How the present visit of each of these deliverables stands, in one query."""
    found: dict[UUID, CurationVisit] = {}
    rows = session.execute(_standings(), {"ids": [t.id for t in deliverables]})
    for deliverable_id, published, works, due, asked_at, curators, left in rows:
        standing = found.setdefault(deliverable_id, CurationVisit(published, works, due))
        if asked_at is not None:
            standing.rounds.append(Round(asked_at, frozenset(map(UUID, curators)), left))
    return found


@lru_cache
def _standings() -> Select[Any]:
    is_published = exists().where(Selection.deliverable_id == Deliverable.id, Selection.visit == Deliverable.visit)
    has_works = exists().where(Contribution.campaign_id == Deliverable.campaign_id, TAKES_PART)
    open_reviews = select(func.coalesce(func.sum(DeskTally.open), 0)).where(DeskTally.round_id == ReviewRound.id).scalar_subquery()
    return (
        select(Deliverable.id, is_published, has_works, Brief.curation_due_at, ReviewRound.asked_at, ReviewRound.curator_ids, open_reviews)
        .join(Brief, Brief.campaign_id == Deliverable.campaign_id)
        .outerjoin(ReviewRound, and_(ReviewRound.deliverable_id == Deliverable.id, ReviewRound.visit == Deliverable.visit))
        .where(given(Deliverable.id))
    )

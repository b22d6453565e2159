"""Which contributions are judged, who judges blind, and how the curation of deliverables stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, Select, and_, exists, func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core.campaign import Deliverable
from campaigns.core.db import given, one_of
from campaigns.core.people import Actor
from campaigns.core.stages import ORDER, Stage
from campaigns.core.words import _
from campaigns.curation.errors import SeesNoNames
from campaigns.curation.models import DeskTally, ReviewAssignment, ReviewRound, Selection
from campaigns.open_call.models import TAKES_PART, Contribution
from campaigns.open_call.queries import judges_blind

GIVEN = ReviewAssignment.released_at.is_(None)
UNWRITTEN = and_(GIVEN, ~ReviewAssignment.is_written)


class Which(Enum):
    """The part of a desk that is still to be judged, or that is judged."""

    LEFT = "left"
    JUDGED = "judged"


def contributions_taking_part(session: Session, campaign_id: UUID, among: Collection[UUID] | None = None) -> set[UUID]:
    """Every contribution of the campaign that has been screened in and not been taken down, or those of them that are `among` these."""
    query = select(Contribution.id).where(Contribution.campaign_id == campaign_id, TAKES_PART)
    return set(session.scalars(query if among is None else query.where(Contribution.id.in_(among))))


def count_taking_part(session: Session, campaign_id: UUID) -> int:
    """How many contributions of the campaign take part."""
    return session.scalars(select(func.count()).select_from(Contribution).where(Contribution.campaign_id == campaign_id, TAKES_PART)).one()


def titles_of(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, str]:
    """The titles of these contributions."""
    return dict(session.execute(select(Contribution.id, Contribution.title).where(one_of(Contribution.id, contribution_ids))).all())


def decided() -> Exists:
    """Whether the selection that a round's reviews are for is published."""
    return exists().where(Selection.deliverable_id == ReviewRound.deliverable_id, Selection.visit == ReviewRound.visit)


@dataclass(frozen=True, slots=True)
class Outstanding:
    """How many reviews a visit still waits for, and since when."""

    reviews: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A handing-out of contributions: when, to whom, and how many of its reviews are still to be written."""

    asked_at: datetime
    curators: frozenset[UUID]
    open_reviews: int


@dataclass(frozen=True, slots=True)
class CurationVisit:
    """A deliverable's present visit: whether its selection is published and by when it is due, whether contributions take part, its
    rounds."""

    is_published: bool
    has_contributions: bool
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
    for deliverable_id, published, contributions, due, asked_at, curators, left in rows:
        standing = found.setdefault(deliverable_id, CurationVisit(published, contributions, due))
        if asked_at is not None:
            standing.rounds.append(Round(asked_at, frozenset(map(UUID, curators)), left))
    return found


@lru_cache
def _standings() -> Select[Any]:
    is_published = exists().where(Selection.deliverable_id == Deliverable.id, Selection.visit == Deliverable.visit)
    has_contributions = exists().where(Contribution.campaign_id == Deliverable.campaign_id, TAKES_PART)
    open_reviews = select(func.coalesce(func.sum(DeskTally.open), 0)).where(DeskTally.round_id == ReviewRound.id).scalar_subquery()
    return (
        select(
            Deliverable.id,
            is_published,
            has_contributions,
            Brief.curation_due_at,
            ReviewRound.asked_at,
            ReviewRound.curator_ids,
            open_reviews,
        )
        .join(Brief, Brief.campaign_id == Deliverable.campaign_id)
        .outerjoin(ReviewRound, and_(ReviewRound.deliverable_id == Deliverable.id, ReviewRound.visit == Deliverable.visit))
        .where(given(Deliverable.id))
    )


def judges_still(session: Session, deliverables: Sequence[Deliverable], *, by: Actor) -> bool:
    """Whether the actor curates in the campaign of these deliverables, be it one of them, while any of its own is before its selection."""
    judged = (Deliverable.campaign_id == deliverables[0].campaign_id, Deliverable.stage.in_(ORDER[: ORDER.index(Stage.CLIENT_DELIVERY)]))
    return judges_blind(by, deliverables[0]) and bool(session.scalar(select(exists().where(*judged))))


def require_sighted(session: Session, deliverables: Sequence[Deliverable], *, by: Actor) -> None:
    """Raise SeesNoNames while the actor still judges contributions of these deliverables' campaign."""
    if judges_still(session, deliverables, by=by):
        raise SeesNoNames(_("You still review contributions of this campaign blind. You can see this after the last selection."))

"""How far each curator has come: for the manager, who asks them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable, find_campaign
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.curation.models import DeskTally, ReviewRound
from campaigns.curation.queries import awaited


@dataclass(frozen=True, slots=True)
class CuratorProgress:
    """What one curator has had and done in a campaign; `lapsed` are reviews that nothing waits for any more."""

    curator_id: UUID
    name: str
    handed_out: int
    reviewed: int
    outstanding: int
    lapsed: int
    conflicts: int
    last_at: datetime | None


def progress(session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[CuratorProgress]:
    """How far each curator who was asked has come, by curator; nothing of what they found."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.ASSIGN_CURATORS, on=campaign)
    unwritten = DeskTally.given - DeskTally.written
    query = (
        select(
            Person.id,
            Person.name,
            func.sum(DeskTally.given),
            func.sum(DeskTally.written),
            func.sum(awaited()),
            func.sum(unwritten - awaited()),
            func.sum(DeskTally.released),
            func.max(DeskTally.last_at),
        )
        .join(DeskTally, DeskTally.curator_id == Person.id)
        .join(ReviewRound, ReviewRound.id == DeskTally.round_id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .where(Deliverable.campaign_id == campaign.id)
        .group_by(Person.id, Person.name)
        .having(func.sum(DeskTally.given + DeskTally.released) > 0)
    )
    query = query.where(Person.id > after) if after else query
    return [CuratorProgress(*row) for row in session.execute(query.order_by(Person.id).limit(limit))]


def still_reviewing(session: Session, deliverable_ids: Collection[UUID]) -> set[UUID]:
    """Who still has reviews to write that the present visits of these deliverables wait for."""
    query = (
        select(DeskTally.curator_id)
        .join(ReviewRound, ReviewRound.id == DeskTally.round_id)
        .join(Deliverable, and_(Deliverable.id == ReviewRound.deliverable_id, Deliverable.visit == ReviewRound.visit))
        .where(Deliverable.id.in_(deliverable_ids), DeskTally.open > 0)
    )
    return set(session.scalars(query.distinct()))

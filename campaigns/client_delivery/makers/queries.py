"""Who was named as a maker of a version and has not answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Version, VersionMaker
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.people import Actor

UNANSWERED = VersionMaker.confirmed_at.is_(None)


@dataclass(frozen=True, slots=True)
class AskedOf:
    """A version that names somebody as a maker who has not answered, with its deliverable and its campaign."""

    version: Version
    deliverable: Deliverable
    campaign: Campaign
    shares: int


def versions_asked_of(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[AskedOf]:
    """The versions that name the actor as a maker and wait for their answer, newest first; of campaigns that have not ended."""
    query = select(Version, Deliverable, Campaign, VersionMaker.shares).join(VersionMaker, VersionMaker.version_id == Version.id)
    query = query.join(Deliverable, Deliverable.id == Version.deliverable_id).join(Campaign, Campaign.id == Deliverable.campaign_id)
    query = query.where(VersionMaker.person_id == by.person_id, UNANSWERED, Campaign.done_at.is_(None), Campaign.settled_at.is_(None))
    query = query.where(Version.id < after) if after else query
    return [AskedOf(*row) for row in session.execute(query.order_by(Version.id.desc()).limit(limit))]


def unanswered_of(session: Session, version_id: UUID) -> Sequence[UUID]:
    """Whom the version names as makers who have not answered."""
    return session.scalars(
        select(VersionMaker.person_id).where(VersionMaker.version_id == version_id, UNANSWERED).order_by(VersionMaker.person_id)
    ).all()


def unanswered_versions(session: Session, campaign_id: UUID) -> Sequence[tuple[Version, Deliverable]]:
    """The campaign's versions that name somebody as a maker who has not answered."""
    named = select(VersionMaker.version_id).where(UNANSWERED)
    query = (
        select(Version, Deliverable)
        .join(Deliverable, Deliverable.id == Version.deliverable_id)
        .where(Deliverable.campaign_id == campaign_id, Version.id.in_(named))
    )
    return [(version, deliverable) for version, deliverable in session.execute(query.order_by(Version.id))]

"""Where a work is in: the deliverables that are, or are about to be, handed over with it, and the works that were built on it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ScalarSelect, and_, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Component, Package, Version
from campaigns.collaboration.obstacles import UNSETTLED, Obstacle, containing, obstacles
from campaigns.core.campaign import Campaign, Deliverable, in_reach_of
from campaigns.core.db import one_of
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.queries import chosen_here
from campaigns.open_call.crediting import CONFIRMED
from campaigns.open_call.models import TAKES_PART, Contribution, Maker

DELIVERED = (Stage.PAYOUT, Stage.DONE)


@dataclass(frozen=True, slots=True)
class Affected:
    """A deliverable for which the work, or one that has it in it, was chosen, and its newest version where the work is in that.

    Where it `is_delivered`, that is the version of its package.
    """

    deliverable: Deliverable
    version: Version | None
    is_delivered: bool = False


@dataclass(frozen=True, slots=True)
class BuiltOn:
    """A work that takes part and has the work in it, and someone who made it by their own word."""

    work_id: UUID
    title: str
    person_id: UUID


def affected(session: Session, campaign_id: UUID, work_ids: Collection[UUID]) -> Sequence[Affected]:
    """The deliverables of a campaign that has not ended which have, or had when they were handed over, one of these works in them.

    However deep it is in them.
    """
    found = _about_to_be(session, campaign_id, work_ids)
    return sorted([*found, *_handed_over(session, campaign_id, work_ids)], key=lambda each: each.deliverable.number)


def _handed_over(session: Session, campaign_id: UUID, work_ids: Collection[UUID]) -> list[Affected]:
    inside = select(Component.version_id).where(one_of(Component.work_id, containing(session, work_ids)))
    query = (
        select(Deliverable, Version).join(Version, Version.id == newest_packaged()).join(Campaign, Campaign.id == Deliverable.campaign_id)
    )
    query = query.where(Deliverable.campaign_id == campaign_id, Deliverable.stage.in_(DELIVERED), Version.id.in_(inside))
    return [
        Affected(*row, is_delivered=True) for row in session.execute(query.where(Campaign.done_at.is_(None), Campaign.settled_at.is_(None)))
    ]


def newest_packaged() -> ScalarSelect[UUID]:
    """The newest version of a deliverable that was packaged."""
    query = (
        select(Version.id)
        .join(Package, Package.version_id == Version.id)
        .where(Version.deliverable_id == Deliverable.id)
        .correlate(Deliverable)
    )
    return query.order_by(Version.number.desc()).limit(1).scalar_subquery()


def unsettled_in_packages(session: Session, *, by: Actor) -> Sequence[tuple[Campaign, Sequence[Obstacle]]]:
    """What is claimed to be in something handed over, and is not settled, in the campaigns of which the actor is a curator."""
    curating = in_reach_of(grant for grant in by.grants if grant.role is Role.CURATOR)
    query = select(Campaign, Component.version_id, Component.work_id).join(Deliverable, Deliverable.campaign_id == Campaign.id)
    query = query.join(Component, Component.version_id == newest_packaged()).order_by(Campaign.id)
    rows = session.execute(query.where(curating, Deliverable.stage == Stage.PAYOUT)).all()
    parts, campaigns = defaultdict[UUID, list[UUID]](list), dict[UUID, Campaign]()
    for campaign, version_id, work_id in rows:
        parts[version_id].append(work_id)
        campaigns[version_id] = campaign
    found = defaultdict[UUID, list[Obstacle]](list)
    for version_id, stopped in obstacles(session, parts).items():
        found[campaigns[version_id].id] += [each for each in stopped if each.cause in UNSETTLED]
    return [(campaign, found[campaign.id]) for campaign in dict.fromkeys(campaigns.values()) if found[campaign.id]]


def _about_to_be(session: Session, campaign_id: UUID, work_ids: Collection[UUID]) -> list[Affected]:
    """Those in client delivery."""
    holding = containing(session, work_ids)
    query = select(Deliverable, chosen_here()).where(Deliverable.campaign_id == campaign_id, Deliverable.stage == Stage.CLIENT_DELIVERY)
    found = session.execute(query.order_by(Deliverable.number)).all()
    newest = _newest(session, [deliverable.id for deliverable, _chosen in found])
    inside = set(session.scalars(select(Component.version_id).where(one_of(Component.work_id, holding))))
    packaged = set(
        session.scalars(select(Package.version_id).where(one_of(Package.version_id, [version.id for version in newest.values()])))
    )
    affected_ = []
    for deliverable, chosen in found:
        version = newest.get(deliverable.id)
        is_inside, is_delivered = version is not None and version.id in inside, version is not None and version.id in packaged
        if is_inside or (holding.intersection(chosen) and not is_delivered):
            affected_.append(Affected(deliverable, version if is_inside else None, is_delivered))
    return affected_


def _newest(session: Session, deliverable_ids: Collection[UUID]) -> dict[UUID, Version]:
    """The newest version of each deliverable's present visit."""
    query = (
        select(Version)
        .join(Deliverable, and_(Deliverable.id == Version.deliverable_id, Deliverable.visit == Version.visit))
        .where(one_of(Version.deliverable_id, deliverable_ids))
    )
    return {version.deliverable_id: version for version in session.scalars(query.order_by(Version.number))}


def built_on(session: Session, work_ids: Collection[UUID]) -> Sequence[BuiltOn]:
    """Every work that takes part and has one of these in it, over all generations, with each of its makers; not these themselves."""
    holding = containing(session, work_ids) - set(work_ids)
    query = select(Contribution.id, Contribution.title, Maker.person_id).join(Maker, Maker.contribution_id == Contribution.id)
    query = query.where(one_of(Contribution.id, holding), TAKES_PART, CONFIRMED).order_by(Contribution.id, Maker.person_id)
    return [BuiltOn(*row) for row in session.execute(query)]

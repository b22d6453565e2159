"""Where a work is in: the deliverables that are, or are about to be, handed over with it, and the works that were built on it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ScalarSelect, and_, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Component, Cut, Package
from campaigns.collaboration.obstacles import UNSETTLED, Obstacle, containing, obstacles
from campaigns.core.campaign import Campaign, Track, in_reach_of
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

    track: Track
    cut: Cut | None
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
    return sorted([*found, *_handed_over(session, campaign_id, work_ids)], key=lambda each: each.track.number)


def _handed_over(session: Session, campaign_id: UUID, work_ids: Collection[UUID]) -> list[Affected]:
    inside = select(Component.cut_id).where(one_of(Component.work_id, containing(session, work_ids)))
    query = select(Track, Cut).join(Cut, Cut.id == newest_packaged()).join(Campaign, Campaign.id == Track.campaign_id)
    query = query.where(Track.campaign_id == campaign_id, Track.stage.in_(DELIVERED), Cut.id.in_(inside))
    return [
        Affected(*row, is_delivered=True) for row in session.execute(query.where(Campaign.done_at.is_(None), Campaign.settled_at.is_(None)))
    ]


def newest_packaged() -> ScalarSelect[UUID]:
    """The newest version of a track that was packaged."""
    query = select(Cut.id).join(Package, Package.cut_id == Cut.id).where(Cut.track_id == Track.id).correlate(Track)
    return query.order_by(Cut.number.desc()).limit(1).scalar_subquery()


def unsettled_in_packages(session: Session, *, by: Actor) -> Sequence[tuple[Campaign, Sequence[Obstacle]]]:
    """What is claimed to be in something handed over, and is not settled, in the campaigns of which the actor is a curator."""
    curating = in_reach_of(grant for grant in by.grants if grant.role is Role.CURATOR)
    query = select(Campaign, Component.cut_id, Component.work_id).join(Track, Track.campaign_id == Campaign.id)
    query = query.join(Component, Component.cut_id == newest_packaged()).order_by(Campaign.id)
    rows = session.execute(query.where(curating, Track.stage == Stage.PAYOUT)).all()
    parts, campaigns = defaultdict[UUID, list[UUID]](list), dict[UUID, Campaign]()
    for campaign, cut_id, work_id in rows:
        parts[cut_id].append(work_id)
        campaigns[cut_id] = campaign
    found = defaultdict[UUID, list[Obstacle]](list)
    for cut_id, stopped in obstacles(session, parts).items():
        found[campaigns[cut_id].id] += [each for each in stopped if each.cause in UNSETTLED]
    return [(campaign, found[campaign.id]) for campaign in dict.fromkeys(campaigns.values()) if found[campaign.id]]


def _about_to_be(session: Session, campaign_id: UUID, work_ids: Collection[UUID]) -> list[Affected]:
    """Those in client delivery."""
    holding = containing(session, work_ids)
    query = select(Track, chosen_here()).where(Track.campaign_id == campaign_id, Track.stage == Stage.CLIENT_DELIVERY)
    found = session.execute(query.order_by(Track.number)).all()
    newest = _newest(session, [track.id for track, _chosen in found])
    inside = set(session.scalars(select(Component.cut_id).where(one_of(Component.work_id, holding))))
    packaged = set(session.scalars(select(Package.cut_id).where(one_of(Package.cut_id, [cut.id for cut in newest.values()]))))
    affected_ = []
    for track, chosen in found:
        cut = newest.get(track.id)
        is_inside, is_delivered = cut is not None and cut.id in inside, cut is not None and cut.id in packaged
        if is_inside or (holding.intersection(chosen) and not is_delivered):
            affected_.append(Affected(track, cut if is_inside else None, is_delivered))
    return affected_


def _newest(session: Session, track_ids: Collection[UUID]) -> dict[UUID, Cut]:
    """The newest version of each track's present visit."""
    query = select(Cut).join(Track, and_(Track.id == Cut.track_id, Track.visit == Cut.visit)).where(one_of(Cut.track_id, track_ids))
    return {cut.track_id: cut for cut in session.scalars(query.order_by(Cut.number))}


def built_on(session: Session, work_ids: Collection[UUID]) -> Sequence[BuiltOn]:
    """Every work that takes part and has one of these in it, over all generations, with each of its makers; not these themselves."""
    holding = containing(session, work_ids) - set(work_ids)
    query = select(Contribution.id, Contribution.title, Maker.person_id).join(Maker, Maker.contribution_id == Contribution.id)
    query = query.where(one_of(Contribution.id, holding), TAKES_PART, CONFIRMED).order_by(Contribution.id, Maker.person_id)
    return [BuiltOn(*row) for row in session.execute(query)]

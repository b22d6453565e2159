"""Where a work is in: the deliverables that are about to be handed over with it, and the works that were built on it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Component, Cut, Package
from campaigns.collaboration.obstacles import containing
from campaigns.core.campaign import Track
from campaigns.core.db import one_of
from campaigns.core.stages import Stage
from campaigns.curation.queries import chosen_here
from campaigns.open_call.models import TAKES_PART, Contribution, Maker


@dataclass(frozen=True, slots=True)
class Affected:
    """A deliverable for which the work, or one that has it in it, was chosen, and its newest version where the work is in that."""

    track: Track
    cut: Cut | None


@dataclass(frozen=True, slots=True)
class BuiltOn:
    """A work that takes part and has the work in it, and someone who made it."""

    work_id: UUID
    title: str
    person_id: UUID


def affected(session: Session, campaign_id: UUID, work_ids: Collection[UUID]) -> Sequence[Affected]:
    """The campaign's deliverables in client delivery that have one of these works in them, however deep, and no package yet."""
    holding = containing(session, work_ids)
    query = select(Track, chosen_here()).where(Track.campaign_id == campaign_id, Track.stage == Stage.CLIENT_DELIVERY)
    found = session.execute(query.order_by(Track.number)).all()
    newest = _newest(session, [track.id for track, _chosen in found])
    inside = set(session.scalars(select(Component.cut_id).where(one_of(Component.work_id, holding))))
    packaged = set(session.scalars(select(Package.cut_id).where(one_of(Package.cut_id, [cut.id for cut in newest.values()]))))
    affected_ = []
    for track, chosen in found:
        cut = newest.get(track.id)
        is_inside = cut is not None and cut.id in inside
        if not (cut and cut.id in packaged) and (is_inside or holding.intersection(chosen)):
            affected_.append(Affected(track, cut if is_inside else None))
    return affected_


def _newest(session: Session, track_ids: Collection[UUID]) -> dict[UUID, Cut]:
    """The newest version of each track's present visit."""
    query = select(Cut).join(Track, and_(Track.id == Cut.track_id, Track.visit == Cut.visit)).where(one_of(Cut.track_id, track_ids))
    return {cut.track_id: cut for cut in session.scalars(query.order_by(Cut.number))}


def built_on(session: Session, work_ids: Collection[UUID]) -> Sequence[BuiltOn]:
    """Every work that takes part and has one of these in it, over all generations, with each of its makers; not these themselves."""
    holding = containing(session, work_ids) - set(work_ids)
    query = select(Contribution.id, Contribution.title, Maker.person_id).join(Maker, Maker.contribution_id == Contribution.id)
    query = query.where(one_of(Contribution.id, holding), TAKES_PART).order_by(Contribution.id, Maker.person_id)
    return [BuiltOn(*row) for row in session.execute(query)]

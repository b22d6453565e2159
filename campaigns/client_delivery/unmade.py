"""What the machine still has to make of the versions: what a browser shows of each, and the package of the approved one."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Cut, Decision, Package, Showing, Verdict
from campaigns.core.campaign import Track
from campaigns.core.stages import Stage


def unpackaged(session: Session, track_ids: Collection[UUID]) -> list[UUID]:
    """The approved versions among these tracks whose package is still to be made."""
    return list(session.scalars(_unpackaged(Cut.id).where(Cut.track_id.in_(track_ids)).order_by(Cut.id)))


def unprepared(session: Session, track_ids: Collection[UUID], limit: int) -> list[UUID]:
    """The oldest versions of these tracks of which there is nothing yet that a browser shows, at most `limit`."""
    return list(session.scalars(_unprepared(Cut.id).where(Cut.track_id.in_(track_ids)).order_by(Cut.id).limit(limit)))


def work_waiting(session: Session, campaign_ids: Collection[UUID]) -> set[UUID]:
    """The campaigns among these for which a package, or what a browser shows of a version, is to be made."""
    waiting = (_unpackaged(Track.campaign_id), _unprepared(Track.campaign_id))
    return {found for query in waiting for found in session.scalars(query.where(Track.campaign_id.in_(campaign_ids)))}


def _unprepared(column: Any) -> "Select[UUID]":
    to_make = (Cut.showing == Showing.PENDING, Track.stage == Stage.CLIENT_DELIVERY, Track.visit == Cut.visit)
    return select(column).select_from(Cut).join(Track, Track.id == Cut.track_id).where(*to_make)


def _unpackaged(column: Any) -> "Select[UUID]":
    return (
        select(column)
        .select_from(Cut)
        .join(Track, Track.id == Cut.track_id)
        .join(Decision, and_(Decision.cut_id == Cut.id, Decision.verdict == Verdict.APPROVED))
        .outerjoin(Package, Package.cut_id == Cut.id)
        .where(Package.cut_id.is_(None), Cut.package_problem.is_(None), Track.stage == Stage.CLIENT_DELIVERY, Track.visit == Cut.visit)
    )

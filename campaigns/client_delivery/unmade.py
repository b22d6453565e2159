"""What the machine still has to make of the versions: what a browser shows of each, and the package of the approved one."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Component, Decision, Package, Showing, Verdict, Version
from campaigns.collaboration.obstacles import obstacles
from campaigns.core.campaign import Deliverable
from campaigns.core.db import one_of
from campaigns.core.stages import Stage


def unpackaged(session: Session, deliverable_ids: Collection[UUID]) -> list[UUID]:
    """The approved versions among these deliverables whose package is still to be made, and can be: nothing in them stands in the way."""
    return _free(
        session,
        session.execute(_unpackaged(Version.id, Version.id).where(Version.deliverable_id.in_(deliverable_ids)).order_by(Version.id)),
    )


def unprepared(session: Session, deliverable_ids: Collection[UUID], limit: int) -> list[UUID]:
    """The oldest versions of these deliverables of which there is nothing yet that a browser shows, at most `limit`."""
    return list(
        session.scalars(_unprepared(Version.id).where(Version.deliverable_id.in_(deliverable_ids)).order_by(Version.id).limit(limit))
    )


def work_waiting(session: Session, campaign_ids: Collection[UUID]) -> set[UUID]:
    """The campaigns among these for which a package, or what a browser shows of a version, is to be made."""
    of_campaigns = Deliverable.campaign_id.in_(campaign_ids)
    packages = _free(session, session.execute(_unpackaged(Version.id, Deliverable.campaign_id).where(of_campaigns)))
    return {*packages, *session.scalars(_unprepared(Deliverable.campaign_id).where(of_campaigns))}


def _free(session: Session, found: Iterable[Row[UUID, UUID]]) -> list[UUID]:
    """Of what stands beside each of these versions: that beside those in whose way nothing stands."""
    beside: dict[UUID, UUID] = {version_id: each for version_id, each in found}  # noqa: C416 - rows are no pairs to the type checker
    if not beside:
        return []
    parts: dict[UUID, list[UUID]] = {version_id: [] for version_id in beside}
    for version_id, work_id in session.execute(select(Component.version_id, Component.work_id).where(one_of(Component.version_id, parts))):
        parts[version_id].append(work_id)
    stopped = obstacles(session, parts)
    return [each for version_id, each in beside.items() if not stopped[version_id]]


def _unprepared(column: Any) -> "Select[UUID]":
    to_make = (Version.showing == Showing.PENDING, Deliverable.stage == Stage.CLIENT_DELIVERY, Deliverable.visit == Version.visit)
    return select(column).select_from(Version).join(Deliverable, Deliverable.id == Version.deliverable_id).where(*to_make)


def _unpackaged(*columns: Any) -> "Select[UUID, UUID]":
    return (
        select(*columns)
        .select_from(Version)
        .join(Deliverable, Deliverable.id == Version.deliverable_id)
        .join(Decision, and_(Decision.version_id == Version.id, Decision.verdict == Verdict.APPROVED))
        .outerjoin(Package, Package.version_id == Version.id)
        .where(
            Package.version_id.is_(None),
            Version.package_problem.is_(None),
            Deliverable.stage == Stage.CLIENT_DELIVERY,
            Deliverable.visit == Version.visit,
        )
    )

"""The package of an approved version for those who may have it, what is still to be made, and which packages a contribution is in."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Select, and_, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.details import VersionDetails, version_details_of
from campaigns.client_delivery.models import Component, Package, ReviewDecision, Showing, Verdict, Version
from campaigns.client_delivery.queries import approved_version, components_of, find_deliverable_seen
from campaigns.collaboration.lineage.obstacles import UNSETTLED, Obstacle, containing, obstacles
from campaigns.collaboration.lineage.queries import all_behind
from campaigns.core.campaign import Campaign, Deliverable, in_reach_of
from campaigns.core.db import one_of
from campaigns.core.errors import NotFound
from campaigns.core.files import FileLink, link_to
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission, Role
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.curation.queries import require_sighted
from campaigns.curation.selections.queries import chosen_here
from campaigns.open_call.credits import CONFIRMED
from campaigns.open_call.models import TAKES_PART, Contribution, ContributionState, Maker


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A contribution in the lineage of a version that its makers have taken down, and when."""

    contribution_id: UUID
    title: str
    at: datetime


def taken_down(session: Session, version_id: UUID) -> Sequence[TakenDown]:
    """Every contribution in the version, or that led to it, that has been taken down, the latest first."""
    query = select(Contribution.id, Contribution.title, Contribution.state_since)
    query = query.where(
        Contribution.id.in_(all_behind(components_of(session, version_id))), Contribution.state == ContributionState.WITHDRAWN
    )
    return [TakenDown(*row) for row in session.execute(query.order_by(Contribution.state_since.desc(), Contribution.id))]


@dataclass(frozen=True, slots=True)
class Handover:
    """The package of a deliverable's approved version, and a link that fetches it within the hour.

    `taken_down` is what was taken down of all that led to the version; a package that `is_outdated` does not mark all of it.
    """

    details: VersionDetails
    package: Package
    url: str
    taken_down: Sequence[TakenDown]


def handover(session: Session, deliverable_id: UUID, *, by: Actor) -> Handover:
    """What is handed over for the deliverable, once it is made; raises NotFound."""
    deliverable = find_deliverable_seen(session, deliverable_id, by=by)
    by.require(Permission.VIEW_PACKAGE, on=deliverable)
    require_sighted(session, [deliverable], by=by)  # it names everyone
    version = approved_version(session, deliverable.id)
    details = version_details_of(session, [version], [deliverable])[0] if version else None
    if details is None or details.package is None:
        raise NotFound(_("There is no package yet: it is made once the brand has approved a version."))
    link = FileLink(sha256=details.package.sha256, mime="application/zip", name=f"{details.name}.zip")
    return Handover(details, details.package, link_to(link), taken_down(session, details.version.id))


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
    for version_id, contribution_id in session.execute(
        select(Component.version_id, Component.contribution_id).where(one_of(Component.version_id, parts))
    ):
        parts[version_id].append(contribution_id)
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
        .join(ReviewDecision, and_(ReviewDecision.version_id == Version.id, ReviewDecision.verdict == Verdict.APPROVED))
        .outerjoin(Package, Package.version_id == Version.id)
        .where(
            Package.version_id.is_(None),
            Version.package_problem.is_(None),
            Deliverable.stage == Stage.CLIENT_DELIVERY,
            Deliverable.visit == Version.visit,
        )
    )


DELIVERED = (Stage.PAYOUT, Stage.DONE)


@dataclass(frozen=True, slots=True)
class Affected:
    """A deliverable for which the contribution, or one that has it in it, was chosen, and its newest version where the contribution is in
    that.

    Where it `is_delivered`, that is the version of its package.
    """

    deliverable: Deliverable
    version: Version | None
    is_delivered: bool = False


@dataclass(frozen=True, slots=True)
class BuiltOn:
    """A contribution that takes part and has the contribution in it, and someone who made it by their own word."""

    contribution_id: UUID
    title: str
    person_id: UUID


def affected(session: Session, campaign_id: UUID, contribution_ids: Collection[UUID]) -> Sequence[Affected]:
    """The deliverables of a campaign that has not ended which have, or had when they were handed over, one of these contributions in them.

    However deep it is in them.
    """
    found = _about_to_be(session, campaign_id, contribution_ids)
    return sorted([*found, *_handed_over(session, campaign_id, contribution_ids)], key=lambda each: each.deliverable.number)


def _handed_over(session: Session, campaign_id: UUID, contribution_ids: Collection[UUID]) -> list[Affected]:
    inside = select(Component.version_id).where(one_of(Component.contribution_id, containing(session, contribution_ids)))
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
    query = select(Campaign, Component.version_id, Component.contribution_id).join(Deliverable, Deliverable.campaign_id == Campaign.id)
    query = query.join(Component, Component.version_id == newest_packaged()).order_by(Campaign.id)
    rows = session.execute(query.where(curating, Deliverable.stage == Stage.PAYOUT)).all()
    parts, campaigns = defaultdict[UUID, list[UUID]](list), dict[UUID, Campaign]()
    for campaign, version_id, contribution_id in rows:
        parts[version_id].append(contribution_id)
        campaigns[version_id] = campaign
    found = defaultdict[UUID, list[Obstacle]](list)
    for version_id, stopped in obstacles(session, parts).items():
        found[campaigns[version_id].id] += [each for each in stopped if each.cause in UNSETTLED]
    return [(campaign, found[campaign.id]) for campaign in dict.fromkeys(campaigns.values()) if found[campaign.id]]


def _about_to_be(session: Session, campaign_id: UUID, contribution_ids: Collection[UUID]) -> list[Affected]:
    """Those in client delivery."""
    holding = containing(session, contribution_ids)
    query = select(Deliverable, chosen_here()).where(Deliverable.campaign_id == campaign_id, Deliverable.stage == Stage.CLIENT_DELIVERY)
    found = session.execute(query.order_by(Deliverable.number)).all()
    newest = _newest(session, [deliverable.id for deliverable, _chosen in found])
    inside = set(session.scalars(select(Component.version_id).where(one_of(Component.contribution_id, holding))))
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


def built_on(session: Session, contribution_ids: Collection[UUID]) -> Sequence[BuiltOn]:
    """Every contribution that takes part and has one of these in it, over all generations, with each of its makers; not these
    themselves."""
    holding = containing(session, contribution_ids) - set(contribution_ids)
    query = select(Contribution.id, Contribution.title, Maker.person_id).join(Maker, Maker.contribution_id == Contribution.id)
    query = query.where(one_of(Contribution.id, holding), TAKES_PART, CONFIRMED).order_by(Contribution.id, Maker.person_id)
    return [BuiltOn(*row) for row in session.execute(query)]

"""A version with all that is bound to it: who made it, what is in it, what was decided on it and what stands in its way."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import (
    Component,
    OutsideMaterial,
    Package,
    ReviewDecision,
    Showing,
    Version,
    VersionMaker,
    VersionRendition,
)
from campaigns.collaboration.lineage.obstacles import Obstacle, obstacles
from campaigns.core.campaign import Deliverable
from campaigns.core.db import given, one_of
from campaigns.core.files import FileLink, link_to
from campaigns.core.people import Person
from campaigns.core.stages import Stage
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.queries import Shown, shown_as


@dataclass(frozen=True, slots=True)
class CreditedMaker:
    """Someone who made the version, by the name that is credited once they have confirmed it."""

    person_id: UUID
    name: str
    shares: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class ComponentDetails:
    """A contribution in the version, and whether it still takes part or has been taken down since."""

    contribution_id: UUID
    title: str
    takes_part: bool


@dataclass(frozen=True, slots=True)
class VersionDetails:
    """A version with all that is bound to it; `parts_sha256` is the hash that a decision names beside the file's.

    `obstacles` are the contributions in it, however deep, that keep it from being presented, approved and handed over.
    """

    version: Version
    deliverable: Deliverable
    makers: Sequence[CreditedMaker]
    components: Sequence[ComponentDetails]
    outside: Sequence[OutsideMaterial]
    decided: tuple[ReviewDecision, str] | None
    package: Package | None
    renditions: Sequence[Shown]
    obstacles: Sequence[Obstacle]

    @property
    def decision(self) -> ReviewDecision | None:
        return self.decided[0] if self.decided else None

    @property
    def approver(self) -> str | None:
        """The name of whoever decided."""
        return self.decided[1] if self.decided else None

    @property
    def parts(self) -> dict[str, Any]:
        """Makers, components and outside material in their canonical order."""
        return {
            "components": sorted(str(part.contribution_id) for part in self.components),
            "makers": {str(m.person_id): m.shares for m in self.makers},
            "outside": sorted([m.kind, m.title, m.origin, m.licence or ""] for m in self.outside),
        }

    @property
    def parts_sha256(self) -> str:
        """The sha256, in hexadecimal, of the parts as JSON with sorted keys and no spaces."""
        return hashlib.sha256(json.dumps(self.parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def unlicensed(self) -> list[OutsideMaterial]:
        return [m for m in self.outside if m.licence is None]

    @property
    def unconfirmed(self) -> list[CreditedMaker]:
        return [m for m in self.makers if not m.is_confirmed]

    @property
    def is_being_prepared(self) -> bool:
        """Whether what a browser shows of it is still to come."""
        in_work = self.deliverable.stage is Stage.CLIENT_DELIVERY and self.deliverable.visit == self.version.visit
        return in_work and self.version.showing is Showing.PENDING

    @property
    def name(self) -> str:
        """What its file is called, without an ending."""
        words = re.sub(r"[^\w]+", "-", self.deliverable.title.lower()).strip("-")
        return f"{words or 'deliverable'}-v{self.version.number}"

    @property
    def file_name(self) -> str:
        return f"{self.name}.{BY_MIME[self.version.mime].endings[0]}"

    @property
    def url(self) -> str:
        """A link that shows the file for an hour."""
        return link_to(FileLink(sha256=self.version.sha256, mime=self.version.mime, name=self.file_name))


def version_details_of(session: Session, versions: Sequence[Version], deliverables: Collection[Deliverable]) -> list[VersionDetails]:
    """These versions of these deliverables with everything bound to them, in seven queries however many they are."""
    ids = [c.id for c in versions]
    return _details_of(session, versions, deliverables, _makers(session, ids), _renditions(session, ids))


def _details_of(
    session: Session,
    versions: Sequence[Version],
    deliverables: Collection[Deliverable],
    makers: Mapping[UUID, Sequence[CreditedMaker]],
    shown: Mapping[UUID, Sequence[Shown]],
) -> list[VersionDetails]:
    if not versions:
        return []
    ids, by_id = [c.id for c in versions], {t.id: t for t in deliverables}
    parts, outside, decisions = _components(session, ids), _outside(session, ids), _decisions(session, ids)
    packages = {p.version_id: p for p in session.scalars(select(Package).where(one_of(Package.version_id, ids)))}
    stopped = obstacles(session, {version_id: [part.contribution_id for part in parts[version_id]] for version_id in ids})
    return [
        VersionDetails(
            c, by_id[c.deliverable_id], makers.get(c.id, []), parts[c.id], outside[c.id],
            decisions.get(c.id), packages.get(c.id), shown.get(c.id, []), stopped[c.id],
        )
        for c in versions
    ]  # fmt: skip


def _decisions(session: Session, version_ids: Collection[UUID]) -> dict[UUID, tuple[ReviewDecision, str]]:
    query = (
        select(ReviewDecision, Person.name)
        .join(Person, Person.id == ReviewDecision.decided_by)
        .where(one_of(ReviewDecision.version_id, version_ids))
    )
    return {decision.version_id: (decision, name) for decision, name in session.execute(query)}


def _makers(session: Session, version_ids: Collection[UUID]) -> dict[UUID, list[CreditedMaker]]:
    query = (
        select(VersionMaker, Person.name)
        .join(Person, Person.id == VersionMaker.person_id)
        .where(one_of(VersionMaker.version_id, version_ids))
    )
    found = defaultdict[UUID, list[CreditedMaker]](list)
    for maker, name in session.execute(query.order_by(VersionMaker.person_id)):
        found[maker.version_id].append(CreditedMaker(maker.person_id, name, maker.shares, maker.confirmed_at is not None))
    return found


def _components(session: Session, version_ids: Collection[UUID]) -> dict[UUID, list[ComponentDetails]]:
    query = select(Component.version_id, Contribution.id, Contribution.title, Contribution.state).where(
        one_of(Component.version_id, version_ids)
    )
    query = query.join(Contribution, Contribution.id == Component.contribution_id).order_by(Component.contribution_id)
    found = defaultdict[UUID, list[ComponentDetails]](list)
    for version_id, contribution_id, title, state in session.execute(query):
        found[version_id].append(ComponentDetails(contribution_id, title, state is ContributionState.SCREENED_IN))
    return found


def _outside(session: Session, version_ids: Collection[UUID]) -> dict[UUID, list[OutsideMaterial]]:
    found = defaultdict[UUID, list[OutsideMaterial]](list)
    for material in session.scalars(
        select(OutsideMaterial).where(one_of(OutsideMaterial.version_id, version_ids)).order_by(OutsideMaterial.id)
    ):
        found[material.version_id].append(material)
    return found


def _renditions(session: Session, version_ids: Collection[UUID]) -> dict[UUID, list[Shown]]:
    found = defaultdict[UUID, list[Shown]](list)
    for made in session.scalars(
        select(VersionRendition).where(one_of(VersionRendition.version_id, version_ids)).order_by(VersionRendition.role)
    ):
        found[made.version_id].append(shown_as(made))
    return found


def latest_version_details(session: Session, deliverables: Sequence[Deliverable]) -> dict[UUID, VersionDetails]:
    """The newest version of each deliverable's present visit, as far as a gate asks: not who made it, and not what it looks like."""
    versions = session.scalars(_latest(), {"ids": [t.id for t in deliverables]}).all()
    return {v.version.deliverable_id: v for v in _details_of(session, versions, deliverables, {}, {})}


@lru_cache
def _latest() -> Select[Version]:
    newest = (
        select(Version.deliverable_id, func.max(Version.number).label("number"))
        .where(given(Version.deliverable_id))
        .group_by(Version.deliverable_id)
        .subquery()
    )
    query = select(Version).join(newest, and_(newest.c.deliverable_id == Version.deliverable_id, newest.c.number == Version.number))
    return query.join(Deliverable, and_(Deliverable.id == Version.deliverable_id, Deliverable.visit == Version.visit))

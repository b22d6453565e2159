"""What there is to see of the versions, and for whom."""

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

from campaigns.client_delivery.errors import NoSuchCut
from campaigns.client_delivery.models import Component, Cut, CutMaker, CutRendition, Decision, OutsideMaterial, Package, Showing, Verdict
from campaigns.collaboration.lineage import contained_in
from campaigns.collaboration.obstacles import Obstacle, obstacles
from campaigns.core.campaign import Campaign, Deliverable, find_deliverable, visible_to
from campaigns.core.db import given, one_of
from campaigns.core.errors import NotFound
from campaigns.core.files import FileLink, link_to
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission, Role
from campaigns.core.role_grants import holders
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.curation.queries import chosen_works, works_taking_part
from campaigns.curation.sighted import judges_still
from campaigns.open_call.crediting import Credit, credits_of
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.models import Contribution, WorkState
from campaigns.open_call.queries import Shown, shown_as


@dataclass(frozen=True, slots=True)
class CutMade:
    """Someone who made the version, by the name that is credited once they have confirmed it."""

    person_id: UUID
    name: str
    shares: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A work in the version, and whether it still takes part or has been taken down since."""

    work_id: UUID
    title: str
    takes_part: bool


@dataclass(frozen=True, slots=True)
class VersionDetails:
    """A version with all that is bound to it; `parts_sha256` is the hash that a decision names beside the file's.

    `obstacles` are the works in it, however deep, that keep it from being presented, approved and handed over.
    """

    cut: Cut
    deliverable: Deliverable
    makers: Sequence[CutMade]
    components: Sequence[Part]
    outside: Sequence[OutsideMaterial]
    decided: tuple[Decision, str] | None
    package: Package | None
    renditions: Sequence[Shown]
    obstacles: Sequence[Obstacle]

    @property
    def decision(self) -> Decision | None:
        return self.decided[0] if self.decided else None

    @property
    def approver(self) -> str | None:
        """The name of whoever decided."""
        return self.decided[1] if self.decided else None

    @property
    def parts(self) -> dict[str, Any]:
        """Makers, components and outside material in their canonical order."""
        return {
            "components": sorted(str(part.work_id) for part in self.components),
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
    def unconfirmed(self) -> list[CutMade]:
        return [m for m in self.makers if not m.is_confirmed]

    @property
    def is_being_prepared(self) -> bool:
        """Whether what a browser shows of it is still to come."""
        in_work = self.deliverable.stage is Stage.CLIENT_DELIVERY and self.deliverable.visit == self.cut.visit
        return in_work and self.cut.showing is Showing.PENDING

    @property
    def name(self) -> str:
        """What its file is called, without an ending."""
        words = re.sub(r"[^\w]+", "-", self.deliverable.title.lower()).strip("-")
        return f"{words or 'deliverable'}-v{self.cut.number}"

    @property
    def file_name(self) -> str:
        return f"{self.name}.{BY_MIME[self.cut.mime].endings[0]}"

    @property
    def url(self) -> str:
        """A link that shows the file for an hour."""
        return link_to(FileLink(sha256=self.cut.sha256, mime=self.cut.mime, name=self.file_name))


def find_version_details(session: Session, cut_id: UUID, *, by: Actor, lock: bool = False) -> VersionDetails:
    """The version, if it exists for this actor: the brand sees only what was presented to it. Raises NoSuchCut."""
    cut, deliverable = find_cut(session, cut_id, by=by)
    if lock:
        find_deliverable(session, deliverable.id, by=by, lock=True)
        # What was true before the wait for the lock may not be so any more.
        cut, deliverable = find_cut(session, cut_id, by=by)
    return version_details_of(session, [cut], [deliverable])[0]


def find_cut(session: Session, cut_id: UUID, *, by: Actor) -> tuple[Cut, Deliverable]:
    """The version's own row and its deliverable's, if it exists for this actor. Raises NoSuchCut."""
    query = (
        select(Cut, Deliverable)
        .join(Deliverable, Deliverable.id == Cut.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
    )
    query = query.where(Cut.id == cut_id, visible_to(by)).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None or not sees_cut(row[0], row[1], by):
        raise NoSuchCut(_("There is no such version."), field="cut_id")
    return row


def list_version_details(
    session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30
) -> list[VersionDetails]:
    """The deliverable's versions that this actor may see, newest first; raises NotFound for whoever sees none of them."""
    deliverable = find_deliverable_seen(session, deliverable_id, by=by)
    query = select(Cut).where(Cut.deliverable_id == deliverable.id).order_by(Cut.number.desc()).limit(limit)
    query = query.where(Cut.number < select(Cut.number).where(Cut.id == after).scalar_subquery()) if after else query
    query = query if sees_inside(by, deliverable) else query.where(Cut.presented_at.is_not(None))
    return version_details_of(session, session.scalars(query).all(), [deliverable])


def find_deliverable_seen(session: Session, deliverable_id: UUID, *, by: Actor) -> Deliverable:
    """The deliverable, if the actor sees versions of it; raises NotFound."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    if not by.may(Permission.VIEW_CUTS, on=deliverable):
        raise NotFound(_("There is no such deliverable."))
    return deliverable


def sees_inside(by: Actor, deliverable: Deliverable) -> bool:
    """Whether the actor sees what the brand does not: versions that were not presented, and the notes of those who made them."""
    return by.may(Permission.MAKE_CUT, on=deliverable)


def sees_cut(cut: Cut, deliverable: Deliverable, by: Actor) -> bool:
    """Whether the actor sees this version at all."""
    return sees_inside(by, deliverable) or (cut.presented_at is not None and by.may(Permission.VIEW_CUTS, on=deliverable))


def version_details_of(session: Session, cuts: Sequence[Cut], deliverables: Collection[Deliverable]) -> list[VersionDetails]:
    """These cuts of these deliverables with everything bound to them, in seven queries however many they are."""
    ids = [c.id for c in cuts]
    return _details_of(session, cuts, deliverables, _makers(session, ids), _renditions(session, ids))


def _details_of(
    session: Session,
    cuts: Sequence[Cut],
    deliverables: Collection[Deliverable],
    makers: Mapping[UUID, Sequence[CutMade]],
    shown: Mapping[UUID, Sequence[Shown]],
) -> list[VersionDetails]:
    if not cuts:
        return []
    ids, by_id = [c.id for c in cuts], {t.id: t for t in deliverables}
    parts, outside, decisions = _components(session, ids), _outside(session, ids), _decisions(session, ids)
    packages = {p.cut_id: p for p in session.scalars(select(Package).where(one_of(Package.cut_id, ids)))}
    stopped = obstacles(session, {cut_id: [part.work_id for part in parts[cut_id]] for cut_id in ids})
    return [
        VersionDetails(
            c, by_id[c.deliverable_id], makers.get(c.id, []), parts[c.id], outside[c.id],
            decisions.get(c.id), packages.get(c.id), shown.get(c.id, []), stopped[c.id],
        )
        for c in cuts
    ]  # fmt: skip


def _decisions(session: Session, cut_ids: Collection[UUID]) -> dict[UUID, tuple[Decision, str]]:
    query = select(Decision, Person.name).join(Person, Person.id == Decision.decided_by).where(one_of(Decision.cut_id, cut_ids))
    return {decision.cut_id: (decision, name) for decision, name in session.execute(query)}


def _makers(session: Session, cut_ids: Collection[UUID]) -> dict[UUID, list[CutMade]]:
    query = select(CutMaker, Person.name).join(Person, Person.id == CutMaker.person_id).where(one_of(CutMaker.cut_id, cut_ids))
    found = defaultdict[UUID, list[CutMade]](list)
    for maker, name in session.execute(query.order_by(CutMaker.person_id)):
        found[maker.cut_id].append(CutMade(maker.person_id, name, maker.shares, maker.confirmed_at is not None))
    return found


def _components(session: Session, cut_ids: Collection[UUID]) -> dict[UUID, list[Part]]:
    query = select(Component.cut_id, Contribution.id, Contribution.title, Contribution.state).where(one_of(Component.cut_id, cut_ids))
    query = query.join(Contribution, Contribution.id == Component.work_id).order_by(Component.work_id)
    found = defaultdict[UUID, list[Part]](list)
    for cut_id, work_id, title, state in session.execute(query):
        found[cut_id].append(Part(work_id, title, state is WorkState.SCREENED_IN))
    return found


def _outside(session: Session, cut_ids: Collection[UUID]) -> dict[UUID, list[OutsideMaterial]]:
    found = defaultdict[UUID, list[OutsideMaterial]](list)
    for material in session.scalars(select(OutsideMaterial).where(one_of(OutsideMaterial.cut_id, cut_ids)).order_by(OutsideMaterial.id)):
        found[material.cut_id].append(material)
    return found


def _renditions(session: Session, cut_ids: Collection[UUID]) -> dict[UUID, list[Shown]]:
    found = defaultdict[UUID, list[Shown]](list)
    for made in session.scalars(select(CutRendition).where(one_of(CutRendition.cut_id, cut_ids)).order_by(CutRendition.role)):
        found[made.cut_id].append(shown_as(made))
    return found


def latest_version_details(session: Session, deliverables: Sequence[Deliverable]) -> dict[UUID, VersionDetails]:
    """The newest version of each deliverable's present visit, as far as a gate asks: not who made it, and not what it looks like."""
    cuts = session.scalars(_latest(), {"ids": [t.id for t in deliverables]}).all()
    return {v.cut.deliverable_id: v for v in _details_of(session, cuts, deliverables, {}, {})}


@lru_cache
def _latest() -> Select[Cut]:
    newest = (
        select(Cut.deliverable_id, func.max(Cut.number).label("number"))
        .where(given(Cut.deliverable_id))
        .group_by(Cut.deliverable_id)
        .subquery()
    )
    query = select(Cut).join(newest, and_(newest.c.deliverable_id == Cut.deliverable_id, newest.c.number == Cut.number))
    return query.join(Deliverable, and_(Deliverable.id == Cut.deliverable_id, Deliverable.visit == Cut.visit))


def latest_cut(session: Session, deliverable_id: UUID, *, presented: bool = False) -> Cut | None:
    """The newest version of the deliverable, whatever visit it was made in; with `presented`, of those that the brand was shown."""
    those = (Cut.deliverable_id == deliverable_id, *([Cut.presented_at.is_not(None)] if presented else []))
    return session.scalars(select(Cut).where(*those).order_by(Cut.number.desc()).limit(1)).one_or_none()


def approved_cut(session: Session, deliverable_id: UUID) -> Cut | None:
    """The version that the brand approved last."""
    approved = and_(Decision.cut_id == Cut.id, Decision.verdict == Verdict.APPROVED)
    query = select(Cut).join(Decision, approved).where(Cut.deliverable_id == deliverable_id).order_by(Cut.number.desc()).limit(1)
    return session.scalars(query).one_or_none()


def may_contain(session: Session, deliverable: Deliverable) -> set[UUID]:
    """What a version may be made of: what was chosen for it and is still there, and whatever is in that, which was judged with it."""
    return contained_in(session, works_taking_part(session, deliverable.campaign_id, chosen_works(session, deliverable.id)))


def credits_seen(session: Session, work_ids: Collection[UUID], deliverable: Deliverable, *, by: Actor) -> dict[UUID, list[Credit]]:
    """Who made each of these works of the deliverable's, as the actor may read it: nobody is named to whoever still judges here."""
    if judges_still(session, [deliverable], by=by):
        return {work_id: [] for work_id in work_ids}
    return credits_of(session, work_ids, to=by.person)


def components_of(session: Session, cut_id: UUID) -> list[UUID]:
    """The works in the version, by id."""
    return list(session.scalars(select(Component.work_id).where(Component.cut_id == cut_id).order_by(Component.work_id)))


def makers_of(session: Session, cut_id: UUID) -> dict[UUID, int]:
    """The version's makers with their shares."""
    query = select(CutMaker.person_id, CutMaker.shares).where(CutMaker.cut_id == cut_id).order_by(CutMaker.person_id)
    return dict(session.execute(query).all())


def possible_makers(session: Session, deliverable: Deliverable, *, by: Actor) -> Sequence[Person]:
    """Who may be named as a maker of the next version: the deliverable's editors, whoever made the one before, and the actor; by name."""
    before = latest_cut(session, deliverable.id)
    others = {by.person, *(makers_of(session, before.id) if before else ())}
    editors = {each.id for each in holders(session, Role.EDITOR, deliverable.scope)}
    return session.scalars(select(Person).where(Person.id.in_(editors | others)).order_by(Person.name, Person.id)).all()


def rounds_of_changes(session: Session, deliverable_id: UUID) -> int:
    """How often the brand asked for changes to this deliverable."""
    asked = select(func.count()).select_from(Decision).join(Cut, Cut.id == Decision.cut_id)
    return session.scalars(asked.where(Cut.deliverable_id == deliverable_id, Decision.verdict == Verdict.CHANGES)).one()

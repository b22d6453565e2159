"""Deliverables across campaigns as the brand and the editors meet them: the newest version that they see, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from campaigns.brief.models import Brief
from campaigns.client_delivery.models import Annotation, NoteState, Package, ReviewDecision, Verdict, Version, Weight
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.people import Actor, Brand, Grant
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage

BRANDS = frozenset({Role.SIGNER, Role.APPROVER})
MAKERS = frozenset({Role.MANAGER, Role.EDITOR})
LOOKERS = MAKERS | {Role.LEADER}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A deliverable with the newest version that its readers see, if there is one, and how many notes on it are open."""

    deliverable: Deliverable
    campaign: Campaign
    brand: str
    due: datetime | None
    version: Version | None
    decision: ReviewDecision | None
    packaged_at: datetime | None
    open_notes: int
    open_required: int

    @property
    def is_decided(self) -> bool:
        return self.decision is not None

    @property
    def is_approved(self) -> bool:
        return self.decision is not None and self.decision.verdict is Verdict.APPROVED

    @property
    def awaits_decision(self) -> bool:
        """Whether the brand decides on it now."""
        version = self.version
        is_there = version is not None and version.presented_at is not None and version.visit == self.deliverable.visit
        return is_there and self.deliverable.stage is Stage.CLIENT_DELIVERY and self.decision is None


def deliveries(
    session: Session,
    roles: Collection[Role],
    *,
    by: Actor,
    campaign_id: UUID | None = None,
    inside: bool = False,
    in_delivery: bool = False,
    after: UUID | None = None,
    limit: int = 30,
) -> list[Delivery]:
    """The deliverables within reach of these roles of the actor's, newest first.

    With `inside` the newest version is the newest that was made; without, the newest that the brand was shown.
    """
    query = _found(inside).where(reach(by, roles)).order_by(Deliverable.id.desc()).limit(limit)
    query = query.where(Deliverable.campaign_id == campaign_id) if campaign_id else query
    query = query.where(Deliverable.stage == Stage.CLIENT_DELIVERY) if in_delivery else query
    query = query.where(Deliverable.id < after) if after else query
    return _with_notes(session, session.execute(query).all(), inside)


def awaiting_decision(session: Session, roles: Collection[Role], *, by: Actor, campaign_id: UUID | None = None) -> list[Delivery]:
    """Those on which the brand decides now, the longest waiting first."""
    query = _found(inside=False).where(reach(by, roles), Deliverable.stage == Stage.CLIENT_DELIVERY)
    query = query.where(Version.visit == Deliverable.visit, ReviewDecision.version_id.is_(None)).order_by(Version.presented_at, Version.id)
    query = query.where(Deliverable.campaign_id == campaign_id) if campaign_id else query
    return _with_notes(session, session.execute(query).all(), inside=False)


def reach(by: Actor, roles: Collection[Role]) -> ColumnElement[bool]:
    """The deliverables that a grant of one of these roles reaches."""
    return or_(false(), *(_within(grant) for grant in by.granting_any() if grant.role in roles))


def _within(grant: Grant) -> ColumnElement[bool]:
    ends = ((Deliverable.brand_id, grant.brand_id), (Deliverable.campaign_id, grant.campaign_id), (Deliverable.id, grant.deliverable_id))
    return and_(true(), *(column == own for column, own in ends if own is not None))


def _found(inside: bool) -> Select[Deliverable, Campaign, str, datetime | None, Version, ReviewDecision, datetime]:
    newer = aliased(Version)
    is_newer = and_(
        newer.deliverable_id == Version.deliverable_id,
        newer.number > Version.number,
        *(() if inside else (newer.presented_at.is_not(None),)),
    )
    newest = and_(
        Version.deliverable_id == Deliverable.id, ~exists().where(is_newer), *(() if inside else (Version.presented_at.is_not(None),))
    )
    return (
        select(Deliverable, Campaign, Brand.name, Brief.delivery_due_at, Version, ReviewDecision, Package.made_at)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .join(Brand, Brand.id == Deliverable.brand_id)
        .outerjoin(Brief, Brief.campaign_id == Deliverable.campaign_id)
        .outerjoin(Version, newest)
        .outerjoin(ReviewDecision, ReviewDecision.version_id == Version.id)
        .outerjoin(Package, Package.version_id == Version.id)
    )


Row = tuple[Deliverable, Campaign, str, datetime | None, Version | None, ReviewDecision | None, datetime | None]


def _with_notes(session: Session, rows: Sequence[Row], inside: bool) -> list[Delivery]:
    required = func.count().filter(Annotation.weight == Weight.REQUIRED, Annotation.internal.is_(False))
    query = (
        select(Version.deliverable_id, func.count(), required)
        .join(Annotation, Annotation.version_id == Version.id)
        .group_by(Version.deliverable_id)
    )
    query = query.where(Version.deliverable_id.in_([row[0].id for row in rows]), Annotation.state == NoteState.OPEN)
    query = query if inside else query.where(Version.presented_at.is_not(None), Annotation.internal.is_(False))
    counts = {deliverable_id: (count, of_them) for deliverable_id, count, of_them in session.execute(query)}
    return [Delivery(*row, *counts.get(row[0].id, (0, 0))) for row in rows]

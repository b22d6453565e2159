"""The partnership and its deliverables: the rows that say where everything stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    any_,
    exists,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.db import Amount, Base, Id, all_of
from campaigns.core.errors import NotFound, Refusal
from campaigns.core.names import Name, one_line
from campaigns.core.people import Actor, Grant, Scope
from campaigns.core.permissions import Permission
from campaigns.core.stages import ENDS, ORDER, MoveCause, Stage
from campaigns.core.words import _

T = TypeVar("T", bound=Base)
STAGE = Enum(Stage, native_enum=False, length=20, values_callable=lambda stages: [s.value for s in stages])

CAUSE = Enum(MoveCause, native_enum=False, length=20, values_callable=lambda causes: [c.value for c in causes])
KINDS = ("film", "picture", "sound", "text", "other")
CAUSES = ", ".join(repr(c.value) for c in MoveCause)


class Ended(Refusal):
    """The partnership is done or canceled."""


class Campaign(Base):
    """One brand partnership; `generation` fences its flow run, `wake` counts the reasons to look again and `seen` those looked at."""

    __tablename__ = "campaign"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(Identity(start=1), unique=True)
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"), index=True)
    title: Mapped[str] = mapped_column(Name(160, field="title"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    launched_at: Mapped[datetime | None]
    contributions_published_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    generation: Mapped[int] = mapped_column(default=0)
    flow_run_id: Mapped[UUID | None]
    wake: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (
        CheckConstraint("cancelled_at is null or done_at is null", name="one_end"),
        CheckConstraint("settled_at is null or cancelled_at is not null", name="settled"),
        CheckConstraint("generation >= 0 and wake >= 0 and seen >= 0", name="counters"),
        Index("ix_campaign_live", "id", postgresql_where="cancelled_at is null and done_at is null"),
        Index("ix_campaign_owner_id", "owner_id"),
        one_line("title"),
    )

    @property
    def scope(self) -> Scope:
        return Scope(brand_id=self.brand_id, campaign_id=self.id)

    @property
    def is_live(self) -> bool:
        """Whether it is neither done nor cancelled; a paused campaign is live."""
        return self.done_at is None and self.cancelled_at is None

    @property
    def is_unsettled(self) -> bool:
        """Whether somebody's share in it may still change: it is live, or it is cancelled and its kill fees are not paid yet."""
        return self.done_at is None and self.settled_at is None


class Deliverable(Base):
    """What the brand ordered, its price and its stage; `visit` counts its stays, and gates read the facts of the present one only."""

    __tablename__ = "deliverable"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Name(160, field="title"))
    kind: Mapped[str] = mapped_column(String(20))
    format: Mapped[str] = mapped_column(String(160))
    length: Mapped[str] = mapped_column(String(80))
    price: Mapped[Amount]
    stage: Mapped[Stage] = mapped_column(STAGE, default=Stage.BRIEF)
    visit: Mapped[int] = mapped_column(default=1)
    entered_at: Mapped[datetime]
    entered_because: Mapped[str | None]
    entered_cause: Mapped[MoveCause | None] = mapped_column(CAUSE)

    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("visit >= 1", name="visit"),
        CheckConstraint("price > 0", name="price"),
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        one_line("title"),
        CheckConstraint(f"stage in ({', '.join(repr(s.value) for s in Stage)})", name="stage"),
        CheckConstraint(f"entered_cause in ({CAUSES})", name="cause"),
        Index("ix_deliverable_stage", "stage", postgresql_where="stage not in ('done', 'cancelled')"),
    )

    @property
    def scope(self) -> Scope:
        return Scope(brand_id=self.brand_id, campaign_id=self.campaign_id, deliverable_id=self.id)

    @property
    def is_live(self) -> bool:
        return self.stage not in ENDS


class StageVisit(Base):
    """History: each entry of a deliverable into a stage, with its reason."""

    __tablename__ = "stage_visit"

    deliverable_id: Mapped[UUID] = mapped_column(ForeignKey("deliverable.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[Stage] = mapped_column(STAGE)
    entered_at: Mapped[datetime]
    reason: Mapped[str | None]
    cause: Mapped[MoveCause | None] = mapped_column(CAUSE)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (CheckConstraint(f"cause in ({CAUSES})", name="cause"),)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause that is over: an open date moves on by all of it, or by what was left of it when the date was set."""

    began: datetime
    ended: datetime

    @property
    def length(self) -> timedelta:
        return self.ended - self.began

    def left_at(self, moment: datetime) -> timedelta:
        """How much of it lay after `moment`."""
        return self.ended - max(self.began, moment)


def visible_to(by: Actor) -> ColumnElement[bool]:
    """The campaigns that exist for this actor: those in reach of a role, for artists the launched ones, for others the public ones."""
    if by.is_system:
        return true()
    return or_(Campaign.launched_at.is_not(None) if by.takes_part else is_public(), within_roles(by))


def is_public() -> ColumnElement[bool]:
    """Of the campaigns: those that take contributions now, and those whose contributions were published."""
    takes_contributions = Deliverable.stage.in_((Stage.OPEN_CALL, Stage.COLLABORATION))
    open_now = exists().where(Deliverable.campaign_id == Campaign.id, takes_contributions).correlate(Campaign)
    return and_(Campaign.launched_at.is_not(None), or_(Campaign.contributions_published_at.is_not(None), open_now))


def within_roles(by: Actor) -> ColumnElement[bool]:
    """Of the campaigns: those in reach of a role that somebody gave the actor."""
    return in_reach_of(by.given_roles())


def in_reach_of(grants: Iterable[Grant]) -> ColumnElement[bool]:
    """The campaigns that one of these roles reaches, by its brand or campaign, or all; two parameters, for someone may hold hundreds."""
    brands, campaigns = set[UUID](), set[UUID]()
    for grant in grants:
        if grant.campaign_id:
            campaigns.add(grant.campaign_id)
        elif grant.brand_id:
            brands.add(grant.brand_id)
        else:
            return true()
    among = ((Campaign.brand_id, brands), (Campaign.id, campaigns))
    return or_(false(), *(column == any_(all_of(ids)) for column, ids in among if ids))


def is_numbered(number: int, by: Actor) -> ColumnElement[bool]:
    """Of the campaigns: the one of this number, for whom numbers are told."""
    return and_(Campaign.number == number, in_reach_of(by.granting(Permission.VIEW_TIMELINE)))


def number_told(campaign: Campaign, *, by: Actor) -> int | None:
    """The campaign's number, for staff only: it counts the campaigns of every brand."""
    return campaign.number if by.may(Permission.VIEW_TIMELINE, on=campaign) else None


def find_campaign(session: Session, campaign_id: UUID, *, by: Actor, lock: bool = False) -> Campaign:
    """The campaign, if it exists for this actor; with `lock`, held until the transaction ends. Raises NotFound."""
    return _one(session, select(Campaign).where(Campaign.id == campaign_id, visible_to(by)), _("There is no such campaign."), lock)


def require_live(campaign: Campaign) -> None:
    """Raise Ended unless the campaign still goes on."""
    if not campaign.is_live:
        raise Ended(_("The campaign has ended; nothing in it can change."))


def find_deliverable(session: Session, deliverable_id: UUID, *, by: Actor, lock: bool = False) -> Deliverable:
    """The deliverable, if its campaign exists for this actor; with `lock`, both held until the transaction ends. Raises NotFound.

    The campaign is locked first, as everywhere: the flow and the seal of every transaction lock it too.
    """
    visible = (
        select(Deliverable).join(Campaign, Campaign.id == Deliverable.campaign_id).where(Deliverable.id == deliverable_id, visible_to(by))
    )
    deliverable = _one(session, visible, _("There is no such deliverable."))
    if not lock:
        return deliverable
    find_campaign(session, deliverable.campaign_id, by=by, lock=True)
    return _one(session, visible, _("There is no such deliverable."), lock=True, of=Deliverable)


def _one(session: Session, query: Select[T], otherwise: str, lock: bool = False, of: type[Base] | None = None) -> T:
    query = query.with_for_update(of=of, key_share=True) if lock else query
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(otherwise)
    return found


def deliverables_of(session: Session, campaign_id: UUID, *, lock: bool = False) -> Sequence[Deliverable]:
    """The campaign's deliverables in the order of their numbers."""
    query = select(Deliverable).where(Deliverable.campaign_id == campaign_id).order_by(Deliverable.number)
    return session.scalars(query.with_for_update(key_share=True).execution_options(populate_existing=True) if lock else query).all()


def stage_of(deliverables: Sequence[Deliverable]) -> Stage:
    """The campaign's stage: the earliest of its live deliverables', or the end that it came to."""
    live = [t.stage for t in deliverables if t.is_live]
    if live:
        return min(live, key=ORDER.index)
    return Stage.DONE if any(t.stage is Stage.DONE for t in deliverables) else Stage.CANCELLED if deliverables else Stage.BRIEF

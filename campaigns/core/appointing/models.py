"""What is kept of each role that touches money, for good: who gave it, who confirmed it, from when it counts, how it ended."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Enum, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.confirmations import Confirmable
from campaigns.core.db import Base, Id
from campaigns.core.people import Grant, RoleGrant, Scope
from campaigns.core.permissions import Role


class How(StrEnum):
    """Whose word a role rests on."""

    TWO = "two"
    FIRST = "first"
    MACHINE = "machine"
    EARLIER = "earlier"


class State(StrEnum):
    """The state of an appointment."""

    WAITING = "waiting"
    COOLING = "cooling"
    IN_FORCE = "in_force"
    STOPPED = "stopped"


HOW = Enum(How, native_enum=False, length=10, values_callable=lambda ways: [way.value for way in ways])


class Appointment(Confirmable, Base):
    """A role that touches money, on its way to a person, held, or ended: a row of `role_grant` stands beside it while it is in force.

    `how` is whose word it rests on: that of two people, of an operator alone (the first two of finance), of whoever is at the machine, or
    that it was there before appointments were kept. All times are business time; `stopped_at` is when it was stopped or ended.
    """

    __tablename__ = "appointment"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brand.id"))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    deliverable_id: Mapped[UUID | None]
    how: Mapped[How] = mapped_column(HOW)
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    granted_at: Mapped[datetime]
    counts_from: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    stopped_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    stopped_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("how in ('two', 'first', 'machine', 'earlier')", name="how"),
        CheckConstraint("how = 'machine' or how = 'earlier' or granted_by is not null and granted_by <> person_id", name="giver"),
        CheckConstraint("confirmed_by <> granted_by and confirmed_by <> person_id", name="confirmer"),
        CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed"),
        CheckConstraint("how <> 'two' or counts_from is null or confirmed_at is not null", name="two_words"),
        CheckConstraint("began_at is null or counts_from <= began_at", name="cooled"),
        Index(
            "uq_appointment_open", "person_id", "role", "brand_id", "campaign_id", "deliverable_id", unique=True,
            postgresql_nulls_not_distinct=True, postgresql_where=text("began_at is null and stopped_at is null"),
        ),
        Index("ix_appointment_confirmed_by", "confirmed_by"),
        Index("ix_appointment_cooling", "counts_from", postgresql_where=text("began_at is null and stopped_at is null")),
    )  # fmt: skip

    @property
    def scope(self) -> Scope:
        """Where the role reaches, itself something that a permission can be asked for."""
        return Scope(self.brand_id, self.campaign_id, self.deliverable_id)

    @property
    def state(self) -> State:
        """Where it is."""
        if self.stopped_at is not None:
            return State.STOPPED
        if self.began_at is not None:
            return State.IN_FORCE
        return State.WAITING if self.counts_from is None else State.COOLING

    @property
    def grant(self) -> Grant:
        """What the person may once it is in force."""
        return Grant(Role(self.role), self.brand_id, self.campaign_id, self.deliverable_id)


def the_same(held: type[RoleGrant | Appointment], person_id: UUID, role: str, on: Scope) -> tuple[ColumnElement[bool], ...]:
    """The rows of either table for this role of this person."""
    return (
        held.person_id == person_id,
        held.role == role,
        held.brand_id.is_not_distinct_from(on.brand_id),
        held.campaign_id.is_not_distinct_from(on.campaign_id),
        held.deliverable_id.is_not_distinct_from(on.deliverable_id),
    )

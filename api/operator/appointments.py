"""Roles that touch money over HTTP: seen, confirmed by a second person, stopped."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, Page, Tx, page_of
from campaigns.core.appointing import actions
from campaigns.core.appointing.models import How, State
from campaigns.core.appointing.queries import Appointed, appointed, appointments
from campaigns.core.appointing.rules import looks_like
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission, Role

router = APIRouter(prefix="/appointments", tags=["people"])


class AppointmentShown(BaseModel):
    """A role that touches money: `waiting` for a second person, `cooling` until `counts_from`, `in_force`, or `stopped`."""

    id: UUID
    person: UUID
    name: str
    role: Role
    brand: UUID | None
    campaign: UUID | None
    deliverable: UUID | None
    state: State
    how: How = Field(description="Who approved the role: two people, one operator alone, or someone on the command line.")
    granted_by: str | None
    granted_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    counts_from: datetime | None
    began_at: datetime | None
    stopped_by: str | None
    stopped_at: datetime | None

    @classmethod
    def of(cls, found: Appointed) -> "AppointmentShown":
        row = found.row
        return cls(
            id=row.id, person=row.person_id, name=found.person.name, role=Role(row.role), brand=row.brand_id, campaign=row.campaign_id,
            deliverable=row.deliverable_id, state=row.state, how=row.how, granted_by=found.giver, granted_at=row.granted_at,
            confirmed_by=found.confirmer, confirmed_at=row.confirmed_at, counts_from=row.counts_from, began_at=row.began_at,
            stopped_by=found.stopper, stopped_at=row.stopped_at,
        )  # fmt: skip


class AppointmentRead(AppointmentShown):
    """As whoever may confirm it reads it: with the address, and with those that differ from it only by a tag, by dots or by case."""

    email: str | None = None
    looks_like: list[str] = Field(default_factory=list, examples=[["mara.lindqvist+2@example.com"]])


class AppointmentList(Listing):
    items: list[AppointmentShown]


@router.get("")
def list_appointments(session: Tx, by: By, page: Page) -> AppointmentList:
    """The appointments that concern you, newest first."""
    found = appointments(session, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda each: each.row.id)
    return AppointmentList(items=[AppointmentShown.of(each) for each in shown], next=following)


@router.get("/{appointment_id}")
def show_appointment(appointment_id: UUID, session: Tx, by: By) -> AppointmentRead:
    """One appointment that concerns you."""
    return read(session, appointment_id, by)


@router.post("/{appointment_id}/confirm")
def confirm(appointment_id: UUID, session: Tx, by: By, at: At) -> AppointmentRead:
    """Confirm the role as a second person; it becomes active after the waiting period."""
    actions.confirm(session, appointment_id, by=by, at=at)
    return read(session, appointment_id, by)


@router.post("/{appointment_id}/stop")
def stop(appointment_id: UUID, session: Tx, by: By, at: At) -> AppointmentRead:
    """Stop a role before it becomes active, or end an active one."""
    actions.stop(session, appointment_id, by=by, at=at)
    return read(session, appointment_id, by)


def read(session: Tx, appointment_id: UUID, by: Actor) -> AppointmentRead:
    """The appointment, as much of it as this reader may know."""
    found = appointed(session, appointment_id, by=by)
    shown = AppointmentShown.of(found).model_dump()
    return AppointmentRead(**shown, **addresses(session, found, by))


def addresses(session: Tx, found: Appointed, by: Actor) -> dict[str, object]:
    """The address, and those that look like it, for whoever may confirm."""
    if not by.may(Permission.CONFIRM_ROLE, on=found.row):
        return {}
    person: Person = found.person
    return {"email": person.email, "looks_like": [alike.email for alike in looks_like(session, person)]}

"""Which appointments there are, for those whom they concern."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, any_, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from campaigns.core.appointing.errors import NoSuchAppointment
from campaigns.core.appointing.few_people import few_people
from campaigns.core.appointing.models import Appointment, How
from campaigns.core.appointing.rules import tied_to
from campaigns.core.campaign import Campaign
from campaigns.core.db import all_of
from campaigns.core.people import Actor, Brand, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _

WAITING = (Appointment.counts_from.is_(None), Appointment.began_at.is_(None), Appointment.stopped_at.is_(None))
OPEN = (Appointment.began_at.is_(None), Appointment.stopped_at.is_(None))


@dataclass(frozen=True, slots=True)
class Appointed:
    """An appointment with the names that go with it; `where` is its campaign or brand, None for a role on staff."""

    row: Appointment
    person: Person
    giver: str | None
    confirmer: str | None
    stopper: str | None
    where: str | None


def in_sight_of(by: Actor) -> ColumnElement[bool]:
    """The appointments that exist for this actor: their own, those that they gave, and those within reach of who may stop them."""
    own = () if by.is_system else (Appointment.person_id == by.person, Appointment.granted_by == by.person)
    return or_(*own, in_reach_of(by, Permission.STOP_ROLE))


def in_reach_of(by: Actor, permission: Permission) -> ColumnElement[bool]:
    """The appointments for whose place the actor holds this permission."""
    if by.is_system:
        return true()
    reach = by.granting(permission)
    if any(not g.brand_id and not g.campaign_id for g in reach):
        return true()
    campaigns = {g.campaign_id for g in reach if g.campaign_id}
    brands = {g.brand_id for g in reach if g.brand_id and not g.campaign_id}
    within = [Appointment.campaign_id == any_(all_of(campaigns))] if campaigns else []
    if brands:
        of_brands = select(Campaign.id).where(Campaign.brand_id == any_(all_of(brands)))
        within += [Appointment.brand_id == any_(all_of(brands)), Appointment.campaign_id.in_(of_brands)]
    return or_(false(), *within)


def find_appointment(session: Session, appointment_id: UUID, *, by: Actor, lock: bool = False) -> Appointment:
    """The appointment, if it exists for this actor; with `lock`, held until the transaction ends. Raises NoSuchAppointment."""
    query = select(Appointment).where(Appointment.id == appointment_id, in_sight_of(by)).execution_options(populate_existing=True)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NoSuchAppointment(_("There is no such appointment."))
    return found


def appointments(session: Session, *conditions: ColumnElement[bool], after: UUID | None, limit: int, by: Actor) -> Sequence[Appointed]:
    """Appointments that the actor sees, those that are not in force yet among them; newest first, older than `after`."""
    giver, confirmer, stopper = aliased(Person), aliased(Person), aliased(Person)
    query = (
        select(Appointment, Person, giver.name, confirmer.name, stopper.name, Campaign.title, Brand.name)
        .join(Person, Person.id == Appointment.person_id)
        .outerjoin(giver, giver.id == Appointment.granted_by)
        .outerjoin(confirmer, confirmer.id == Appointment.confirmed_by)
        .outerjoin(stopper, stopper.id == Appointment.stopped_by)
        .outerjoin(Campaign, Campaign.id == Appointment.campaign_id)
        .outerjoin(Brand, Brand.id == Appointment.brand_id)
        .where(in_sight_of(by), *conditions)
        .order_by(Appointment.id.desc())
        .limit(limit)
    )
    rows = session.execute(query.where(Appointment.id < after) if after else query)
    return [Appointed(row, who, gave, confirmed, stopped, title or brand) for row, who, gave, confirmed, stopped, title, brand in rows]


def appointed(session: Session, appointment_id: UUID, *, by: Actor) -> Appointed:
    """One appointment with its names; raises NoSuchAppointment."""
    found = appointments(session, Appointment.id == appointment_id, after=None, limit=1, by=by)
    if not found:
        raise NoSuchAppointment(_("There is no such appointment."))
    return found[0]


def by_one_alone(session: Session, *, by: Actor) -> Sequence[Appointed]:
    """Everyone who was ever given a role on staff without a second person's word, the oldest first; at most a hundred."""
    alone = (Appointment.how.in_((How.FIRST, How.MACHINE)), Appointment.brand_id.is_(None), Appointment.campaign_id.is_(None))
    return list(reversed(appointments(session, *alone, after=None, limit=100, by=by)))


def awaiting_confirmation(session: Session, *, by: Actor) -> tuple[int, datetime | None]:
    """How many roles the actor could confirm as a second person, and since when the oldest of them waits."""
    if not by.granting(Permission.CONFIRM_ROLE):
        return 0, None
    others = (Appointment.granted_by != by.person, Appointment.person_id != by.person)
    independent = () if few_people(session) else (Appointment.granted_by.not_in(tied_to(session, by.person)),)
    waiting = (*WAITING, *others, *independent, in_reach_of(by, Permission.CONFIRM_ROLE))
    count, since = session.execute(select(func.count(), func.min(Appointment.granted_at)).where(*waiting)).one()
    return count, since

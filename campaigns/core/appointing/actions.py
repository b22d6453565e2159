"""A role that touches money is given by one, confirmed by another, cools, and can be stopped on its way and ended after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.appointing.ending import end_grant, require_an_operator_stays
from campaigns.core.appointing.errors import NobodyToConfirm, NotOpen, OwnRole
from campaigns.core.appointing.few_people import few_people
from campaigns.core.appointing.models import Appointment, How, State, the_same
from campaigns.core.appointing.queries import OPEN, find_appointment
from campaigns.core.appointing.rules import covering, require_second_person, who_can_confirm
from campaigns.core.campaign import Deliverable
from campaigns.core.cooling import cooling_ends
from campaigns.core.errors import Forbidden
from campaigns.core.event_names import EventName
from campaigns.core.people import CLOCK, SYSTEM, Actor, Person, RoleGrant, Scope
from campaigns.core.permissions import Permission, Role
from campaigns.core.role_grants import grant_role
from campaigns.core.sides import OnBothSides, require_one_side
from campaigns.core.words import _

FIRST_OF_FINANCE = 2
MOST_AT_ONCE = 100


def appoint(session: Session, person: Person, role: Role, *, on: Scope, by: Actor, at: datetime) -> RoleGrant | Appointment:
    """Give `person` a role that touches money; the caller has asked whether the actor may give it.

    It waits for a second person's word, cools, and then counts; what is given at the machine counts at once. Giving it again while it is
    on its way, or held, changes nothing. Raises OwnRole, NobodyToConfirm, OnBothSides.
    """
    session.execute(text("lock table appointment in share row exclusive mode"))
    held = session.scalars(select(RoleGrant).where(*the_same(RoleGrant, person.id, role, on))).one_or_none()
    if held is not None and (not by.is_system or _is_from_the_machine(session, held)):
        return held
    begun = session.scalars(select(Appointment).where(*the_same(Appointment, person.id, role, on), *OPEN)).one_or_none()
    if begun is not None and not by.is_system:
        return begun
    require_one_side(session, person.id, role, on.brand_id, on.campaign_id)
    if begun is not None:
        _stop(session, begun, by=by, at=at)
    return _appoint(session, person, role, on, _how(session, person, role, on, by), by, at)


def _is_from_the_machine(session: Session, held: RoleGrant) -> bool:
    of_it = the_same(Appointment, held.person_id, held.role, Scope(held.brand_id, held.campaign_id, held.deliverable_id))
    newest = select(Appointment.how).where(*of_it, Appointment.began_at.is_not(None)).order_by(Appointment.id.desc()).limit(1)
    return session.scalar(newest) is How.MACHINE


def _how(session: Session, person: Person, role: Role, on: Scope, by: Actor) -> How:
    if by.is_system:
        return How.MACHINE
    if person.id == by.person:
        raise OwnRole(_("You cannot give yourself a role that involves money: someone else has to give it to you."), field="email")
    if role is Role.FINANCE and len(_ever_in_finance(session) - {person.id}) < FIRST_OF_FINANCE:
        return How.FIRST
    if not who_can_confirm(session, by.person, person.id, on, few=few_people(session)):
        raise NobodyToConfirm(
            _(
                "Nobody could confirm this: everyone else with such a role got it from you, or you got yours from them. "
                "It can be given on the command line: callboard person grant {email} {role}",
                email=person.email, role=role.value,
            ), field="email",
        )  # fmt: skip
    return How.TWO


def _ever_in_finance(session: Session) -> set[UUID]:
    """Everyone who has finance on staff, had it, or was to have it: whoever ends others' roles gains no first appointments."""
    tables = (RoleGrant, Appointment)
    found = (select(t.person_id).where(t.role == Role.FINANCE.value, t.brand_id.is_(None), t.campaign_id.is_(None)) for t in tables)
    return {person_id for query in found for person_id in session.scalars(query)}


def _appoint(session: Session, person: Person, role: Role, on: Scope, how: How, by: Actor, at: datetime) -> Appointment:
    made = Appointment(
        person_id=person.id, role=role.value, brand_id=on.brand_id, campaign_id=on.campaign_id, deliverable_id=on.deliverable_id,
        how=how, granted_by=by.person_id, granted_at=at, counts_from={How.MACHINE: at, How.FIRST: cooling_ends(at)}.get(how),
    )  # fmt: skip
    session.add(made)
    session.flush()
    if how is not How.MACHINE:
        _record(session, EventName.PEOPLE_ROLE_ASKED if how is How.TWO else EventName.PEOPLE_ROLE_COOLS, made, by, at)
    begin_due(session, at=at, only=made.id)
    return made


def confirm(session: Session, appointment_id: UUID, *, by: Actor, at: datetime) -> Appointment:
    """Confirm, as a second person, that this person shall have the role; it then cools. Confirming it again changes nothing."""
    made = find_appointment(session, appointment_id, by=by, lock=True)
    by.require(Permission.CONFIRM_ROLE, on=made)
    if made.confirmed_by == by.person and made.state is not State.STOPPED:
        return made
    if made.state is not State.WAITING:
        raise NotOpen(_("This role does not need confirmation: it has already been confirmed or stopped."))
    if made.person_id == by.person:
        raise OwnRole(_("You cannot confirm your own role."))
    require_second_person(session, [made.granted_by], by=by, few=few_people(session))
    made.confirm(by=by, at=at)
    made.counts_from = cooling_ends(at)
    session.flush()
    _record(session, EventName.PEOPLE_ROLE_COOLS, made, by, at)
    begin_due(session, at=at, only=made.id)
    return made


def begin_due(session: Session, *, at: datetime, only: UUID | None = None) -> Sequence[Appointment]:
    """Let every role count whose cooling is over; one that may not count any more is stopped.

    That is so where those who gave and confirmed it hold no such role any more, and where the person got to the other side meanwhile.
    """
    due = (*OPEN, Appointment.counts_from <= at, *([Appointment.id == only] if only else []))
    query = select(Appointment).where(*due).order_by(Appointment.counts_from, Appointment.id).limit(MOST_AT_ONCE)
    found = session.scalars(query.with_for_update(skip_locked=True)).all()
    for made in found:
        if reason := _why_not(session, made):
            _stop(session, made, by=CLOCK, at=at, reason=reason)
        else:
            _begin(session, made, at)
    return found


def _why_not(session: Session, made: Appointment) -> str | None:
    if made.how is not How.MACHINE and not _is_backed(session, made):
        return _("The person who gave or confirmed the role can no longer do so, or the deliverable no longer exists.")
    try:
        require_one_side(session, made.person_id, Role(made.role), made.brand_id, made.campaign_id)
    except OnBothSides as refused:
        return str(refused)
    return None


def _is_backed(session: Session, made: Appointment) -> bool:
    if made.deliverable_id and session.get(Deliverable, made.deliverable_id) is None:
        return False
    words = {made.granted_by, made.confirmed_by} - {None}
    holding = select(func.count(RoleGrant.person_id.distinct())).where(RoleGrant.person_id.in_(words), *covering(made.scope))
    return bool(session.scalar(holding) == len(words))


def _begin(session: Session, made: Appointment, at: datetime) -> None:
    made.began_at = at
    session.flush()
    giver = session.get(Person, made.granted_by) if made.granted_by else None
    by = Actor(giver.id, giver.name) if giver else SYSTEM
    grant_role(session, made.person_id, Role(made.role), on=made.scope, by=by)
    _record(session, EventName.PEOPLE_ROLE_GRANTED, made, by, at)


def stop(session: Session, appointment_id: UUID, *, by: Actor, at: datetime) -> Appointment:
    """Stop a role before it counts, or end it after; whoever sees it may stop it, whoever could have confirmed it may end it."""
    made = find_appointment(session, appointment_id, by=by, lock=True)
    if made.state is State.STOPPED:
        return made
    if made.state is not State.IN_FORCE:
        return _stop(session, made, by=by, at=at)
    if not by.may(Permission.CONFIRM_ROLE, on=made):
        raise Forbidden(_("The role is already in force: an operator, finance or a manager can remove it."))
    by.require(Permission.CONFIRM_ROLE, on=made)
    held = session.scalars(select(RoleGrant).where(*the_same(RoleGrant, made.person_id, made.role, made.scope))).one_or_none()
    if held is not None:
        require_an_operator_stays(session, held.id)
        end_grant(session, held, by=by, at=at)
    session.refresh(made)
    return made


def _stop(session: Session, made: Appointment, *, by: Actor, at: datetime, reason: str | None = None) -> Appointment:
    made.stopped_by, made.stopped_at = by.person_id, at
    session.flush()
    _record(session, EventName.PEOPLE_ROLE_STOPPED, made, by, at, reason)
    return made


def _record(session: Session, name: EventName, made: Appointment, by: Actor, at: datetime, reason: str | None = None) -> None:
    # The deliverable is not the event's own, which would have to be there still.
    ids = {"person": made.person_id, "brand": made.brand_id, "deliverable": made.deliverable_id}
    words = {"granted_by": made.granted_by, "confirmed_by": made.confirmed_by}
    about: dict[str, Any] = {key: str(value) if value else None for key, value in (ids | words).items()}
    events.record(
        session, name, by=by, at=at, campaign_id=made.campaign_id, reason=reason, **about,
        appointment=str(made.id), role=made.role, how=made.how.value, counts_from=made.counts_from and made.counts_from.isoformat(),
    )  # fmt: skip

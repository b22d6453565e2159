"""Holds on a person's payments, and the limits within which a run goes out by itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.consent import all_agreed_to_few
from campaigns.core import events
from campaigns.core.appointing.rules import require_second_person
from campaigns.core.errors import NotFound
from campaigns.core.event_names import EventName
from campaigns.core.money import exponent
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.role_grants import PLATFORM, require_still_holding
from campaigns.core.words import _
from campaigns.payout.runs.errors import AlreadyHeld, LimitOutOfRange, NoSuchLimits, NotHeld
from campaigns.payout.runs.models import Hold, RunLimits
from campaigns.payout.runs.queries import hold_on
from campaigns.payout.runs.rules import reason_given


def hold_payments(session: Session, person_id: UUID, reason: str, *, by: Actor, at: datetime) -> Hold:
    """Leave what a person earns on their account until the hold is lifted; what is being sent still arrives."""
    by.require(Permission.RELEASE_RUN)
    if session.get(Person, person_id) is None:
        raise NotFound(_("This person does not exist."))
    if hold_on(session, person_id):
        raise AlreadyHeld(_("Payments to this person are already on hold."))
    hold = Hold(person_id=person_id, reason=reason_given(reason), placed_by=by.person_id, placed_at=at)
    session.add(hold)
    session.flush()
    events.record(session, EventName.PAYOUT_PAYMENTS_HELD, by=by, at=at, reason=hold.reason, person=str(person_id))
    return hold


def lift_hold(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> Hold:
    """Let the person be paid again, from the next run on."""
    by.require(Permission.RELEASE_RUN)
    hold = hold_on(session, person_id)
    if hold is None:
        raise NotHeld(_("Payments to this person are not on hold."))
    hold.lifted_by, hold.lifted_at = by.person_id, at
    events.record(session, EventName.PAYOUT_HOLD_LIFTED, by=by, at=at, person=str(person_id))
    return hold


def propose_limits(session: Session, currency: str, *, most_per_run: int, most_per_person: int, by: Actor, at: datetime) -> RunLimits:
    """Propose up to which sums, in minor units, a run in `currency` goes out by itself; another person confirms. 0 ends it."""
    by.require(Permission.SET_LIMITS)
    exponent(currency)
    for field, amount in (("most_per_run", most_per_run), ("most_per_person", most_per_person)):
        if amount < 0:
            raise LimitOutOfRange(_("A limit must be 0 or more."), field=field)
    limits = RunLimits(
        currency=currency, most_per_run=most_per_run, most_per_person=most_per_person, proposed_by=by.person, proposed_at=at
    )  # fmt: skip
    session.add(limits)
    session.flush()
    events.record(session, EventName.PAYOUT_LIMITS_PROPOSED, by=by, at=at, limits=str(limits.id), currency=currency)
    return limits


def confirm_limits(session: Session, limits_id: UUID, *, by: Actor, at: datetime) -> RunLimits:
    """Put limits that another person proposed in force; confirming them again changes nothing."""
    by.require(Permission.SET_LIMITS)
    limits = session.scalars(select(RunLimits).where(RunLimits.id == limits_id).with_for_update()).one_or_none()
    if limits is None:
        raise NoSuchLimits(_("These limits do not exist."))
    if limits.confirmed_at is None:
        require_second_person(session, [limits.proposed_by], by=by, few=all_agreed_to_few(session))
        gone = _("The person who proposed these limits is no longer in finance. Propose them again.")
        require_still_holding(session, limits.proposed_by, Permission.SET_LIMITS, PLATFORM, gone)
        limits.confirm(by=by, at=at)
        session.flush()
        events.record(session, EventName.PAYOUT_LIMITS_CONFIRMED, by=by, at=at, limits=str(limits.id), currency=limits.currency)
    return limits

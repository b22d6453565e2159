"""What finance does about a person's payments: hold them, lift the hold, confirm a changed country."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.errors import NotFound, ReasonMissing
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payments.countries import open_change
from campaigns.payments.models import CountryChange
from campaigns.payments.reach import reach
from campaigns.payments.routes import no_route_sentence, route_to
from campaigns.payout.errors import AlreadyHeld, NoCountryChange, NotHeld, NoWayThere, OwnCountry
from campaigns.payout.holds.models import Hold
from campaigns.payout.holds.queries import hold_on


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


def confirm_country(session: Session, person_id: UUID, note: str, *, by: Actor, at: datetime) -> CountryChange:
    """Open the way to someone whose country changed, from the next run on; `note` says what was looked at.

    Raises NoCountryChange, OwnCountry, NoWayThere while nobody can be paid where they say they live.
    """
    by.require(Permission.RELEASE_RUN)
    change = open_change(session, person_id, lock=True)
    if change is None:
        raise NoCountryChange(_("This person has no country change to review."))
    if person_id == by.person:
        raise OwnCountry(_("This concerns payments to you, so another person in finance must review it."))
    country = session.get_one(Person, person_id).country
    if route_to(reach(session), country, at) is None:
        raise NoWayThere(no_route_sentence(country, at=at) if country else _("The person has not entered a country. Ask them first."))
    change.note = reason_given(note)
    change.looked_by, change.looked_at = by.person, at
    session.flush()
    events.record(session, EventName.PAYOUT_COUNTRY_CONFIRMED, by=by, at=at, reason=change.note, person=str(person_id), country=country)
    return change


def reason_given(reason: str) -> str:
    """The reason without the space around it; raises ReasonMissing where it says nothing."""
    if not reason.strip():
        raise ReasonMissing(_("Give a reason. Your colleagues can read it."), field="reason")
    return reason.strip()

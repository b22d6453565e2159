"""Finance's word that someone whose country changed can be paid again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payments.countries import open_change
from campaigns.payments.models import CountryChange
from campaigns.payments.reach import reach
from campaigns.payments.routes import no_route_sentence, route_to
from campaigns.payout.runs.errors import NoCountryChange, NoWayThere, OwnCountry
from campaigns.payout.runs.rules import reason_given


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

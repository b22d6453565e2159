"""What a person says of themselves."""

from babel import Locale, localedata
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.errors import Invalid
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _


def change_profile(
    session: Session, name: str, country: str | None, locale: str, time_zone: str, *, shortcuts: bool = True, by: Actor
) -> Person:
    """Change what the actor says of themselves; raises Invalid without a name, and for a zone or language that does not exist."""
    by.require(Permission.CHANGE_PROFILE)
    if not name.strip():
        raise Invalid(_("Enter your name; your contributions are credited to it."), field="name")
    if time_zone not in clock.time_zones():
        raise Invalid(_("There is no time zone {zone}.", zone=time_zone), field="time_zone")
    if not localedata.exists(locale.partition("-")[0]):
        raise Invalid(_("There is no language {locale}.", locale=locale), field="locale")
    if country is not None and country not in Locale("en").territories:
        raise Invalid(_("There is no country {country}.", country=country), field="country")
    person = session.get_one(Person, by.person)
    person.name, person.country, person.locale, person.time_zone = name.strip(), country, locale, time_zone
    person.shortcuts = shortcuts
    return person

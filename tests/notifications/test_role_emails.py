"""Whoever can stop a role that touches money hears of it at once."""

from datetime import timedelta

from sqlalchemy.orm import Session

from campaigns.core import membership
from campaigns.core.appointing import actions
from campaigns.core.appointing.models import Appointment
from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.people import SYSTEM, Actor, Scope
from campaigns.core.permissions import Role
from notifications.appointing import role_of_money
from tests.factories import NOW, administrator, new_campaign, someone


def told(session: Session, name: EventName) -> dict[object, str]:
    """Who gets an email of the last fact of this name, and where it leads."""
    return {email.to: f"{email.params['state']} {email.path}" for email in role_of_money(session, recorded(session, name)[-1])}


def test_operators_finance_and_a_campaigns_managers_and_brand_hear_of_a_manager_beside_the_first(session: Session) -> None:
    made = new_campaign(session)
    operator, stranger = someone(session, Role.OPERATOR), someone(session, Role.CURATOR, on=made.campaign.scope)
    ada = administrator(session, made.brand.id)
    given = membership.invite(session, "max@example.org", Role.MANAGER, on=made.campaign.scope, by=made.manager, at=NOW)
    assert isinstance(given, Appointment)
    page = f"/appointments/{given.id}"
    concerned: list[Actor] = [operator, made.finance, ada, *made.signers.values()]
    assert told(session, EventName.PEOPLE_ROLE_ASKED) == {who.person: f"waiting {page}" for who in concerned}
    actions.confirm(session, given.id, by=operator, at=NOW)
    others = {who.person for who in (made.manager, made.finance, ada, *made.signers.values())} | {given.person_id}
    assert told(session, EventName.PEOPLE_ROLE_COOLS) == dict.fromkeys(others, f"cooling {page}")
    assert stranger.person not in others
    actions.stop(session, given.id, by=made.signers["legal"], at=NOW)
    assert told(session, EventName.PEOPLE_ROLE_STOPPED).keys() == others - {made.signers["legal"].person} | {operator.person}


def test_a_role_on_staff_is_told_to_operators_and_finance_once_and_one_from_the_machine_at_once(session: Session) -> None:
    new_campaign(session)
    operator, finance = someone(session, Role.OPERATOR), [someone(session, Role.FINANCE) for _each in range(2)]
    given = membership.invite(session, "rita@example.org", Role.FINANCE, on=Scope(), by=operator, at=NOW)
    everyone = told(session, EventName.PEOPLE_ROLE_ASKED).keys()
    assert {who.person for who in finance} <= everyone
    actions.confirm(session, given.id, by=finance[0], at=NOW)
    actions.begin_due(session, at=NOW + timedelta(hours=72))
    assert told(session, EventName.PEOPLE_ROLE_GRANTED) == {}
    membership.invite(session, "olga@example.org", Role.OPERATOR, on=Scope(), by=SYSTEM, at=NOW)
    assert {operator.person, *(who.person for who in finance), given.person_id} <= told(session, EventName.PEOPLE_ROLE_GRANTED).keys()

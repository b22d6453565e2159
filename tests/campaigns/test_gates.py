"""What a campaign waits for, on whom by name, and the word that reminds them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.core import events
from campaigns.core.campaign import Campaign
from campaigns.core.errors import Forbidden, NotFound
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.people import Actor, Person, Scope
from campaigns.core.permissions import Role
from campaigns.core.reminders import Reminder
from campaigns.curation.assignments.actions import assign
from campaigns.oversight.gates import ACTS, GateIsOpen, NobodyToRemind, RemindedToday, gates, remind
from notifications.registry import NOTIFICATIONS
from tests import factories
from tests.called_off import call_off
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, READER, Partnership, someone

DAY = timedelta(days=1)


def waited_for(session: Session, made: Partnership, at: Any = NOW) -> dict[str, set[str]]:
    """Whom each gate waits for, by name."""
    found = gates(session, session.get_one(Campaign, made.id), at=at)
    return {gate.key: {person.name for person in gate.people} for gate in found}


def reminded(session: Session) -> list[tuple[str, UUID, UUID]]:
    return [(n.gate, n.person_id, n.reminded_by) for n in session.scalars(select(Reminder).order_by(Reminder.id))]


def name_of(session: Session, who: Actor) -> str:
    return session.get_one(Person, who.person).name


def test_each_sign_off_role_is_waited_for_by_its_own_name_and_the_manager_by_theirs(session: Session) -> None:
    made = factories.filled_brief(session)
    other = factories.filled_brief(session)
    assert waited_for(session, made) == {
        "unsigned:marketing": {"Signer for marketing"},
        "unsigned:legal": {"Signer for legal"},
        "uncovered": {"Signer for marketing", "Signer for legal"},
        "not_launched": {"Mara"},
    }
    strangers = {p.id for gate in gates(session, other.campaign, at=NOW) for p in gate.people if p.name != "Mara"}
    assert strangers == {signer.person for signer in other.signers.values()}


def test_a_brief_without_a_deliverable_waits_too(session: Session) -> None:
    made = factories.new_campaign(session)
    assert "deliverable_missing" in waited_for(session, made)


def test_a_paused_campaign_waits_for_the_end_of_its_pause_only_and_one_that_has_ended_for_nothing(session: Session) -> None:
    made = factories.opened_call(session)
    lifecycle.pause(session, made.id, "The shoot moved.", by=made.manager, at=NOW)
    assert waited_for(session, made) == {"paused": {"Mara"}}
    call_off(session, made.id, "The line has stopped.", by=made.manager, at=NOW)
    assert waited_for(session, made) == {}


def test_of_the_curators_those_are_waited_for_who_still_have_reviews_to_write(session: Session) -> None:
    made = factories.opened_call(session, (READER,))
    factories.taking_part(session, made)
    busy, free = factories.curator(session, made, "Busy"), factories.curator(session, made, "Free")
    lifecycle.move_on(session, made.id, at=NOW + 15 * DAY)
    (deliverable,) = lifecycle.move_on(session, made.id, at=NOW + 22 * DAY)
    assign(session, deliverable.id, [busy.person], 1, by=made.manager, at=NOW + 22 * DAY)
    assert waited_for(session, made, NOW + 22 * DAY)["reviews_outstanding"] == {"Busy"}
    assert name_of(session, free) == "Free"


def test_a_reminder_reaches_whom_the_gate_waits_for_is_recorded_and_sends_each_an_email(session: Session) -> None:
    made = factories.filled_brief(session)
    legal = made.signers["legal"]
    sent = remind(session, made.id, "unsigned:legal", by=made.manager, at=NOW)
    assert [n.person_id for n in sent] == [legal.person]
    assert reminded(session) == [("unsigned:legal", legal.person, made.manager.person)]
    session.commit()
    fact = session.scalars(select(Event).where(Event.name == "campaign.nudged")).one()
    assert (fact.actor_id, fact.facts) == (made.manager.person, {"gate": "unsigned:legal", "people": [str(legal.person)]})
    (email,) = NOTIFICATIONS["reminded"].build(session, fact)
    assert (email.to, email.path) == (legal.person, f"/campaigns/{made.id}/brief/sign")
    assert email.params == {"asked_by": "Mara", "waits": ["Waiting for Signer for legal to sign for Legal."]}


def test_a_reminder_from_when_a_version_was_called_a_cut_is_still_sent(session: Session) -> None:
    delivery = factories.in_delivery(session)
    events.record(
        session, EventName.CAMPAIGN_REMINDED, by=delivery.made.manager, at=NOW, campaign_id=delivery.made.id,
        gate="no_cut", people=[str(delivery.editor.person)],
    )  # fmt: skip
    session.commit()
    fact = session.scalars(select(Event).where(Event.name == "campaign.nudged")).one()
    (email,) = NOTIFICATIONS["reminded"].build(session, fact)
    assert (email.to, email.params["waits"]) == (delivery.editor.person, ["Waiting for version 1."])


def test_a_reminder_of_what_is_done_by_then_is_not_sent(session: Session) -> None:
    made = factories.filled_brief(session)
    remind(session, made.id, "unsigned:legal", by=made.manager, at=NOW)
    session.commit()
    fact = session.scalars(select(Event).where(Event.name == "campaign.nudged")).one()
    still_true = NOTIFICATIONS["reminded"].still_true
    assert still_true is not None
    assert still_true(session, fact)
    call_off(session, made.id, "It is over.", by=made.manager, at=NOW)
    assert not still_true(session, fact)
    assert list(NOTIFICATIONS["reminded"].build(session, fact)) == []


def test_the_same_person_is_reminded_of_the_same_gate_once_a_day(session: Session) -> None:
    made = factories.filled_brief(session)
    remind(session, made.id, "unsigned:legal", by=made.manager, at=NOW)
    with pytest.raises(RemindedToday):
        remind(session, made.id, "unsigned:legal", by=made.manager, at=NOW + DAY - timedelta(minutes=1))
    assert len(reminded(session)) == 1
    remind(session, made.id, "unsigned:marketing", by=made.manager, at=NOW)
    remind(session, made.id, "unsigned:legal", by=made.manager, at=NOW + DAY)
    assert len(reminded(session)) == 3


def test_who_joins_later_is_reminded_alone(session: Session) -> None:
    made = factories.filled_brief(session)
    remind(session, made.id, "unsigned:legal", by=made.manager, at=NOW)
    second = someone(session, Role.SIGNER, "Second", on=Scope(brand_id=made.brand.id), sign_off_role="legal")
    assert [n.person_id for n in remind(session, made.id, "unsigned:legal", by=made.manager, at=NOW)] == [second.person]


def test_nobody_is_reminded_of_an_open_gate_of_what_time_ends_or_of_their_own_part(session: Session) -> None:
    made = factories.opened_call(session)
    with pytest.raises(GateIsOpen):
        remind(session, made.id, "unsigned:legal", by=made.manager, at=NOW)
    with pytest.raises(NobodyToRemind):
        remind(session, made.id, "call_open", by=made.manager, at=NOW)
    own = factories.filled_brief(session)
    with pytest.raises(NobodyToRemind):
        remind(session, own.id, "not_launched", by=own.manager, at=NOW)
    assert reminded(session) == []


def test_only_the_manager_reminds_and_for_others_the_campaign_may_not_exist(session: Session) -> None:
    made = factories.filled_brief(session)
    with pytest.raises(Forbidden):
        remind(session, made.id, "unsigned:legal", by=made.signers["marketing"], at=NOW)
    with pytest.raises(NotFound):
        remind(session, made.id, "unsigned:legal", by=factories.person(session), at=NOW)
    assert reminded(session) == []


def test_what_several_deliverables_wait_for_alike_is_one_gate_in_as_many_queries(session: Session) -> None:
    one, many = factories.opened_call(session, (READER,)), factories.opened_call(session, (READER,) * 8)
    session.expunge_all()
    with statements(session) as few:
        gates(session, one.campaign, at=NOW)
    session.expunge_all()
    with statements(session) as more:
        (gate,) = gates(session, many.campaign, at=NOW)
    assert (len(gate.deliverables), len(more)) == (8, len(few))


def test_every_act_that_a_gate_names_has_its_place() -> None:
    assert all(address.startswith("/") and "{" not in address.format(id=UUID(int=7)) for address in ACTS.values())

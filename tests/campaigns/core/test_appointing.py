"""A role that touches money takes two people, takes time, and can be stopped."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.brief.deliverables.actions import remove_deliverable
from campaigns.core import membership
from campaigns.core.appointing import actions
from campaigns.core.appointing.errors import LastOperator, NobodyToConfirm, NoSuchAppointment, NotOpen, OwnRole, SecondPersonNeeded
from campaigns.core.appointing.few_people import few_people, record_choice
from campaigns.core.appointing.models import Appointment, How, State
from campaigns.core.appointing.rules import looks_like
from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import Forbidden, Refusal
from campaigns.core.events import recorded
from campaigns.core.people import SYSTEM, Actor, Person, RoleGrant, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from tests.factories import EVERYWHERE, NOW, brand, filled_brief, new_campaign, person, someone

COOLED = NOW + timedelta(hours=72)


def asked(session: Session, email: str, role: Role = Role.FINANCE, *, on: Scope = EVERYWHERE, by: Actor) -> Appointment:
    made = membership.invite(session, email, role, on=on, by=by, at=NOW)
    assert isinstance(made, Appointment)
    return made


def given(session: Session, email: str, role: Role = Role.FINANCE, *, on: Scope = EVERYWHERE, by: Actor, and_by: Actor) -> Actor:
    """Someone who has the role by the word of two people, and its cooling behind them."""
    made = asked(session, email, role, on=on, by=by)
    if made.how is How.TWO:
        actions.confirm(session, made.id, by=and_by, at=NOW)
    actions.begin_due(session, at=COOLED)
    return actor_for(session, made.person_id)


def refused(kind: type[Refusal], deed: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        deed()
    return caught.value.message


def roles_of(session: Session, person_id: UUID) -> list[str]:
    return list(session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person_id).order_by(RoleGrant.role)))


@pytest.fixture
def odile(session: Session) -> Actor:
    return someone(session, Role.OPERATOR, "Odile")


@pytest.fixture
def finance(session: Session) -> tuple[Actor, Actor]:
    """The first two of finance, appointed at the machine."""
    return someone(session, Role.FINANCE, "Femi"), someone(session, Role.FINANCE, "Greta")


def test_a_money_role_counts_once_another_has_confirmed_it_and_its_cooling_is_over(
    session: Session, odile: Actor, finance: tuple[Actor, Actor]
) -> None:
    made = asked(session, "mara@example.org", Role.MANAGER, by=odile)
    assert (made.state, made.counts_from, actions.begin_due(session, at=COOLED)) == (State.WAITING, None, [])
    actions.confirm(session, made.id, by=finance[0], at=NOW)
    assert (made.state, made.counts_from, made.confirmed_by) == (State.COOLING, COOLED, finance[0].person)
    actions.begin_due(session, at=COOLED - timedelta(seconds=1))
    assert (made.state, roles_of(session, made.person_id)) == (State.COOLING, [])
    assert [each.id for each in actions.begin_due(session, at=COOLED)] == [made.id]
    assert (made.state, roles_of(session, made.person_id), actions.begin_due(session, at=COOLED)) == (State.IN_FORCE, ["manager"], [])
    told = [(fact.name, fact.actor_name) for fact in recorded(session) if fact.name.startswith("people.")]
    assert told == [("people.role_asked", "Odile"), ("people.role_cools", "Femi"), ("people.role_granted", "Odile")]


def test_a_role_given_or_confirmed_twice_is_one(session: Session, odile: Actor, finance: tuple[Actor, Actor]) -> None:
    made = asked(session, "mara@example.org", Role.MANAGER, by=odile)
    assert asked(session, "Mara@example.org", Role.MANAGER, by=odile).id == made.id
    assert [actions.confirm(session, made.id, by=finance[0], at=NOW).counts_from for _time in range(2)] == [COOLED, COOLED]
    refused(NotOpen, lambda: actions.confirm(session, made.id, by=finance[1], at=NOW))
    actions.begin_due(session, at=COOLED)
    held = membership.invite(session, "mara@example.org", Role.MANAGER, on=EVERYWHERE, by=odile, at=COOLED)
    assert (isinstance(held, RoleGrant), held.person_id) == (True, made.person_id)


def test_nobody_confirms_what_they_gave_or_get_nor_what_somebody_gave_who_gave_them_their_role(
    session: Session, odile: Actor, finance: tuple[Actor, Actor]
) -> None:
    made = asked(session, "olga@example.org", Role.OPERATOR, by=odile)
    refused(SecondPersonNeeded, lambda: actions.confirm(session, made.id, by=odile, at=NOW))
    olga = actor_for(session, made.person_id)
    refused(Forbidden, lambda: actions.confirm(session, made.id, by=olga, at=NOW))
    actions.confirm(session, made.id, by=finance[0], at=NOW)
    actions.begin_due(session, at=COOLED)
    olga = actor_for(session, made.person_id)
    other = asked(session, "pia@example.org", Role.MANAGER, by=odile)
    assert "Odile" in refused(SecondPersonNeeded, lambda: actions.confirm(session, other.id, by=olga, at=COOLED))
    refused(
        OwnRole,
        lambda: membership.invite(session, session.get_one(Person, olga.person).email, Role.FINANCE, on=EVERYWHERE, by=olga, at=NOW),
    )


def test_the_first_two_of_finance_are_the_operators_to_appoint_and_no_third_even_once_they_are_gone(session: Session, odile: Actor) -> None:
    first = [asked(session, f"{name}@example.org", by=odile) for name in ("femi", "greta")]
    assert [(made.how, made.counts_from) for made in first] == [(How.FIRST, COOLED)] * 2
    actions.begin_due(session, at=COOLED)
    for made in first:
        held = session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == made.person_id)).one()
        membership.end_staff_role(session, held, by=odile, at=COOLED)
    assert [made.state for made in first] == [State.STOPPED] * 2
    assert "callboard person grant rolf@example.org finance" in refused(
        NobodyToConfirm, lambda: asked(session, "rolf@example.org", by=odile)
    )


def test_whoever_holds_a_money_role_stops_another_on_its_way_and_ends_it_after(
    session: Session, odile: Actor, finance: tuple[Actor, Actor]
) -> None:
    made = asked(session, "mara@example.org", Role.MANAGER, by=odile)
    actions.confirm(session, made.id, by=finance[0], at=NOW)
    assert actions.stop(session, made.id, by=finance[1], at=NOW).state is State.STOPPED
    assert (actions.begin_due(session, at=COOLED), roles_of(session, made.person_id)) == ([], [])
    refused(NotOpen, lambda: actions.confirm(session, made.id, by=finance[1], at=NOW))
    mara = given(session, "mara@example.org", Role.MANAGER, by=odile, and_by=finance[0])
    again = session.scalars(select(Appointment).where(Appointment.person_id == mara.person).order_by(Appointment.id.desc())).first()
    assert again
    assert actions.stop(session, again.id, by=finance[1], at=COOLED).state is State.STOPPED
    assert roles_of(session, mara.person) == []


def test_the_last_operator_is_not_stopped(session: Session, finance: tuple[Actor, Actor]) -> None:
    made = asked(session, "odile@example.org", Role.OPERATOR, by=SYSTEM)
    refused(LastOperator, lambda: actions.stop(session, made.id, by=finance[0], at=NOW))


def test_a_role_is_stopped_whose_giver_lost_theirs_while_it_cooled(session: Session, odile: Actor, finance: tuple[Actor, Actor]) -> None:
    other = someone(session, Role.OPERATOR, "Olga")
    made = asked(session, "mara@example.org", Role.MANAGER, by=other)
    actions.confirm(session, made.id, by=finance[0], at=NOW)
    held = session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == other.person)).one()
    membership.end_staff_role(session, held, by=odile, at=NOW)
    actions.begin_due(session, at=COOLED)
    assert (made.state, roles_of(session, made.person_id)) == (State.STOPPED, [])


def test_a_role_of_somebody_who_came_to_speak_for_a_brand_is_stopped_and_keeps_no_other_from_beginning(
    session: Session, odile: Actor, finance: tuple[Actor, Actor]
) -> None:
    client, other = (asked(session, f"{name}@example.org", Role.MANAGER, by=odile) for name in ("noor", "mara"))
    for made in (client, other):
        actions.confirm(session, made.id, by=finance[0], at=NOW)
    grant_role(session, client.person_id, Role.APPROVER, on=Scope(brand_id=brand(session).id), by=SYSTEM)
    actions.begin_due(session, at=COOLED)
    assert (client.state, roles_of(session, client.person_id)) == (State.STOPPED, ["approver"])
    assert (other.state, roles_of(session, other.person_id)) == (State.IN_FORCE, ["manager"])


def test_a_role_for_a_deliverable_that_is_gone_is_stopped_and_keeps_no_other_from_beginning(session: Session, odile: Actor) -> None:
    campaign = filled_brief(session)
    [deliverable, *_others] = deliverables_of(session, campaign.id)
    gone = asked(session, "max@example.org", Role.MANAGER, on=deliverable.scope, by=campaign.manager)
    made = asked(session, "moa@example.org", Role.MANAGER, on=campaign.campaign.scope, by=campaign.manager)
    for each in (gone, made):
        actions.confirm(session, each.id, by=odile, at=NOW)
    remove_deliverable(session, campaign.id, deliverable.id, by=campaign.manager, at=NOW)
    actions.begin_due(session, at=COOLED)
    assert (gone.state, made.state) == (State.STOPPED, State.IN_FORCE)


def test_a_manager_beside_the_first_of_a_campaign_takes_two_and_its_brand_may_stop_it(session: Session, odile: Actor) -> None:
    campaign = new_campaign(session)
    made = asked(session, "max@example.org", Role.MANAGER, on=campaign.campaign.scope, by=campaign.manager)
    assert made.state is State.WAITING
    stranger = person(session)
    refused(NoSuchAppointment, lambda: actions.stop(session, made.id, by=stranger, at=NOW))
    refused(Forbidden, lambda: actions.confirm(session, made.id, by=campaign.signers["legal"], at=NOW))
    actions.confirm(session, made.id, by=odile, at=NOW)
    assert actions.stop(session, made.id, by=campaign.signers["legal"], at=NOW).stopped_by == campaign.signers["legal"].person


def test_a_brands_person_cannot_end_what_counts_already(session: Session, odile: Actor) -> None:
    campaign = new_campaign(session)
    made = asked(session, "max@example.org", Role.MANAGER, on=campaign.campaign.scope, by=campaign.manager)
    actions.confirm(session, made.id, by=odile, at=NOW)
    actions.begin_due(session, at=COOLED)
    refused(Forbidden, lambda: actions.stop(session, made.id, by=campaign.signers["legal"], at=COOLED))


def test_addresses_that_differ_by_a_tag_by_dots_or_by_case_are_found(session: Session, odile: Actor, finance: tuple[Actor, Actor]) -> None:
    made = [asked(session, f"{name}@Example.org", Role.MANAGER, by=odile) for name in ("o.dile+1", "Odi.le", "odil")]
    found = [looks_like(session, session.get_one(Person, each.person_id)) for each in made]
    assert [[each.email for each in alike] for alike in found] == [["Odi.le@Example.org"], ["o.dile+1@Example.org"], []]


def test_what_is_given_at_the_machine_counts_at_once_and_unties_what_somebody_gave(
    session: Session, odile: Actor, finance: tuple[Actor, Actor]
) -> None:
    olga = given(session, "olga@example.org", Role.OPERATOR, by=odile, and_by=finance[0])
    made = asked(session, "mara@example.org", Role.MANAGER, by=odile)
    refused(SecondPersonNeeded, lambda: actions.confirm(session, made.id, by=olga, at=NOW))
    at_once = asked(session, "olga@example.org", Role.OPERATOR, by=SYSTEM)
    assert (at_once.state, at_once.how) == (State.IN_FORCE, How.MACHINE)
    assert actions.confirm(session, made.id, by=olga, at=NOW).confirmed_by == olga.person
    again = membership.invite(session, "olga@example.org", Role.OPERATOR, on=EVERYWHERE, by=SYSTEM, at=NOW)
    assert isinstance(again, RoleGrant)


def test_an_installation_of_few_people_is_chosen_at_the_machine_and_lets_giver_and_holder_act_together(
    session: Session, odile: Actor
) -> None:
    femi = given(session, "femi@example.org", by=odile, and_by=odile)
    refused(Forbidden, lambda: record_choice(session, is_few=True, reason="We are two.", by=odile, at=NOW))
    assert [record_choice(session, is_few=True, reason="We are two.", by=SYSTEM, at=NOW) for _time in range(2)] == [True, False]
    assert few_people(session)
    made = asked(session, "mara@example.org", Role.MANAGER, by=odile)
    refused(SecondPersonNeeded, lambda: actions.confirm(session, made.id, by=odile, at=NOW))
    assert actions.confirm(session, made.id, by=femi, at=NOW).state is State.COOLING


def test_the_database_itself_refuses_a_money_role_without_two_and_a_changed_appointment(session: Session, odile: Actor) -> None:
    ana = person(session)
    wrong = "insert into role_grant (id, person_id, role, granted_by) values (gen_random_uuid(), :ana, 'finance', :odile)"
    with pytest.raises(IntegrityError, match="takes an appointment"), session.begin_nested():
        session.execute(text(wrong), {"ana": ana.person, "odile": odile.person})
    asked(session, "femi@example.org", by=odile)
    for change in (
        "update appointment set counts_from = now() - interval '1 year'",
        "update appointment set granted_by = null",
        "delete from appointment",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(change))

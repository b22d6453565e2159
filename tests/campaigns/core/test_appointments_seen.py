"""Which appointments are there for whom, and what is said of them."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaigns.core.appointing import actions
from campaigns.core.appointing.errors import NoSuchAppointment
from campaigns.core.appointing.few_people import record_choice
from campaigns.core.appointing.models import Appointment, How
from campaigns.core.appointing.queries import appointed, appointments, awaiting_confirmation, by_one_alone, find_appointment, in_reach_of
from campaigns.core.campaign import deliverables_of
from campaigns.core.people import SYSTEM, Actor, Person, Scope, actor_for
from campaigns.core.permissions import Permission, Role
from tests.factories import NOW, Partnership, administrator, filled_brief, person, someone

COOLED = NOW + timedelta(hours=72)


@pytest.fixture
def made(session: Session) -> Partnership:
    return filled_brief(session)


@pytest.fixture
def other(session: Session) -> Partnership:
    made = filled_brief(session)
    made.campaign.title, made.brand.name = "Winter songs", "Samsung"
    return made


@pytest.fixture
def odile(session: Session) -> Actor:
    return someone(session, Role.OPERATOR, "Odile")


@pytest.fixture
def waiting(session: Session, made: Partnership, other: Partnership, odile: Actor) -> Mapping[str, Appointment]:
    """Managers to be, each for another place."""
    places = {
        "staff": Scope(),
        "brand": Scope(brand_id=made.brand.id),
        "campaign": made.campaign.scope,
        "campaign alone": Scope(campaign_id=made.id),
        "deliverable": deliverables_of(session, made.id)[0].scope,
        "other brand": Scope(brand_id=other.brand.id),
        "other campaign": other.campaign.scope,
    }
    return {name: appoint(session, name, on, odile) for name, on in places.items()}


def appoint(session: Session, name: str, on: Scope, by: Actor, role: Role = Role.MANAGER) -> Appointment:
    found = actions.appoint(session, session.get_one(Person, person(session, name).person), role, on=on, by=by, at=NOW)
    assert isinstance(found, Appointment)
    return found


def seen(session: Session, waiting: Mapping[str, Appointment], by: Actor) -> set[str]:
    """The places whose appointment the actor finds in the list, and each by its id."""
    listed = {each.row.id for each in appointments(session, after=None, limit=99, by=by)}
    names = {name for name, each in waiting.items() if each.id in listed}
    assert names == {name for name, each in waiting.items() if _is_found(session, each.id, by)}
    return names


def _is_found(session: Session, appointment_id: UUID, by: Actor) -> bool:
    try:
        found = (find_appointment(session, appointment_id, by=by).id, appointed(session, appointment_id, by=by).row.id)
    except NoSuchAppointment:
        return False
    assert found == (appointment_id, appointment_id)
    return True


def test_an_appointment_is_there_for_whoever_may_stop_it_for_its_giver_and_for_its_person(
    session: Session, made: Partnership, other: Partnership, waiting: Mapping[str, Appointment]
) -> None:
    campaign = {"campaign", "campaign alone", "deliverable"}
    readers: Mapping[str, tuple[Actor, set[str]]] = {
        "the system": (SYSTEM, set(waiting)),
        "an operator": (someone(session, Role.OPERATOR), set(waiting)),
        "the giver": (actor_for(session, waiting["staff"].granted_by), set(waiting)),  # type: ignore[arg-type]
        "a manager of the campaign": (someone(session, Role.MANAGER, on=made.campaign.scope), campaign),
        "a manager of the campaign alone": (someone(session, Role.MANAGER, on=Scope(campaign_id=made.id)), campaign),
        "an approver of the campaign": (someone(session, Role.APPROVER, on=made.campaign.scope), campaign),
        "who speaks for the brand": (administrator(session, made.brand.id), {"brand", *campaign}),
        "a signer of the other brand": (other.signers["legal"], {"other brand", "other campaign"}),
        "a leader of the campaign": (someone(session, Role.LEADER, on=made.campaign.scope), set()),
        "the person": (actor_for(session, waiting["deliverable"].person_id), {"deliverable"}),
        "a stranger": (person(session), set()),
    }
    assert {name: seen(session, waiting, by) for name, (by, _there) in readers.items()} == {
        name: there for name, (_by, there) in readers.items()
    }


def test_who_gave_a_role_finds_it_though_they_hold_none_any_more(
    session: Session, waiting: Mapping[str, Appointment], odile: Actor
) -> None:
    bare = Actor(odile.person_id, odile.name)
    assert seen(session, waiting, bare) == set(waiting)


def test_an_appointment_is_told_with_the_names_that_go_with_it(
    session: Session, made: Partnership, waiting: Mapping[str, Appointment], odile: Actor
) -> None:
    olga = someone(session, Role.OPERATOR, "Olga")
    actions.confirm(session, waiting["campaign"].id, by=made.finance, at=NOW)
    actions.stop(session, waiting["campaign"].id, by=olga, at=NOW)
    told = {name: appointed(session, each.id, by=odile) for name, each in waiting.items()}
    names = {name: (t.person.name, t.giver, t.confirmer, t.stopper, t.where) for name, t in told.items()}
    title, brand = made.campaign.title, made.brand.name
    assert len({title, brand, "Winter songs", "Samsung"}) == 4
    assert names == {
        "staff": ("staff", "Odile", None, None, None),
        "brand": ("brand", "Odile", None, None, brand),
        "campaign": ("campaign", "Odile", "Femi", "Olga", title),
        "campaign alone": ("campaign alone", "Odile", None, None, title),
        "deliverable": ("deliverable", "Odile", None, None, title),
        "other brand": ("other brand", "Odile", None, None, "Samsung"),
        "other campaign": ("other campaign", "Odile", None, None, "Winter songs"),
    }


def test_an_appointment_is_read_anew_when_it_is_looked_for(session: Session, waiting: Mapping[str, Appointment], odile: Actor) -> None:
    known = waiting["staff"]
    session.refresh(known)
    session.execute(text("update appointment set stopped_at = :at where id = :id"), {"at": NOW, "id": known.id})
    assert known.stopped_at is None
    assert find_appointment(session, known.id, by=odile).stopped_at == NOW


def test_who_holds_no_role_that_gives_a_permission_reaches_no_appointment(session: Session, waiting: Mapping[str, Appointment]) -> None:
    reached = [
        session.scalars(select(Appointment.id).where(in_reach_of(by, Permission.STOP_ROLE))).all()
        for by in (person(session), someone(session, Role.LEADER))
    ]
    assert (len(waiting), reached) == (7, [[], []])


def test_appointments_are_listed_from_the_newest_on_behind_the_one_named(
    session: Session, waiting: Mapping[str, Appointment], odile: Actor
) -> None:
    ids = sorted((each.id for each in waiting.values()), reverse=True)
    mine = Appointment.granted_by == odile.person
    listed = [each.row.id for each in appointments(session, mine, after=None, limit=99, by=odile)]
    behind = [each.row.id for each in appointments(session, mine, after=ids[1], limit=2, by=odile)]
    assert (listed, behind) == (ids, ids[2:4])


def test_what_the_actor_could_confirm_is_counted_since_the_oldest_and_nothing_else(
    session: Session, made: Partnership, waiting: Mapping[str, Appointment], odile: Actor
) -> None:
    olga = someone(session, Role.OPERATOR, "Olga")
    counted = {
        "an operator": awaiting_confirmation(session, by=olga),
        "the giver": awaiting_confirmation(session, by=odile),
        "a manager of the campaign": awaiting_confirmation(session, by=someone(session, Role.MANAGER, on=made.campaign.scope)),
        "who speaks for the brand": awaiting_confirmation(session, by=administrator(session, made.brand.id)),
    }
    nothing = (0, None)
    assert counted == {
        "an operator": (7, NOW), "the giver": nothing, "a manager of the campaign": (3, NOW), "who speaks for the brand": nothing,
    }  # fmt: skip
    actions.confirm(session, waiting["brand"].id, by=made.finance, at=NOW)
    actions.stop(session, waiting["staff"].id, by=made.finance, at=NOW)
    assert awaiting_confirmation(session, by=olga) == (5, NOW)
    later = NOW + timedelta(days=1)
    actions.appoint(session, session.get_one(Person, person(session).person), Role.MANAGER, on=Scope(), by=odile, at=later)
    of_old = Appointment(
        person_id=odile.person, role="manager", how=How.EARLIER, granted_by=made.finance.person, granted_at=NOW, began_at=NOW
    )
    session.add(of_old)
    session.flush()
    assert awaiting_confirmation(session, by=olga) == (6, NOW)


def test_nobody_is_asked_to_confirm_their_own_role_or_one_of_somebody_they_are_tied_to(
    session: Session, made: Partnership, odile: Actor
) -> None:
    given = appoint(session, "Greta", Scope(), odile, Role.OPERATOR)
    actions.confirm(session, given.id, by=made.finance, at=NOW)
    actions.begin_due(session, at=COOLED)
    greta = actor_for(session, given.person_id)
    appoint(session, "Mara", Scope(), odile)
    own = actions.appoint(
        session, session.get_one(Person, greta.person), Role.MANAGER, on=Scope(), by=someone(session, Role.OPERATOR), at=NOW
    )
    assert isinstance(own, Appointment)
    assert (awaiting_confirmation(session, by=greta), awaiting_confirmation(session, by=made.finance)) == ((0, None), (2, NOW))
    record_choice(session, is_few=True, reason="We are three.", by=SYSTEM, at=NOW)
    assert (awaiting_confirmation(session, by=greta), awaiting_confirmation(session, by=made.finance)) == ((1, NOW), (2, NOW))


def test_who_was_given_a_role_on_staff_by_one_alone_is_named_from_the_oldest_on(
    session: Session, made: Partnership, waiting: Mapping[str, Appointment]
) -> None:
    viewer = someone(session, Role.OPERATOR, "Viewer")
    machine = [
        actions.appoint(session, session.get_one(Person, person(session, name).person), Role.MANAGER, on=on, by=SYSTEM, at=NOW).person_id
        for name, on in (("Ada", Scope()), ("Bea", Scope()), ("Cleo", Scope(campaign_id=made.id)), ("Dora", Scope(brand_id=made.brand.id)))
    ]
    named = [each.row.person_id for each in by_one_alone(session, by=viewer)]
    assert [who for who in named if who in machine] == machine[:2]
    assert not {each.person_id for each in waiting.values()} & set(named)


def test_the_first_two_of_finance_whom_an_operator_gave_the_role_alone_are_named(session: Session, odile: Actor) -> None:
    someone(session, Role.MANAGER)
    appointments_of = [appoint(session, name, Scope(), odile, Role.FINANCE) for name in ("Fay", "Ben", "Max")]
    assert [each.how for each in appointments_of] == [How.FIRST, How.FIRST, How.TWO]
    assert [each.row.id for each in by_one_alone(session, by=odile)] == [each.id for each in appointments_of[:2]]

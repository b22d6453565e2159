"""The end of a role, and the choice of an installation of few people: each is noted where it belongs, and nowhere else."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.appointing import actions
from campaigns.core.appointing.ending import end_grant, require_an_operator_stays
from campaigns.core.appointing.errors import LastOperator
from campaigns.core.appointing.few_people import choices, few_people, record_choice
from campaigns.core.appointing.models import Appointment, State
from campaigns.core.event_names import EventName
from campaigns.core.events import record, recorded, seal
from campaigns.core.people import SYSTEM, Actor, Person, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from tests.factories import NOW, new_campaign, person, someone

LATER = NOW + timedelta(days=1)


@pytest.fixture
def odile(session: Session) -> Actor:
    return someone(session, Role.OPERATOR, "Odile")


def appoint(session: Session, who: Actor, role: Role = Role.MANAGER, *, on: Scope | None = None, by: Actor = SYSTEM) -> Appointment:
    made = actions.appoint(session, session.get_one(Person, who.person), role, on=on or Scope(), by=by, at=NOW)
    assert isinstance(made, Appointment)
    return made


def held(session: Session, who: Actor, role: Role = Role.MANAGER) -> RoleGrant:
    mine = (RoleGrant.person_id == who.person, RoleGrant.role == role.value)
    return session.scalars(select(RoleGrant).where(*mine).order_by(RoleGrant.id)).first() or pytest.fail("There is no such role.")


def test_the_end_of_a_role_is_noted_with_its_own_appointment_and_with_no_other(session: Session, odile: Actor) -> None:
    mara, ben, made = person(session, "Mara"), person(session, "Ben"), new_campaign(session)
    here = appoint(session, mara, on=made.campaign.scope)
    others = [appoint(session, mara), appoint(session, ben, on=made.campaign.scope), appoint(session, mara, Role.FINANCE)]
    grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == mara.person, RoleGrant.campaign_id == made.id)).one()
    end_grant(session, grant, by=odile, at=LATER)
    for each in (here, *others):
        session.refresh(each)
    assert (here.state, here.stopped_by, here.stopped_at) == (State.STOPPED, odile.person, LATER)
    assert [each.state for each in others] == [State.IN_FORCE] * 3
    [told] = recorded(session, EventName.PEOPLE_ROLE_ENDED)
    about = {"person": str(mara.person), "role": "manager", "brand": str(made.brand.id)}
    assert (told.campaign_id, told.actor_id, told.facts) == (made.id, odile.person, about)


def test_a_role_that_ended_before_keeps_its_end_and_one_on_its_way_is_not_stopped(session: Session, odile: Actor) -> None:
    mara = person(session)
    first = appoint(session, mara)
    end_grant(session, held(session, mara), by=SYSTEM, at=NOW)
    someone(session, Role.FINANCE)
    waiting = appoint(session, mara, by=odile)
    grant_role(session, mara.person, Role.MANAGER, by=SYSTEM)
    end_grant(session, held(session, mara), by=odile, at=LATER)
    for each in (first, waiting):
        session.refresh(each)
    assert (first.stopped_at, first.stopped_by, waiting.state) == (NOW, None, State.WAITING)


@pytest.mark.parametrize("where", ["brand", "campaign"])
def test_whoever_operates_only_somewhere_is_no_operator_of_the_system(session: Session, odile: Actor, where: str) -> None:
    made = new_campaign(session)
    only = {"brand": Scope(brand_id=made.brand.id), "campaign": Scope(campaign_id=made.id)}[where]
    somewhere = someone(session, Role.OPERATOR, on=only)
    with pytest.raises(LastOperator):
        require_an_operator_stays(session, held(session, odile, Role.OPERATOR).id)
    require_an_operator_stays(session, held(session, somewhere, Role.OPERATOR).id)


def test_of_two_operators_either_may_go_and_another_role_always(session: Session, odile: Actor) -> None:
    other, finance = someone(session, Role.OPERATOR), someone(session, Role.FINANCE)
    for who, role in ((odile, Role.OPERATOR), (other, Role.OPERATOR), (finance, Role.FINANCE)):
        require_an_operator_stays(session, held(session, who, role).id)
    for who in (odile, other):
        session.delete(held(session, who, Role.OPERATOR))
    session.flush()
    require_an_operator_stays(session, held(session, finance, Role.FINANCE).id)


def test_the_newest_choice_of_the_system_counts_before_and_after_it_is_sealed(session: Session) -> None:
    seen = [few_people(session)]
    for is_few, is_sealed in ((True, False), (False, False), (True, True), (False, True)):
        assert record_choice(session, is_few=is_few, reason=f"We are {2 if is_few else 9}.", by=SYSTEM, at=NOW) is True
        if is_sealed:
            record(session, EventName.INSTALLATION_RESTORED, by=SYSTEM, at=NOW)
            seal(session)
        seen.append(few_people(session))
    assert seen == [False, True, False, True, False]
    told = [("people.few_chosen", "We are 2."), ("people.few_ended", "We are 9.")]
    assert [(fact.name, fact.reason) for fact in choices(session)] == told * 2


def test_what_a_campaign_tells_of_is_no_choice_of_the_system(session: Session) -> None:
    made = new_campaign(session)
    record(session, EventName.PEOPLE_FEW_CHOSEN, by=SYSTEM, at=NOW, campaign_id=made.id)
    record(session, EventName.PEOPLE_TAKES_PART_AS_ARTIST, by=SYSTEM, at=NOW)
    seal(session)
    assert (few_people(session), list(choices(session))) == (False, [])

"""What a money role waits for, and what each step of it leaves behind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaigns.core.appointing import actions
from campaigns.core.appointing.errors import NotOpen
from campaigns.core.appointing.models import Appointment, How, State
from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import ProofNeeded
from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.people import SYSTEM, Actor, Person, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.settings import settings
from campaigns.core.sides import OnBothSides
from tests.factories import NOW, Partnership, filled_brief, new_campaign, person, someone
from workers.transactions import unit_of_work

COOLED = NOW + timedelta(hours=72)


@pytest.fixture
def odile(session: Session) -> Actor:
    return someone(session, Role.OPERATOR, "Odile")


@pytest.fixture
def femi(session: Session) -> Actor:
    someone(session, Role.FINANCE, "Greta")
    return someone(session, Role.FINANCE, "Femi")


def appoint(session: Session, who: Actor, role: Role = Role.MANAGER, *, on: Scope | None = None, by: Actor) -> Appointment:
    found = actions.appoint(session, session.get_one(Person, who.person), role, on=on or Scope(), by=by, at=NOW)
    assert isinstance(found, Appointment)
    return found


def confirmed(session: Session, who: Actor, *, on: Scope | None = None, by: Actor, and_by: Actor) -> Appointment:
    return actions.confirm(session, appoint(session, who, on=on, by=by).id, by=and_by, at=NOW)


def begun(session: Session, made: Appointment) -> Appointment:
    actions.begin_due(session, at=COOLED)
    session.refresh(made)
    return made


def end_roles(session: Session, who: Actor) -> None:
    for held in session.scalars(select(RoleGrant).where(RoleGrant.person_id == who.person)).all():
        session.delete(held)
    session.flush()


def test_each_step_tells_who_gave_and_confirmed_which_role_where(session: Session, odile: Actor, femi: Actor) -> None:
    made, mara, ben = filled_brief(session), person(session, "Mara"), person(session, "Ben")
    deliverable = deliverables_of(session, made.id)[0]
    asked = confirmed(session, mara, on=deliverable.scope, by=odile, and_by=femi)
    begun(session, asked)
    stopped = actions.stop(session, appoint(session, ben, by=odile).id, by=femi, at=NOW)
    told = {(fact.name, fact.campaign_id, fact.actor_id): fact.facts for fact in recorded(session) if fact.name.startswith("people.role")}
    words = {"granted_by": str(odile.person), "confirmed_by": str(femi.person), "role": "manager", "how": "two"}
    where = {"person": str(mara.person), "brand": str(made.brand.id), "deliverable": str(deliverable.id), "appointment": str(asked.id)}
    of_ben = {"person": str(ben.person), "brand": None, "deliverable": None, "appointment": str(stopped.id)}
    waiting: dict[str, Any] = {"confirmed_by": None, "counts_from": None}
    assert told == {
        ("people.role_asked", made.id, odile.person): where | words | waiting,
        ("people.role_cools", made.id, femi.person): where | words | {"counts_from": COOLED.isoformat()},
        ("people.role_granted", made.id, odile.person): where | words | {"counts_from": COOLED.isoformat()},
        ("people.role_asked", None, odile.person): of_ben | words | waiting,
        ("people.role_stopped", None, femi.person): of_ben | words | waiting,
    }


def test_a_role_that_was_stopped_is_not_confirmed_again_not_even_by_who_confirmed_it(session: Session, odile: Actor, femi: Actor) -> None:
    made = confirmed(session, person(session), by=odile, and_by=femi)
    actions.stop(session, made.id, by=odile, at=NOW)
    with pytest.raises(NotOpen):
        actions.confirm(session, made.id, by=femi, at=NOW)


def test_confirming_one_role_lets_no_other_begin(session: Session, odile: Actor, femi: Actor) -> None:
    first = confirmed(session, person(session, "Mara"), by=odile, and_by=femi)
    second = appoint(session, person(session, "Ben"), by=odile)
    actions.confirm(session, second.id, by=femi, at=COOLED)
    at_once = appoint(session, person(session, "Cleo"), by=SYSTEM)
    assert (first.state, second.state, at_once.state) == (State.COOLING, State.COOLING, State.IN_FORCE)


def test_whoever_speaks_for_a_brand_is_refused_at_once_and_not_only_when_the_role_is_to_begin(session: Session, odile: Actor) -> None:
    made = new_campaign(session)
    signer = session.get_one(Person, made.signers["legal"].person)
    with pytest.raises(OnBothSides):
        actions.appoint(session, signer, Role.MANAGER, on=made.campaign.scope, by=made.manager, at=NOW)
    assert session.scalars(select(Appointment).where(Appointment.person_id == signer.id)).all() == []


def test_where_nothing_cools_a_role_counts_once_it_is_confirmed(
    session: Session, odile: Actor, femi: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "cooling_hours", 0)
    assert confirmed(session, person(session), by=odile, and_by=femi).state is State.IN_FORCE


def test_what_is_given_at_the_machine_counts_though_it_waits_for_somebody_already(session: Session, odile: Actor, femi: Actor) -> None:
    mara = person(session)
    waiting = appoint(session, mara, by=odile)
    given = appoint(session, mara, by=SYSTEM)
    assert (waiting.state, given.state, given.how) == (State.STOPPED, State.IN_FORCE, How.MACHINE)


def test_what_was_given_at_the_machine_is_not_given_there_again_whatever_others_were_given_since(
    session: Session, odile: Actor, femi: Actor
) -> None:
    mara, ben = person(session, "Mara"), person(session, "Ben")
    appoint(session, mara, by=SYSTEM)
    begun(session, confirmed(session, ben, by=odile, and_by=femi))
    again = actions.appoint(session, session.get_one(Person, mara.person), Role.MANAGER, on=Scope(), by=SYSTEM, at=COOLED)
    anew = actions.appoint(session, session.get_one(Person, ben.person), Role.MANAGER, on=Scope(), by=SYSTEM, at=COOLED)
    assert (isinstance(again, RoleGrant), isinstance(anew, Appointment)) == (True, True)


def test_who_holds_finance_without_an_appointment_counts_among_its_first(session: Session, odile: Actor, femi: Actor) -> None:
    session.execute(text("truncate appointment"))
    assert appoint(session, person(session), Role.FINANCE, by=odile).how is How.TWO


def test_finance_of_one_brand_or_campaign_alone_is_none_of_the_systems_first(session: Session, odile: Actor) -> None:
    made = filled_brief(session)
    end_roles(session, made.finance)
    for on in (Scope(brand_id=made.brand.id), Scope(campaign_id=made.id)):
        appoint(session, person(session), Role.FINANCE, on=on, by=SYSTEM)
        appoint(session, person(session), Role.FINANCE, on=on, by=SYSTEM)
    assert [appoint(session, person(session), Role.FINANCE, by=odile).how for _time in range(2)] == [How.FIRST] * 2


def test_a_role_is_stopped_whose_giver_or_confirmer_holds_only_another_one_when_it_is_to_begin(
    session: Session, odile: Actor, femi: Actor
) -> None:
    kept = confirmed(session, person(session, "Kim"), by=odile, and_by=femi)
    assert begun(session, kept).state is State.IN_FORCE
    lost = confirmed(session, person(session, "Mara"), by=odile, and_by=femi)
    end_roles(session, femi)
    grant_role(session, femi.person, Role.LEADER, by=SYSTEM)
    assert begun(session, lost).state is State.STOPPED
    reason = "The person who gave or confirmed the role can no longer do so, or the deliverable no longer exists."
    assert [fact.reason for fact in recorded(session, EventName.PEOPLE_ROLE_STOPPED)] == [reason]


def test_a_role_for_a_deliverable_that_is_there_begins(session: Session, odile: Actor, femi: Actor) -> None:
    made = filled_brief(session)
    asked = confirmed(session, person(session), on=deliverables_of(session, made.id)[0].scope, by=odile, and_by=femi)
    assert begun(session, asked).state is State.IN_FORCE


def test_under_a_live_key_who_ends_a_role_that_counts_proves_who_they_are(
    session: Session, odile: Actor, femi: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = begun(session, confirmed(session, person(session), by=odile, and_by=femi))
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_1234")
    settings.cache_clear()
    with pytest.raises(ProofNeeded):
        actions.stop(session, made.id, by=femi, at=COOLED)
    monkeypatch.undo()
    settings.cache_clear()


def test_of_two_who_give_roles_at_once_the_second_waits_for_the_first(session: Session, odile: Actor, femi: Actor, engine: Engine) -> None:
    appoint(session, person(session), by=odile)
    with Session(engine) as other:
        other.execute(text("set local lock_timeout = '50ms'"))
        nobody = Person(email="nobody@example.org", name="Nobody")
        with pytest.raises(OperationalError, match="lock timeout"):
            actions.appoint(other, nobody, Role.MANAGER, on=Scope(), by=odile, at=NOW)


@pytest.fixture
def committed(fresh_database: str) -> tuple[Partnership, Appointment, Actor]:
    """A role that waits for its confirmation, and an operator, there for every connection."""
    with unit_of_work() as session:
        made = filled_brief(session)
        return made, appoint(session, person(session), by=someone(session, Role.OPERATOR, "Odile")), someone(session, Role.OPERATOR, "Olga")


def second_after(first: Callable[[Session], object], second: Callable[[Session], Any]) -> Any:
    """What becomes of the second deed, which begins while the first is not committed yet."""

    def do() -> Any:
        with unit_of_work() as session:
            return second(session)

    with ThreadPoolExecutor(1) as rival:
        with unit_of_work() as session:
            first(session)
            session.flush()
            doing = rival.submit(do)
            waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
            while not doing.done() and not session.scalar(waiting):
                session.execute(text("select pg_stat_clear_snapshot()"))
                sleep(0.01)
        return doing.result(30)


def test_of_two_who_confirm_at_once_the_second_hears_that_it_is_done(committed: tuple[Partnership, Appointment, Actor]) -> None:
    made, waiting, olga = committed
    with pytest.raises(NotOpen):
        second_after(
            lambda session: actions.confirm(session, waiting.id, by=made.finance, at=NOW),
            lambda session: actions.confirm(session, waiting.id, by=olga, at=NOW),
        )


def test_of_two_who_stop_at_once_the_first_has_stopped_it(committed: tuple[Partnership, Appointment, Actor]) -> None:
    made, waiting, olga = committed
    stopped = second_after(
        lambda session: actions.stop(session, waiting.id, by=made.finance, at=NOW),
        lambda session: actions.stop(session, waiting.id, by=olga, at=NOW).stopped_by,
    )
    assert stopped == made.finance.person

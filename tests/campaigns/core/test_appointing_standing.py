"""What Status says of the staff: whether each act has whom it takes, who is alone, and what cools."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.appointing import actions
from campaigns.core.appointing.few_people import record_choice
from campaigns.core.appointing.models import Appointment, How
from campaigns.core.appointing.standing import NewFactor, independence
from campaigns.core.errors import Forbidden
from campaigns.core.factors.models import CodeApp, Passkey
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Actor, Person, Scope
from campaigns.core.permissions import Role
from tests.factories import NOW, new_campaign, person, someone
from workers.transactions import unit_of_work

Counted = dict[str, tuple[int, int]]


def acts(session: Session) -> Counted:
    """Of each act how many people it takes, and how many there are."""
    return {act.name: (act.needed, act.there) for act in independence(session, by=SYSTEM, at=NOW).acts}


def test_each_act_counts_the_different_people_of_all_staff_who_can_take_part_in_it(session: Session) -> None:
    made = new_campaign(session)
    for on in (made.campaign.scope, Scope(brand_id=made.brand.id), Scope(campaign_id=made.id)):
        someone(session, Role.MANAGER, on=on)
    before = acts(session)
    assert before == {
        "appoint": (2, 2), "receipt": (2, 2), "advance": (2, 2), "finalize": (3, 2), "release": (2, 1), "limits": (2, 1), "cancel": (2, 2),
    }  # fmt: skip
    someone(session, Role.OPERATOR), someone(session, Role.FINANCE), someone(session, Role.FINANCE), someone(session, Role.MANAGER)
    added = {"appoint": 4, "receipt": 3, "advance": 3, "finalize": 3, "release": 2, "limits": 2, "cancel": 3}
    assert {name: there - before[name][1] for name, (_needed, there) in acts(session).items()} == added


@pytest.fixture
def nobody(session: Session) -> Session:
    """An installation in which nobody has a role yet."""
    assert {there for _needed, there in acts(session).values()} == {0}
    return session


def test_managers_alone_are_not_the_two_that_an_act_of_finance_takes(nobody: Session) -> None:
    for _n in range(4):
        someone(nobody, Role.MANAGER)
    assert acts(nobody) == {
        "appoint": (2, 4), "receipt": (2, 1), "advance": (2, 1), "finalize": (3, 4), "release": (2, 0), "limits": (2, 0), "cancel": (2, 4),
    }  # fmt: skip
    someone(nobody, Role.FINANCE)
    assert acts(nobody) == {
        "appoint": (2, 5), "receipt": (2, 5), "advance": (2, 5), "finalize": (3, 5), "release": (2, 1), "limits": (2, 1), "cancel": (2, 5),
    }  # fmt: skip


def test_finance_alone_sets_no_points_and_cancels_nothing(nobody: Session) -> None:
    for _n in range(3):
        someone(nobody, Role.FINANCE)
    assert acts(nobody) == {
        "appoint": (2, 3), "receipt": (2, 3), "advance": (2, 1), "finalize": (3, 2), "release": (2, 3), "limits": (2, 3), "cancel": (2, 1),
    }  # fmt: skip


def made_by_two(session: Session, name: str, role: Role, by: Actor, and_by: Actor) -> Actor:
    """Someone with the role, given by one and confirmed by the other; the first of finance by the one alone."""
    who = person(session, name)
    asked = actions.appoint(session, session.get_one(Person, who.person), role, on=Scope(), by=by, at=NOW)
    assert isinstance(asked, Appointment)
    if asked.how is How.TWO:
        actions.confirm(session, asked.id, by=and_by, at=NOW)
    actions.begin_due(session, at=NOW + timedelta(hours=72))
    return who


def test_with_an_operator_and_one_of_finance_from_the_machine_each_act_has_its_people_once_they_are_five(nobody: Session) -> None:
    odile, femi = someone(nobody, Role.OPERATOR, "Odile"), someone(nobody, Role.FINANCE, "Femi")
    made_by_two(nobody, "Flo", Role.FINANCE, odile, femi)
    made_by_two(nobody, "Mara", Role.MANAGER, odile, femi)
    assert acts(nobody) == {
        "appoint": (2, 4), "receipt": (2, 3), "advance": (2, 3), "finalize": (3, 2), "release": (2, 2), "limits": (2, 2), "cancel": (2, 3),
    }  # fmt: skip
    made_by_two(nobody, "Finn", Role.FINANCE, odile, femi)
    assert all(there >= needed for needed, there in acts(nobody).values())


def test_people_who_have_their_roles_from_each_other_are_not_the_two_of_an_act_unless_few_people_were_chosen(nobody: Session) -> None:
    odile, femi = someone(nobody, Role.OPERATOR, "Odile"), someone(nobody, Role.FINANCE, "Femi")
    made_by_two(nobody, "Mara", Role.MANAGER, odile, femi)
    assert {name: there for name, (_needed, there) in acts(nobody).items()} == {
        "appoint": 3, "receipt": 1, "advance": 1, "finalize": 1, "release": 1, "limits": 1, "cancel": 1,
    }  # fmt: skip
    record_choice(nobody, is_few=True, reason="We are three.", by=SYSTEM, at=NOW)
    assert {name: there for name, (_needed, there) in acts(nobody).items()} == {
        "appoint": 3, "receipt": 2, "advance": 2, "finalize": 2, "release": 1, "limits": 1, "cancel": 2,
    }  # fmt: skip


def factor(session: Session, who: Actor, *, app: bool = False, days: int | None = 1) -> None:
    """A passkey or an app of this person's that counts so many days from now."""
    counts_from = None if days is None else NOW + timedelta(days=days)
    if app:
        session.add(CodeApp(person_id=who.person, sealed_secret="s", begun_at=NOW, confirmed_at=NOW, counts_from=counts_from))
    else:
        key = Passkey(
            person_id=who.person,
            name="Key",
            credential_id=str(new_id()),
            public_key=b"",
            sign_count=0,
            made_at=NOW,
            counts_from=counts_from,
        )
        session.add(key)
    session.flush()


def appoint(session: Session, name: str, by: Actor) -> Appointment:
    found = actions.appoint(session, session.get_one(Person, person(session, name).person), Role.FINANCE, on=Scope(), by=by, at=NOW)
    assert isinstance(found, Appointment)
    return found


def test_new_passkeys_and_apps_of_whoever_touches_money_or_is_about_to_are_told_until_they_count(session: Session) -> None:
    odile, lea, ana = someone(session, Role.OPERATOR, "Odile"), someone(session, Role.LEADER, "Lea"), person(session, "Ana")
    fay, ben, max_ = (someone(session, Role.FINANCE, name) for name in ("Fay", "Ben", "Max"))
    waiting, stopped = appoint(session, "Wanda", odile), appoint(session, "Stan", odile)
    actions.stop(session, stopped.id, by=odile, at=NOW)
    for who in (lea, ana, Actor(stopped.person_id, "Stan"), Actor(waiting.person_id, "Wanda")):
        factor(session, who)
    factor(session, fay, days=2)
    factor(session, ben, days=2, app=True)
    factor(session, odile, days=3, app=True)
    factor(session, odile, days=0)
    factor(session, max_, days=None)
    assert independence(session, by=odile, at=NOW).factors == [
        NewFactor(name, NOW + timedelta(days=days)) for name, days in (("Wanda", 1), ("Ben", 2), ("Fay", 2), ("Odile", 3))
    ]
    assert [each.name for each in independence(session, by=odile, at=NOW + timedelta(days=2)).factors] == ["Odile"]


def test_status_tells_who_is_alone_and_who_waits(session: Session) -> None:
    odile, _fay, _ben = someone(session, Role.OPERATOR, "Odile"), someone(session, Role.FINANCE), someone(session, Role.FINANCE)
    before = independence(session, by=odile, at=NOW)
    machine = appoint(session, "Mia", SYSTEM)
    waiting, stopped = appoint(session, "Wanda", odile), appoint(session, "Stan", odile)
    actions.stop(session, stopped.id, by=odile, at=NOW)
    told = independence(session, by=odile, at=NOW)
    assert [each.row.id for each in told.alone] == [*(each.row.id for each in before.alone), machine.id]
    assert [each.row.id for each in told.open] == [waiting.id, *(each.row.id for each in before.open)]


def test_what_was_chosen_for_few_people_is_told_with_its_end_and_so_is_the_cooling_time(fresh_database: str) -> None:
    seen: list[tuple[bool, Sequence[str | None]]] = []
    for is_few, reason in ((True, "We are three."), (False, "We are four.")):
        with unit_of_work() as session:
            record_choice(session, is_few=is_few, reason=reason, by=SYSTEM, at=NOW)
        with unit_of_work() as session:
            told = independence(session, by=SYSTEM, at=NOW)
            seen.append((told.is_few, [each.reason for each in told.choices]))
    assert (seen, told.cooling_hours) == ([(True, ["We are three."]), (False, ["We are three.", "We are four."])], 72)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.MANAGER, Role.LEADER])
def test_whoever_may_not_see_status_is_told_nothing_of_the_people(session: Session, role: Role) -> None:
    with pytest.raises(Forbidden):
        independence(session, by=someone(session, role), at=NOW)

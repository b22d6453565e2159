"""People, what they say of themselves, and the actors that they are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.errors import Forbidden, Invalid, NotFound, ScopeMissing
from campaigns.core.ids import new_id
from campaigns.core.people import (
    CLOCK,
    GUEST,
    PREFECT_OPERATOR,
    STRIPE,
    SYSTEM,
    Actor,
    Grant,
    Person,
    Scope,
    actor_for,
    become_known,
    is_artist,
    note_artist,
    person_at,
    person_known_at,
)
from campaigns.core.permissions import EVERYTHING, Permission, Role
from campaigns.core.profile import change_profile
from campaigns.core.role_grants import grant_role
from tests.factories import new_campaign, person, someone

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
PROFILE = {"name": "Ana Quispe", "country": "PE", "locale": "es", "time_zone": "America/Lima"}
ARTISTS = {Role.CURATOR, Role.LEADER, Role.EDITOR}
GIVEN = [role for role in Role if role not in (Role.MEMBER, Role.ARTIST)]


@pytest.mark.parametrize("role", GIVEN)
def test_who_has_a_role_that_touches_money_or_speaks_for_a_brand_is_an_artist_only_once_they_say_so(session: Session, role: Role) -> None:
    made = new_campaign(session)
    on = Scope(brand_id=made.brand.id)
    sign_off_role = "legal" if role is Role.SIGNER else None
    who = someone(session, role, on=on, sign_off_role=sign_off_role)
    given, member, artist = Grant(role, made.brand.id, sign_off_role=sign_off_role), Grant(Role.MEMBER), Grant(Role.ARTIST)
    artists = [artist] if role in ARTISTS else []
    assert actor_for(session, who.person) == Actor(who.person, role.value.capitalize(), frozenset({given, member, *artists}))
    assert _artists(session, who) == (role in ARTISTS)
    note_artist(session, who.person, at=AT)
    session.expire_all()
    assert actor_for(session, who.person).grants == {given, member, artist}
    assert _artists(session, who) is True


def _artists(session: Session, who: Actor) -> bool:
    return who.person in session.scalars(select(Person.id).where(is_artist())).all()


def test_an_actor_has_their_own_roles_with_their_reach_and_nobody_elses(session: Session) -> None:
    made = new_campaign(session)
    lea, nobody = someone(session, Role.LEADER, on=made.campaign.scope), person(session)
    someone(session, Role.OPERATOR)
    assert actor_for(session, lea.person, frozenset({"open_call"})) == Actor(
        lea.person, "Leader", frozenset({Grant(Role.LEADER, made.brand.id, made.id), Grant(Role.MEMBER), Grant(Role.ARTIST)}),
        frozenset({"open_call"}),
    )  # fmt: skip
    assert actor_for(session, nobody.person).grants == {Grant(Role.MEMBER), Grant(Role.ARTIST)}
    assert actor_for(session, lea.person).is_proven is False
    with pytest.raises(NotFound):
        actor_for(session, new_id())


def test_of_several_roles_each_is_held_where_it_was_given(session: Session) -> None:
    one, other = new_campaign(session), new_campaign(session)
    lea = someone(session, Role.LEADER, on=one.campaign.scope)
    grant_role(session, lea.person, Role.SIGNER, on=Scope(brand_id=other.brand.id), by=SYSTEM, sign_off_role="legal")
    both = actor_for(session, lea.person)
    held = {
        (role, on, sign_off_role): both.holds(role, made.campaign, sign_off_role)
        for role in (Role.LEADER, Role.SIGNER, Role.EDITOR)
        for on, made in (("one", one), ("other", other))
        for sign_off_role in (None, "legal", "marketing")
    }
    assert {case for case, holds in held.items() if holds} == {
        (Role.LEADER, "one", None), (Role.SIGNER, "other", None), (Role.SIGNER, "other", "legal"),
    }  # fmt: skip


def test_a_token_reaches_what_it_names_and_whoever_came_without_one_everything(session: Session) -> None:
    who = person(session).person
    for scopes in ({"open_call"}, {"open_call", "payout"}, {EVERYTHING}):
        actor_for(session, who, frozenset(scopes)).require_scope("open_call")
    with pytest.raises(ScopeMissing) as refused:
        actor_for(session, who, frozenset({"open_call", "profile"})).require_scope("payout")
    assert refused.value.params == {"scope": "payout"}


def test_what_the_system_does_by_itself_no_role_is_asked_for_and_a_guest_may_nothing() -> None:
    by_themselves = (SYSTEM, CLOCK, PREFECT_OPERATOR, STRIPE)
    assert [[who.name for who in (*by_themselves, GUEST) if who.may(permission)] for permission in Permission] == [
        [who.name for who in by_themselves]
    ] * len(Permission)


def test_since_when_somebody_takes_part_is_noted_once_and_for_them_alone(session: Session) -> None:
    ana, ben = person(session, "Ana"), person(session, "Ben")
    for at in (AT, AT.replace(year=2027)):
        note_artist(session, ana.person, at=at)
    session.expire_all()
    assert [session.get_one(Person, who.person).artist_since for who in (ana, ben)] == [AT, None]


def test_an_address_is_one_person_whatever_its_spelling_and_a_new_one_is_not_known(session: Session) -> None:
    ana = person_at(session, " Ana.Quispe@Example.org ")
    assert (ana.email, ana.name, ana.known_since) == ("Ana.Quispe@Example.org", "Ana Quispe", None)
    assert person_at(session, "ana.quispe@example.org", "Somebody Else").id == ana.id
    assert person_known_at(session, " ANA.quispe@example.org ") is ana
    assert person_known_at(session, "nobody@example.org") is None
    assert (person_at(session, "ben@example.org", "Ben B.").name, ana.name) == ("Ben B.", "Ana Quispe")
    assert len(person_at(session, f"{'x' * 64}@{'y' * 60}.example.org").name) <= 120


def test_somebody_becomes_known_once_and_nobody_else_with_them(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, ben = person_at(session, "ana@example.org"), person_at(session, "ben@example.org")
    seen = []
    for moment in (AT, AT.replace(year=2027)):
        monkeypatch.setattr(clock, "process_now", lambda moment=moment: moment)
        become_known(session, ana.id)
        session.expire_all()
        seen.append((ana.known_since, ben.known_since))
    assert seen == [(AT, None)] * 2


def change(session: Session, by: Actor, **more: Any) -> Person:
    return change_profile(session, **(PROFILE | more), by=by)


def told(who: Person) -> tuple[str, str | None, str, str, bool]:
    return who.name, who.country, who.locale, who.time_zone, who.shortcuts


def test_people_say_of_themselves_what_there_is_and_change_nobody_else(session: Session) -> None:
    ana, ben = person(session, "Ana"), person(session, "Ben")
    assert told(change(session, ana, name="  Ana Quispe ", shortcuts=False)) == ("Ana Quispe", "PE", "es", "America/Lima", False)
    assert told(change(session, ana, country=None, locale="pt-BR")) == ("Ana Quispe", None, "pt-BR", "America/Lima", True)
    assert told(session.get_one(Person, ben.person)) == ("Ben", "US", "en", "UTC", True)


@pytest.mark.parametrize(
    ("field", "value"), [("name", "  "), ("time_zone", "America/Atlantis"), ("locale", "xx-US"), ("country", "ZZZ"), ("country", "")]
)
def test_what_there_is_not_nobody_says_of_themselves(session: Session, field: str, value: str) -> None:
    ana = person(session, "Ana")
    with pytest.raises(Invalid) as refused:
        change(session, ana, **{field: value})
    assert (refused.value.field, told(session.get_one(Person, ana.person))) == (field, ("Ana", "US", "en", "UTC", True))


def test_a_guest_and_a_token_of_another_scope_change_no_profile(session: Session) -> None:
    ana = person(session, "Ana")
    for by in (GUEST, actor_for(session, ana.person, frozenset({"open_call"}))):
        with pytest.raises(Forbidden):
            change(session, by)

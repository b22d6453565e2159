"""Search finds what exists for the reader, and nothing by which they could tell that more exists."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.people import GUEST, Actor, Person, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.oversight.searches import SearchResults, search
from tests import factories
from tests.campaigns.brief.counting import statements
from tests.factories import CARD, READER, person, someone


def titles(found: SearchResults) -> tuple[list[str], list[str], list[str]]:
    return [c.title for c in found.campaigns], [w.title for w in found.contributions], [p.name for p in found.people]


def find(session: Session, words: str, by: Actor) -> tuple[list[str], list[str], list[str]]:
    return titles(search(session, words, by=by))


def test_a_campaign_is_found_by_title_and_brand_by_staff_by_its_number_and_in_spite_of_a_slip(session: Session) -> None:
    made = factories.opened_call(session, (CARD,))
    ana = person(session)
    for words in ("holiday", "HOLIDAY trad", "zappos", "holliday traditions"):
        (found,) = [c for c in search(session, words, by=ana).campaigns if c.id == made.id]
        assert (found.brand, found.stage, found.is_inside) == ("Zappos", "open_call", False)
    assert made.id in [c.id for c in search(session, f"#{made.campaign.number}", by=made.manager).campaigns]


def test_a_campaign_that_is_not_launched_is_found_only_by_those_who_work_on_it(session: Session) -> None:
    made = factories.filled_brief(session)
    stranger = someone(session, Role.SIGNER, on=Scope(brand_id=factories.brand(session, "Other").id), sign_off_role="legal")
    assert [c.id for c in search(session, "Holiday", by=made.manager).campaigns] == [made.id]
    assert [c.id for c in search(session, "Holiday", by=made.signers["legal"]).campaigns] == [made.id]
    for nobody in (person(session), GUEST, stranger):
        assert find(session, "Holiday", nobody) == ([], [], [])


def test_a_contribution_is_found_by_title_and_maker_once_it_takes_part_and_by_its_maker_before(session: Session) -> None:
    made = factories.opened_call(session, (READER,))
    ana, ben = person(session, "Ana Quispe"), person(session, "Ben")
    factories.contributed(session, made, ana, "Unscreened lantern")
    factories.taking_part(session, made, ana, "Lantern street")
    assert sorted(find(session, "lantern", ana)[1]) == ["Lantern street", "Unscreened lantern"]
    assert find(session, "lantern", ben)[1] == ["Lantern street"]
    assert find(session, "quispe", ben)[1] == ["Lantern street"]
    assert find(session, "lantern", GUEST) == ([], [], [])


def test_who_judges_blind_finds_no_contribution_there_by_title_or_maker(session: Session) -> None:
    made = factories.opened_call(session, (READER,))
    curator, everywhere = factories.curator(session, made), someone(session, Role.CURATOR)
    factories.taking_part(session, made, person(session, "Ana Quispe"), "Quispe street")
    elsewhere = factories.opened_call(session, (READER,))
    factories.taking_part(session, elsewhere, person(session, "Ana Quispe"), "Quispe avenue")
    assert find(session, "quispe", curator) == ([], ["Quispe avenue"], [])
    assert find(session, "quispe", everywhere) == ([], [], [])


def test_people_are_found_only_by_those_who_work_for_all_of_it(session: Session) -> None:
    made = factories.opened_call(session, (CARD,))
    person(session, "Ana Quispe")
    here = someone(session, Role.MANAGER, "Guest manager", on=Scope(campaign_id=made.id))
    for role in (Role.MANAGER, Role.FINANCE, Role.OPERATOR):
        assert find(session, "quispe", someone(session, role))[2] == ["Ana Quispe"]
    for nobody in (here, person(session, "Ben"), made.signers["legal"], someone(session, Role.CURATOR)):
        assert find(session, "quispe", nobody)[2] == []


def test_a_person_is_found_by_address_with_every_role(session: Session) -> None:
    operator = someone(session, Role.OPERATOR, "Odile")
    email = session.scalar(select(Person.email).where(Person.id == operator.person))
    assert email is not None
    (found,) = search(session, email, by=actor_for(session, operator.person)).people
    assert (found.name, found.email, found.roles) == ("Odile", email, ["operator"])


@pytest.mark.parametrize("words", ["", " ", "a", " a "])
def test_less_than_two_characters_find_nothing(session: Session, words: str) -> None:
    someone(session, Role.OPERATOR, "A")
    assert search(session, words, by=someone(session, Role.OPERATOR)).is_empty


@pytest.mark.parametrize("words", ["%%", "__", "%_%", "\\\\", "'; drop table person", "#99999999999", "x" * 10_000, "\u202e\u200b\u202e"])
def test_what_looks_like_a_pattern_or_a_command_is_looked_for_as_it_stands(session: Session, words: str) -> None:
    person(session, "Ana")
    assert search(session, words, by=someone(session, Role.OPERATOR, "Odile")).is_empty


def test_two_letters_find_what_begins_with_them(session: Session) -> None:
    for name in ("Anabel", "Joana"):
        person(session, name)
    assert find(session, "an", someone(session, Role.OPERATOR, "Odile"))[2] == ["Anabel"]


def test_twenty_findings_cost_as_many_statements_as_one(session: Session) -> None:
    operator, sent = someone(session, Role.OPERATOR), []
    for more in (1, 19):
        for _number in range(more):
            made = factories.opened_call(session, (READER,))
            factories.taking_part(session, made, person(session, "Holiday Ana"), "Holiday lantern")
        with statements(session) as asked:
            found = search(session, "holiday", by=operator)
        sent.append((len(asked), len(found.campaigns), len(found.contributions), len(found.people)))
    assert sent == [(sent[0][0], 1, 1, 1), (sent[0][0], 20, 20, 20)]

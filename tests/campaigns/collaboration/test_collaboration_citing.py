import pytest
from sqlalchemy.orm import Session

from campaigns.collaboration.remixes.queries import citable, contributions_named
from campaigns.core.errors import UnknownContribution
from campaigns.core.people import SYSTEM
from tests.factories import Partnership, contributed, curator, opened_call, person, taking_part


@pytest.fixture
def made(session: Session) -> Partnership:
    return opened_call(session)


def test_a_contribution_is_named_by_its_title_in_any_case_or_by_the_address_of_its_page(session: Session, made: Partnership) -> None:
    door, hinge = taking_part(session, made, title="The Door"), taking_part(session, made, title="Hinge, 100% brass")
    names = [" the door ", f"https://callboard.example/contributions/{hinge.id}?x=1", "hinge, 100% BRASS"]
    assert contributions_named(session, made.id, names, field="also", by=SYSTEM) == [door.id, hinge.id, hinge.id]


@pytest.mark.parametrize("name", ["The D%", "The_Door", "\\", "01a20d8d-c490-7289-816c-bd23d6f1140d", "Not let in"])
def test_a_name_that_means_no_contribution_that_takes_part_is_refused_at_its_field(session: Session, made: Partnership, name: str) -> None:
    taking_part(session, made, title="The Door")
    contributed(session, made, title="Not let in")
    with pytest.raises(UnknownContribution) as refused:
        contributions_named(session, made.id, [name], field="also", by=SYSTEM)
    assert refused.value.field == "also"


def test_a_name_that_means_several_is_refused(session: Session, made: Partnership) -> None:
    for _ in range(2):
        taking_part(session, made, title="The Door")
    with pytest.raises(UnknownContribution, match="Several contributions"):
        contributions_named(session, made.id, ["the door"], field="other", by=SYSTEM)


def test_a_contribution_of_another_campaign_is_unknown_here(session: Session, made: Partnership) -> None:
    elsewhere = taking_part(session, opened_call(session), title="The Door")
    for name in ("The Door", str(elsewhere.id)):
        with pytest.raises(UnknownContribution):
            contributions_named(session, made.id, [name], field="also", by=SYSTEM)


def test_titles_are_found_by_words_in_them_and_those_who_judge_learn_no_name(session: Session, made: Partnership) -> None:
    taking_part(session, made, person(session, "Ana Quispe"), "The door of Ana Quispe")
    taking_part(session, made, title="Hinge")
    (found,) = citable(session, made.id, "DOOR", by=person(session))
    assert (found.title, [credit.name for credit in found.credits]) == ("The door of Ana Quispe", ["Ana Quispe"])
    (blind,) = citable(session, made.id, "DOOR", by=curator(session, made))
    assert "Ana" not in blind.title
    assert blind.credits == []
    assert citable(session, made.id, "%", by=person(session)) == []

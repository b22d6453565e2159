"""Questions at the call: asked by anyone, answered by staff, then read by everyone."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.errors import Forbidden, NotFound, NotSignedIn
from campaigns.core.people import GUEST, Actor
from campaigns.open_call.errors import NobodyAnswers, NoSuchQuestion, NotAQuestion, TooManyQuestions
from campaigns.open_call.models import Question
from campaigns.open_call.questions.actions import LONGEST_QUESTION, MOST_OPEN, answer, ask
from campaigns.open_call.questions.queries import questions
from tests import factories
from tests.called_off import call_off
from tests.factories import NOW, Partnership


@pytest.fixture
def made(session: Session) -> Partnership:
    return factories.opened_call(session)


@pytest.fixture
def ana(session: Session) -> Actor:
    return factories.person(session, "Ana")


def count(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Question)).one()


def texts(session: Session, made: Partnership, by: Actor) -> list[str]:
    return [question.text for question in questions(session, made.id, by=by)]


def test_a_question_is_seen_by_who_asked_and_who_answers_until_it_is_answered(session: Session, made: Partnership, ana: Actor) -> None:
    asked = ask(session, made.id, " May it be in Quechua? ", by=ana, at=NOW)
    ben = factories.person(session, "Ben")
    assert [texts(session, made, who) for who in (ana, made.manager, ben, GUEST)] == [[asked.text], [asked.text], [], []]
    answer(session, asked.id, " Yes. ", by=made.manager, at=NOW)
    assert [texts(session, made, who) for who in (ben, GUEST)] == [["May it be in Quechua?"]] * 2
    assert (asked.answer, asked.answered_by, asked.answered_at) == ("Yes.", made.manager.person, NOW)
    recorded = [fact.name for fact in events.recorded(session) if fact.name.startswith("open_call.question")]
    assert recorded == ["open_call.question_asked", "open_call.question_answered"]


def test_an_answer_is_made_better_and_takes_the_place_of_the_one_before(session: Session, made: Partnership, ana: Actor) -> None:
    asked = ask(session, made.id, "Until when?", by=ana, at=NOW)
    for said in ("Friday.", "Friday, at noon."):
        answer(session, asked.id, said, by=made.manager, at=NOW)
    assert [question.answer for question in questions(session, made.id, by=GUEST)] == ["Friday, at noon."]


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST_QUESTION + 1)])
def test_a_question_without_words_or_with_too_many_is_refused(session: Session, made: Partnership, ana: Actor, text: str) -> None:
    with pytest.raises(NotAQuestion) as refused:
        ask(session, made.id, text, by=ana, at=NOW)
    assert (refused.value.field, count(session)) == ("text", 0)


def test_an_answer_without_words_is_refused_and_the_question_waits(session: Session, made: Partnership, ana: Actor) -> None:
    asked = ask(session, made.id, "Until when?", by=ana, at=NOW)
    with pytest.raises(NotAQuestion) as refused:
        answer(session, asked.id, "  ", by=made.manager, at=NOW)
    assert (refused.value.field, asked.answer) == ("answer", None)


def test_nobody_has_more_questions_open_than_five_and_an_answer_makes_room(session: Session, made: Partnership, ana: Actor) -> None:
    first, *_others = [ask(session, made.id, f"Question {n}?", by=ana, at=NOW) for n in range(MOST_OPEN)]
    with pytest.raises(TooManyQuestions):
        ask(session, made.id, "One more?", by=ana, at=NOW)
    assert count(session) == MOST_OPEN
    ask(session, made.id, "Mine?", by=factories.person(session, "Ben"), at=NOW)
    answer(session, first.id, "Yes.", by=made.manager, at=NOW)
    ask(session, made.id, "One more?", by=ana, at=NOW)
    assert count(session) == MOST_OPEN + 2


def test_only_staff_answers_and_what_one_does_not_see_is_not_there(session: Session, made: Partnership, ana: Actor) -> None:
    asked = ask(session, made.id, "Until when?", by=ana, at=NOW)
    with pytest.raises(Forbidden):
        answer(session, asked.id, "Never.", by=ana, at=NOW)
    with pytest.raises(NoSuchQuestion):
        answer(session, asked.id, "Never.", by=factories.person(session, "Ben"), at=NOW)
    assert asked.answer is None


def test_a_guest_asks_nothing(session: Session, made: Partnership) -> None:
    with pytest.raises((Forbidden, NotSignedIn)):
        ask(session, made.id, "Until when?", by=GUEST, at=NOW)
    assert count(session) == 0


def test_nothing_is_asked_about_a_call_that_has_ended_or_is_not_there(session: Session, made: Partnership, ana: Actor) -> None:
    call_off(session, made.id, "The brand stopped.", by=made.manager, at=NOW)
    with pytest.raises(NobodyAnswers):
        ask(session, made.id, "Until when?", by=ana, at=NOW)
    with pytest.raises(NotFound):
        ask(session, factories.filled_brief(session).id, "Until when?", by=ana, at=NOW)
    assert count(session) == 0


def test_the_list_goes_on_where_the_page_before_ended(session: Session, made: Partnership, ana: Actor) -> None:
    asked = [ask(session, made.id, f"Question {n}?", by=ana, at=NOW) for n in range(3)]
    first = questions(session, made.id, by=ana, limit=2)
    rest = questions(session, made.id, by=ana, after=first[-1].id, limit=2)
    assert [q.id for q in (*first, *rest)] == [q.id for q in reversed(asked)]

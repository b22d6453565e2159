"""Who reads what happens in the open call."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.events import Event
from campaigns.core.membership import take_part_as_artist
from campaigns.core.people import actor_for
from campaigns.core.permissions import Role
from campaigns.open_call.call.actions import extend_call
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.questions import actions as question_actions
from campaigns.open_call.screening.actions import screen
from notifications import open_call
from notifications.registry import NOTIFICATIONS
from tests import factories
from tests.factories import NOW


def fact(session: Session, name: str) -> Event:
    """The last fact of this name."""
    session.commit()
    return session.scalars(select(Event).where(Event.name == name).order_by(Event.id.desc()).limit(1)).one()


def test_each_maker_learns_that_the_contribution_has_arrived_and_how_it_is_shared(session: Session) -> None:
    made, ana, ben = factories.opened_call(session), factories.person(session, "Ana"), factories.person(session, "Ben")
    factories.contributed(session, made, ana, makers={ana.person: 2, ben.person: 1})
    emails = list(open_call.contribution_received(session, fact(session, "open_call.contribution_received")))
    shares = [["Ana", 2], ["Ben", 1]]
    assert [(x.to, x.params["sender"], x.params["is_sender"], x.params["shares"], x.params["licence"]) for x in emails] == [
        (ana.person, "Ana", True, shares, "2026-01"),
        (ben.person, "Ana", False, shares, "2026-01"),
    ]


def test_each_maker_reads_the_decision_with_its_reason_while_it_holds(session: Session) -> None:
    made, ana, judge = factories.opened_call(session), factories.person(session, "Ana"), factories.someone(session, Role.CURATOR)
    contribution = factories.ready(session, factories.contributed(session, made, ana))
    screen(session, contribution.id, False, "It shows a logo.", by=judge, at=NOW)
    decided = fact(session, "open_call.screened")
    email = next(iter(open_call.screened(session, decided)))
    assert (email.to, email.path, dict(email.params)) == (
        ana.person,
        f"/me/contributions/{contribution.id}",
        {"title": "Lantern street", "takes_part": False, "reason": "It shows a logo."},
    )
    still_true = NOTIFICATIONS["screened"].still_true
    assert still_true is not None
    assert still_true(session, decided)
    withdraw(session, contribution.id, by=ana, at=NOW)
    assert not still_true(session, decided)


def test_everyone_in_the_campaign_but_who_did_it_learns_of_an_extension(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session, "Ana")
    factories.contributed(session, made, ana)
    session.commit()
    later = NOW + timedelta(days=16)
    extend_call(session, made.id, later, "A storm.", by=made.manager, at=NOW)
    emails = list(open_call.call_extended(session, fact(session, "open_call.extended")))
    readers = {ana.person, *(signer.person for signer in made.signers.values())}
    assert (made.manager.person in {x.to for x in emails}, readers <= {x.to for x in emails}) == (False, True)
    assert {(x.params["closes_at"], x.params["zone"], x.params["reason"]) for x in emails} == {(later, "America/Los_Angeles", "A storm.")}


def test_the_manager_learns_of_a_question_until_it_is_answered_and_who_asked_reads_the_answer(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session, "Ana")
    question = question_actions.ask(session, made.id, "May it be in Quechua?", by=ana, at=NOW)
    asked = fact(session, "open_call.question_asked")
    path = f"/calls/{made.id}#questions"
    assert [(x.to, x.path, dict(x.params)) for x in open_call.question_asked(session, asked)] == [
        (made.manager.person, path, {"question": "May it be in Quechua?"})
    ]
    still_true = NOTIFICATIONS["question_asked"].still_true
    assert still_true is not None
    assert still_true(session, asked)
    question_actions.answer(session, question.id, "Yes.", by=made.manager, at=NOW)
    answered = fact(session, "open_call.question_answered")
    assert [(x.to, x.path, dict(x.params)) for x in open_call.question_answered(session, answered)] == [
        (ana.person, path, {"question": "May it be in Quechua?", "answer": "Yes."})
    ]
    assert not still_true(session, asked)


def test_whoever_asks_or_answers_their_own_question_gets_no_email(session: Session) -> None:
    made = factories.opened_call(session)
    take_part_as_artist(session, by=made.manager, at=NOW)
    manager = actor_for(session, made.manager.person)
    question = question_actions.ask(session, made.id, "May it be in Quechua?", by=manager, at=NOW)
    assert list(open_call.question_asked(session, fact(session, "open_call.question_asked"))) == []
    question_actions.answer(session, question.id, "Yes.", by=manager, at=NOW)
    assert list(open_call.question_answered(session, fact(session, "open_call.question_answered"))) == []

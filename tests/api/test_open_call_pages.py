"""The open call as pages: read by everyone, sent to by artists, asked about."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.events import Event
from campaigns.core.people import Person
from campaigns.core.throttle import Rate
from campaigns.open_call import uploads
from campaigns.open_call.makers import queries as maker_queries
from campaigns.open_call.models import Contribution, ContributionState, LicenceGrant, Maker, Question
from campaigns.open_call.questions import actions as question_actions
from notifications.open_call import contribution_received
from tests import factories, samples
from tests.api.call_stage import Stage, count, stage, text_of
from tests.api.visiting import cells
from workers.transactions import unit_of_work

__all__ = ["stage"]

NASTY = '<img src=x onerror="alert(1)">"'


def test_anyone_reads_what_the_call_pays_by_which_rule_with_which_rights_and_until_when(stage: Stage) -> None:
    shown = text_of(stage.guest.get(stage.path()))
    assert stage.guest.get(stage.path()).status_code == 200
    for said in (
        "$50,000.00", "What you upload stays yours", "passes 30% of what it earns on", "America/Los_Angeles",
        "The maker of a contribution with 3 points $18,000.00", "Total $30,000.00", "Submit work",
        "Tell us which country you live in",
    ):  # fmt: skip
        assert said in shown


def test_a_guest_learns_whether_they_could_be_paid_where_they_live(stage: Stage) -> None:
    assert "We can pay you where you live" in text_of(stage.guest.get(stage.path("?country=PE")))
    assert "We cannot pay USD to Nepal yet" in text_of(stage.guest.get(stage.path("?country=NP")))
    assert stage.guest.get(stage.path("?country=<b>")).status_code == 404


def test_a_guest_sees_no_contribution_and_no_room_of_the_campaign(stage: Stage) -> None:
    with unit_of_work() as session:
        factories.taking_part(session, stage.made, stage.ana_actor, at=stage.now)
    guest, ben = stage.guest.get(stage.path()).text, stage.ben.get(stage.path()).text
    assert ("Lantern street" in guest, "Lantern street" in ben) == (False, True)
    assert ("Sections of" in guest, "Sections of" in ben, "Sections of" in stage.manager.get(stage.path()).text) == (False, False, True)
    assert stage.guest.get(stage.path("/contributions")).headers["location"] == "/sign-in"


def test_a_call_that_is_not_launched_is_there_for_nobody(stage: Stage) -> None:
    with unit_of_work() as session:
        hidden = factories.filled_brief(session, at=stage.now).id
    for end in ("", "/contributions", "/contribute"):
        assert stage.ana.get(f"/calls/{hidden}{end}").status_code == 404


def test_the_calls_are_listed_the_open_ones_only_and_as_a_table(stage: Stage) -> None:
    assert "Holiday traditions" in stage.guest.get("/calls").text
    assert cells(stage.guest.get("/calls.csv"))[0][:2] == ["title", "brand"]
    with unit_of_work() as session:
        clock.move_clock(session, timedelta(days=15))
    assert "Holiday traditions" not in stage.guest.get("/calls").text
    assert "No open calls" in stage.guest.get("/calls").text
    closed = text_of(stage.ana.get(stage.path("/contribute")))
    assert ("This call is not accepting submissions" in closed, "This call has closed." in text_of(stage.guest.get(stage.path()))) == (
        True,
        True,
    )


def test_a_text_is_sent_in_with_its_licence_and_the_reader_led_to_where_it_stands(stage: Stage) -> None:
    answer = stage.send(stage.ana, statement="For my grandmother.")
    where = answer.headers["location"]
    assert (answer.status_code, where.startswith("/me/contributions/"), count(LicenceGrant)) == (303, True, 1)
    shown = text_of(stage.ana.get(where))
    for said in ("Lantern street", "Processing.", "For my grandmother.", "License 2026-01, granted"):
        assert said in shown
    assert "Lantern street" in stage.ana.get("/me/contributions").text
    assert "Lantern street" in stage.ana.get("/me/contributions.csv").text
    assert (stage.ben.get(where).status_code, "Lantern street" in stage.ben.get("/me/contributions").text) == (404, False)


def test_a_form_that_is_sent_twice_sends_one_contribution(stage: Stage) -> None:
    once = {"once": uuid4().hex, "text": "The same words."}
    answers = [stage.send(stage.ana, **once) for _time in range(2)]
    assert ({a.headers["location"] for a in answers}, count(Contribution)) == ({answers[0].headers["location"]}, 1)


def test_a_file_that_has_arrived_is_at_hand_after_a_reload_and_only_for_who_sent_it(stage: Stage) -> None:
    with unit_of_work() as session:
        upload = uploads.take_text(session, "Every December we walk.", "text/markdown", by=stage.ana_actor)
        half = uploads.begin(session, "half.mp4", "video/mp4", 1_000_000, by=stage.ana_actor)
        ids = [upload.id, half.id]
    page = stage.ana.get(stage.path("/contribute")).text
    assert (str(ids[0]) in page, "half.mp4" in page, "Choose the same file again to resume" in page) == (True, True, True)
    assert str(ids[0]) not in stage.ben.get(stage.path("/contribute")).text
    assert stage.send(stage.ben, text=None, upload_id=str(ids[0])).status_code == 404
    assert stage.send(stage.ana, text=None, upload_id=str(ids[0])).status_code == 303
    assert str(ids[0]) not in stage.ana.get(stage.path("/contribute")).text


REFUSED: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"title": " "}, 400, "Give the contribution a title"),
    ({"licence_version": None}, 409, "read and accept it"),
    ({"text": None}, 400, "Choose a file or write a text."),
    ({"text": "<svg onload=x>"}, 400, "your text"),
    ({"maker": "nobody", "shares": "1"}, 400, "“nobody” is not an email address"),
    ({"own_shares": "0"}, 422, "Enter 1 or more"),
    ({"title": "x" * 161}, 400, "Give the contribution a title"),
)


def test_what_cannot_be_taken_stands_beside_its_field_and_all_that_was_typed_is_kept(stage: Stage) -> None:
    for changes, status, sentence in REFUSED:
        answer = stage.send(stage.ana, statement="Kept as it was typed.", **changes)
        assert (answer.status_code, sentence in text_of(answer), "Not saved." in answer.text) == (status, True, True), changes
        assert "Kept as it was typed." in answer.text
    assert (count(Contribution), count(LicenceGrant)) == (0, 0)


def test_makers_named_by_address_get_their_shares_and_grant_the_licence_once_they_confirm(stage: Stage) -> None:
    with unit_of_work() as session:
        address = session.get_one(Person, stage.ben_actor.person).email
    assert stage.send(stage.ana, own_shares="2", maker=[address.upper(), ""], shares=["1", "1"]).status_code == 303
    with unit_of_work() as session:
        shares = dict(session.execute(select(Maker.person_id, Maker.shares)).all())
    assert (shares, count(LicenceGrant)) == ({stage.ana_actor.person: 2, stage.ben_actor.person: 1}, 1)
    assert "Lantern street" in stage.ben.get("/me/contributions").text


def test_a_maker_named_by_address_is_credited_by_name_once_they_have_confirmed_it(stage: Stage) -> None:
    with unit_of_work() as session:
        address = session.get_one(Person, stage.ben_actor.person).email
    path, asked = stage.send(stage.ana, maker=address, shares="1").headers["location"], "Are you one of its makers?"

    def read() -> tuple[bool, ...]:
        of_ana, of_ben = text_of(stage.ana.get(path)), text_of(stage.ben.get(path))
        return address in of_ana, "Ben" in of_ana, asked in of_ana, asked in of_ben

    assert read() == (True, False, False, True)
    assert [who.post(f"{path}/confirmation").status_code for who in (stage.judge, stage.ben, stage.ben)] == [404, 303, 303]
    assert read() == (False, True, False, False)


def test_nothing_tells_whether_an_address_that_is_named_was_known(stage: Stage) -> None:
    with unit_of_work() as session:
        known = session.get_one(Person, stage.ben_actor.person).email
    for number, address in enumerate((known, "new@example.org")):
        answer = stage.send(stage.ana, title=f"With {number}", maker=address, shares="1")
        assert (answer.status_code, "has been submitted. You will get an email" in stage.ana.get(answer.headers["location"]).text) == (
            303,
            True,
        )
    with unit_of_work() as session:
        newcomer = session.scalars(select(Person).where(Person.email == "new@example.org")).one()
        fact = session.scalars(select(Event).where(Event.name == "open_call.contribution_received").order_by(Event.number.desc())).first()
        assert fact is not None
        told = {email.to for email in contribution_received(session, fact)}
        assert told == {stage.ana_actor.person, newcomer.id}


def test_whoever_names_one_address_after_another_is_told_to_wait(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maker_queries, "NAMED_BY_ONE", Rate(burst=1, every=timedelta(minutes=10)))
    answers = [stage.send(stage.ana, title=f"With {n}", maker=f"new{n}@example.org", shares="1") for n in range(2)]
    with unit_of_work() as session:
        known = session.scalars(select(Person.email).where(Person.email.like("new%"))).all()
    assert ([answer.status_code for answer in answers], known, count(Contribution)) == ([303, 429], ["new0@example.org"], 1)


def test_a_reader_whose_sign_in_has_ended_keeps_what_they_typed(stage: Stage) -> None:
    answer = stage.send(stage.guest, statement="Not lost.")
    assert (answer.status_code, "Not lost." in answer.text, count(Contribution)) == (401, True, 0)


def test_a_maker_takes_a_contribution_down_and_nobody_else_can(stage: Stage) -> None:
    [contribution_id] = stage.waiting(stage.ana_actor)
    path = f"/me/contributions/{contribution_id}/withdrawal"
    assert (stage.ben.post(path).status_code, stage.state_of(contribution_id)[0]) == (404, ContributionState.READY)
    assert (stage.ana.post(path).status_code, stage.state_of(contribution_id)[0]) == (303, ContributionState.WITHDRAWN)
    assert "Withdrawn." in stage.ana.get(f"/me/contributions/{contribution_id}").text


def test_a_question_is_asked_answered_and_read_by_everyone_without_the_name_of_who_asked(stage: Stage) -> None:
    form = {"once": uuid4().hex, "text": "May it be in Quechua?", "_page": stage.path()}
    assert [stage.ana.post(stage.path("/questions"), data=form).headers["location"] for _time in range(2)] == [stage.path("#questions")] * 2
    assert count(Question) == 1
    seen = {
        who: "May it be in Quechua?" in getattr(stage, who).get(stage.path()).text for who in ("ana", "ben", "guest", "judge", "manager")
    }
    assert seen == {"ana": True, "ben": False, "guest": False, "judge": False, "manager": True}
    with unit_of_work() as session:
        question = session.scalars(select(Question)).one()
    path = f"/questions/{question.id}/answer"
    assert stage.ben.post(path, data={"answer": "Yes."}).status_code == 404
    assert stage.ana.post(path, data={"answer": "Yes."}).status_code == 403
    assert stage.manager.post(path, data={"answer": "Yes, gladly."}).status_code == 303
    page = stage.guest.get(stage.path()).text
    assert ("May it be in Quechua?" in page, "Yes, gladly." in page, samples.NAME in page) == (True, True, False)


def test_an_answer_without_words_is_refused_and_the_question_still_waits(stage: Stage) -> None:
    with unit_of_work() as session:
        question = question_actions.ask(session, stage.id, "May it be in Quechua?", by=stage.ana_actor, at=stage.now)
    answer = stage.manager.post(f"/questions/{question.id}/answer", data={"answer": " ", "about": str(question.id), "_page": stage.path()})
    assert (answer.status_code, f'id="fault-{question.id}"' in answer.text) == (400, True)
    with unit_of_work() as session:
        assert session.get_one(Question, question.id).answer is None


def test_what_strangers_write_is_shown_as_words_and_never_runs(stage: Stage) -> None:
    with unit_of_work() as session:
        contribution = factories.contributed(
            session, stage.made, stage.ana_actor, NASTY, at=stage.now, words="# Hi\n\nA *walk* & 1 < 2", statement=NASTY
        )
        factories.screened_in(session, contribution, by=stage.made.manager, at=stage.now)
        asked = question_actions.ask(session, stage.id, NASTY, by=stage.ana_actor, at=stage.now)
        question_actions.answer(session, asked.id, NASTY, by=stage.made.manager, at=stage.now)
    for path in (stage.path(), stage.path("/contributions"), f"/me/contributions/{contribution.id}", "/me/contributions"):
        page = stage.ana.get(path).text
        assert ("<img src=x" in page, "&lt;img src=x" in page) == (False, True)
    assert "<h3>Hi</h3>\n<p>A <em>walk</em> &amp; 1 &lt; 2</p>" in stage.ana.get(f"/me/contributions/{contribution.id}").text

"""The screening desk as a page: blind, one contribution after another, and what lists of the call cost."""

import pytest

from campaigns.core.files import storage
from campaigns.core.people import Person
from campaigns.open_call import renditions
from campaigns.open_call.models import ContributionState, Rendition
from campaigns.open_call.questions import actions as question_actions
from tests import factories, samples
from tests.api.call_stage import Stage, stage, text_of
from tests.campaigns.brief.counting import statements
from workers.transactions import unit_of_work

__all__ = ["stage"]


def test_the_screener_sees_what_was_made_and_nothing_of_who_made_it(stage: Stage) -> None:
    [contribution_id] = stage.waiting(
        stage.ana_actor, title=f"Lanterns by {samples.NAME}", words=f"{samples.NAME} walks.", statement=f"I, {samples.NAME}"
    )
    with unit_of_work() as session:
        address = session.get_one(Person, stage.ana_actor.person).email
    for path in (stage.desk(), f"{stage.desk()}?contribution={contribution_id}", f"{stage.desk()}.csv"):
        page = stage.judge.get(path).text
        assert "Lanterns by" in page
        for trace in (samples.NAME, "Zorblatt", address, str(stage.ana_actor.person), "text.md"):
            assert trace not in page
    assert stage.ana.get(stage.desk()).status_code == 403
    assert stage.guest.get(stage.desk()).headers["location"] == "/sign-in"


def test_what_a_contribution_looks_like_stays_at_its_address_for_whoever_screens_it_until_it_is_decided(stage: Stage) -> None:
    with unit_of_work() as session:
        contributions = [factories.contributed(session, stage.made, stage.ana_actor, title=f"Card {n}", at=stage.now) for n in range(2)]
        for contribution in contributions:
            factories.ready(session, contribution, at=stage.now)
            session.add(Rendition(contribution_id=contribution.id, role="picture", mime="image/webp", sha256=kept_picture(), bytes=10))
    older, newer = (f"/contributions/{contribution.id}/screening/picture" for contribution in contributions)
    page = stage.judge.get(stage.desk()).text
    assert (f'data-ahead="{older}"' in page, f'src="{newer}"' in page) == (True, True)
    assert f'src="{older}"' in stage.judge.get(f"{stage.desk()}?contribution={contributions[0].id}").text
    assert [stage.judge.get(path).status_code for path in (older, newer, older.replace("picture", "film"))] == [200, 200, 404]
    assert [who.get(older).status_code for who in (stage.ana, stage.ben, stage.guest)] == [404, 404, 303]
    stage.judge.post(f"/contributions/{contributions[0].id}/screening", data={"takes_part": "yes", "_page": stage.desk()})
    assert stage.judge.get(older).status_code == 404


def kept_picture() -> str:
    with storage().scratch() as folder:
        (folder / "file").write_bytes(b"a picture")
        return storage().keep(folder / "file").sha256


def test_a_contribution_is_let_in_and_the_desk_goes_on_to_the_next(stage: Stage) -> None:
    first, second = stage.waiting(count=2)
    form = {"takes_part": "yes", "following": str(first), "_page": stage.desk()}
    answer = stage.judge.post(f"/contributions/{second}/screening", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{stage.desk()}?contribution={first}")
    assert (stage.state_of(second), stage.state_of(first)[0]) == ((ContributionState.SCREENED_IN, None), ContributionState.READY)
    assert stage.judge.post(f"/contributions/{second}/screening", data=form).status_code == 303


def test_a_contribution_is_kept_out_for_a_usual_reason_with_ones_own_words_and_its_maker_reads_both(stage: Stage) -> None:
    [contribution_id] = stage.waiting(stage.ana_actor)
    form = {
        "takes_part": "no",
        "usual": "It does not answer what the call asks for.",
        "reason": "It is about summer.",
        "_page": stage.desk(),
    }
    assert stage.judge.post(f"/contributions/{contribution_id}/screening", data=form).status_code == 303
    assert stage.state_of(contribution_id) == (
        ContributionState.SCREENED_OUT,
        "It does not answer what the call asks for.\nIt is about summer.",
    )
    assert "It is about summer." in stage.ana.get(f"/me/contributions/{contribution_id}").text
    assert "It is about summer." in stage.ana.get("/me/contributions").text


def test_keeping_a_contribution_out_without_a_reason_is_refused_beside_the_reason(stage: Stage) -> None:
    [contribution_id] = stage.waiting()
    form = {"takes_part": "no", "about": str(contribution_id), "_page": f"{stage.desk()}?contribution={contribution_id}"}
    answer = stage.judge.post(f"/contributions/{contribution_id}/screening", data=form)
    assert (answer.status_code, 'id="reason-fault"' in answer.text, stage.state_of(contribution_id)[0]) == (
        400,
        True,
        ContributionState.READY,
    )


def test_a_decision_that_someone_else_took_meanwhile_is_said_and_stands(stage: Stage) -> None:
    contribution_id, _other = stage.waiting(count=2)
    path, page = f"/contributions/{contribution_id}/screening", f"{stage.desk()}?contribution={contribution_id}"
    stage.judge.post(path, data={"takes_part": "yes", "_page": page})
    form = {"takes_part": "no", "reason": "It shows a logo.", "about": str(contribution_id), "_page": page}
    answer = stage.manager.post(path, data=form)
    assert (answer.status_code, "has already been decided" in text_of(answer)) == (409, True)
    assert "Your unsaved note on the previous contribution: It shows a logo." in text_of(answer)
    assert 'dir="auto" aria-describedby="reason-hint"></textarea>' in answer.text
    assert stage.state_of(contribution_id) == (ContributionState.SCREENED_IN, None)


def test_a_contribution_that_could_not_be_shown_says_why_and_is_tried_once_more(stage: Stage) -> None:
    with unit_of_work() as session:
        contribution = factories.contributed(session, stage.made, stage.ana_actor, at=stage.now)
        renditions.record(session, contribution.id, renditions.Prepared([], "Its file is broken."), at=stage.now)
    assert "Its file is broken." in stage.judge.get(stage.desk()).text
    assert "Its file is broken." in stage.ana.get(f"/me/contributions/{contribution.id}").text
    answer = stage.judge.post(f"/contributions/{contribution.id}/preparation", data={"_page": stage.desk()})
    assert (answer.status_code, stage.state_of(contribution.id)) == (303, (ContributionState.RECEIVED, None))
    assert "1 contribution is being processed" in text_of(stage.judge.get(stage.desk()))


def test_a_decision_is_taken_back_from_the_desk(stage: Stage) -> None:
    [contribution_id] = stage.waiting(stage.ana_actor)
    stage.judge.post(f"/contributions/{contribution_id}/screening", data={"takes_part": "yes", "_page": stage.desk()})
    assert ("Your last decision:" in stage.judge.get(stage.desk()).text, "Your last decision:" in stage.manager.get(stage.desk()).text) == (
        True,
        False,
    )
    undo = f"/contributions/{contribution_id}/screening/undo"
    assert (stage.manager.post(undo).status_code, stage.state_of(contribution_id)[0]) == (409, ContributionState.SCREENED_IN)
    assert (stage.judge.post(undo).status_code, stage.state_of(contribution_id)[0]) == (303, ContributionState.READY)


@pytest.mark.parametrize("where", ["calls", "contributions", "questions", "own", "screening"])
def test_thirty_items_cost_as_many_statements_as_one(stage: Stage, where: str) -> None:
    client, path = {
        "calls": (stage.guest, "/calls"),
        "contributions": (stage.ben, stage.path("/contributions")),
        "questions": (stage.manager, stage.path()),
        "own": (stage.ana, "/me/contributions"),
        "screening": (stage.judge, stage.desk()),
    }[where]

    def grow(number: int) -> None:
        with unit_of_work() as session:
            for _each in range(number):
                if where == "calls":
                    factories.opened_call(session, (factories.CARD,), at=stage.now)
                elif where == "questions":
                    question_actions.ask(session, stage.id, "May it?", by=factories.person(session), at=stage.now)
                elif where == "screening":
                    factories.ready(session, factories.contributed(session, stage.made, at=stage.now), at=stage.now)
                else:
                    factories.taking_part(session, stage.made, stage.ana_actor, at=stage.now)

    def cost() -> int:
        with unit_of_work() as session, statements(session) as sent:
            assert client.get(path).status_code == 200
        return len(sent)

    grow(1)
    client.get(path)
    one = cost()
    grow(29 if where == "calls" else 12)
    assert cost() == one

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from campaigns.core import clock
from campaigns.core.people import Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign
from campaigns.curation.models import Conflict, Review, ReviewRound, SelectedContribution, Selection
from campaigns.curation.selections.actions import select_for
from campaigns.open_call.models import Contribution
from tests import factories
from tests.api.caller import caller, token_of
from tests.api.test_curation_routes import Scene
from tests.api.visiting import PAGE, cells
from tests.campaigns.brief.counting import statements
from workers.transactions import unit_of_work

WHY = "It walks with you."
ANSWERS = {"score-1": "4", "score-2": "5", "score-3": "4", "score-4": "3", "reason": WHY}


@pytest.fixture
def scene(fresh_database: str) -> Scene:
    made = Scene()
    for client in (made.judge, made.other, made.maker, made.manager):
        client.headers.update(PAGE)
        client.follow_redirects = False
    return made


def on_desk(scene: Scene, client: TestClient) -> list[str]:
    return [item["id"] for item in scene.desk(client)]


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]  # type: ignore[index]  # a test's page has it


def count(model: type[Any]) -> int:
    with unit_of_work() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def curation(scene: Scene) -> str:
    return f"/campaigns/{scene.id}/curation"


def selection(scene: Scene) -> str:
    return f"/deliverables/{scene.deliverable.id}/selection"


def published(scene: Scene, **fields: str) -> Any:
    page = scene.manager.get(selection(scene)).text
    form = {
        "once": hidden(page, "once"),
        "seen": hidden(page, "seen"),
        "visit": str(scene.deliverable.visit),
        "_page": selection(scene),
        **fields,
    }
    return scene.manager.post(selection(scene), data=form)


def test_no_page_of_a_curators_tells_whose_a_contribution_is(scene: Scene) -> None:
    scene.asked()
    pages = ["/desk", "/desk?judged=true", "/desk.csv"]
    for assignment in on_desk(scene, scene.judge):
        pages += [f"/desk/{assignment}", f"/desk/{assignment}/text"]
    answers = {path: scene.judge.get(path) for path in pages}
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200} == {}
    headers = {path: str(answer.headers) for path, answer in answers.items()}
    leaks = [(path, secret) for path, answer in answers.items() for secret in scene.secrets if secret in answer.text + headers[path]]
    assert leaks == []
    assert scene.contribution not in "".join(answer.text for answer in answers.values())


def test_a_desk_belongs_to_its_curator(scene: Scene) -> None:
    scene.asked()
    path = f"/desk/{on_desk(scene, scene.judge)[0]}"
    readers = (scene.other, scene.manager, scene.maker)
    assert [reader.get(path + end).status_code for reader in readers for end in ("", "/text")] == [404] * 6
    assert [reader.post(path, data=ANSWERS).status_code for reader in readers] == [404] * 3
    assert count(Review) == 0
    guest = caller()
    answer = guest.get("/desk", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_a_judgement_leads_to_the_next_contribution_where_it_can_be_undone(scene: Scene) -> None:
    scene.asked()
    first, second = on_desk(scene, scene.judge)
    answer = scene.judge.post(f"/desk/{first}", data=ANSWERS)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/{second}?after={first}")
    assert f'action="/desk/{first}/undo"' in scene.judge.get(answer.headers["location"]).text
    answer = scene.judge.post(f"/desk/{first}/undo")
    assert (answer.status_code, answer.headers["location"], count(Review)) == (303, f"/desk/{first}", 0)
    page = scene.judge.get(f"/desk/{first}").text
    assert (WHY in page, 'name="score-2" value="5" required aria-describedby="score-2-hint" checked' in page) == (True, True)
    assert scene.judge.post(f"/desk/{first}/undo", data={"_page": f"/desk/{first}"}).status_code == 409


def test_the_last_judgement_leads_back_to_an_empty_desk(scene: Scene) -> None:
    scene.asked()
    for assignment in on_desk(scene, scene.judge):
        answer = scene.judge.post(f"/desk/{assignment}", data=ANSWERS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk?judged=true")
    assert "Nothing left to review" in scene.judge.get("/desk").text
    assert scene.judge.get(f"/desk/next?campaign={scene.id}").headers["location"] == "/desk"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"score-3": ""}, "Choose a score."),
        ({"score-3": "6"}, "Score each of these criteria"),
        ({"reason": " "}, "Give a reason for your scores."),
    ],
)
def test_what_is_missing_is_said_beside_it_and_what_was_given_is_kept(scene: Scene, changed: dict[str, str], said: str) -> None:
    scene.asked()
    path = f"/desk/{on_desk(scene, scene.judge)[0]}"
    answer = scene.judge.post(path, data={**ANSWERS, "_page": path, **changed})
    assert (answer.status_code, count(Review), said in answer.text) == (400, 0, True)
    assert 'name="score-2" value="5" required aria-describedby="score-2-hint" checked' in answer.text
    assert (WHY in answer.text) == ("reason" not in changed)
    assert 'aria-invalid="true"' in answer.text or "score-3" in changed


def test_sending_a_judgement_twice_is_one_judgement(scene: Scene) -> None:
    scene.asked()
    path = f"/desk/{on_desk(scene, scene.judge)[0]}"
    assert [scene.judge.post(path, data=ANSWERS).status_code for _time in range(2)] == [303, 303]
    assert count(Review) == 1


def test_a_conflict_takes_the_contribution_off_the_desk_and_the_manager_sees_it(scene: Scene) -> None:
    scene.asked()
    first, second = on_desk(scene, scene.judge)
    answer = scene.judge.post(f"/desk/{first}/conflict", data={"_page": f"/desk/{first}"})
    assert (answer.status_code, answer.headers["location"], count(Conflict)) == (303, f"/desk/{second}", 1)
    assert scene.judge.get(f"/desk/{first}").status_code == 404
    page = scene.manager.get(curation(scene)).text
    assert ("declared a conflict on" in page, "1 contribution has fewer reviewers than you requested." in page) == (True, True)


def test_what_was_judged_stands_once_the_selection_is_published(scene: Scene) -> None:
    scene.asked()
    first, _second = on_desk(scene, scene.judge)
    scene.judge.post(f"/desk/{first}", data=ANSWERS)
    scene.published({scene.contribution: "The walk."})
    page = scene.judge.get(f"/desk/{first}").text
    assert ("so reviews can no longer change" in page, "<form method" in page.split('class="verdict"')[1]) == (True, False)
    assert scene.judge.post(f"/desk/{first}/undo").status_code == 409
    assert count(Review) == 1


def test_emails_lead_to_the_desk(scene: Scene) -> None:
    assert scene.judge.get("/me/reviews").headers["location"] == "/desk"
    assert "No reviews assigned" in scene.judge.get("/desk").text


def test_the_curation_is_for_its_manager(scene: Scene) -> None:
    pages = [curation(scene), f"{curation(scene)}/rubric", f"{curation(scene)}/curators.csv", f"{curation(scene)}/conflicts.csv"]
    pages += [selection(scene), f"{selection(scene)}.csv"]
    codes = {who: {path: getattr(scene, who).get(path).status_code for path in pages} for who in ("manager", "judge", "maker")}
    assert {who: set(answers.values()) for who, answers in codes.items()} == {"manager": {200}, "judge": {403}, "maker": {403}}
    forms = {
        f"{curation(scene)}/ask": {"deliverable": str(scene.deliverable.id), "per_contribution": "1", "once": "0" * 32},
        f"{curation(scene)}/rubric": {},
    }
    forms |= {selection(scene): {"visit": str(scene.deliverable.visit), "once": "0" * 32, "seen": "0" * 64, "common_reason": "No."}}
    forms |= {f"/deliverables/{scene.deliverable.id}/selection/contributions/{scene.contribution}": {"say": "choose", "reason": "Yes."}}
    for path, form in forms.items():
        assert (path, scene.judge.post(path, data=form).status_code) == (path, 403)
    assert (count(ReviewRound), count(SelectedContribution), count(Selection)) == (0, 0, 0)


def test_curators_are_asked_once_however_often_the_form_is_sent(scene: Scene) -> None:
    page = scene.manager.get(curation(scene)).text
    assert all(f'name="curators" value="{judge}" checked' in page for judge in scene.judges)
    form = {
        "once": hidden(page, "once"),
        "deliverable": str(scene.deliverable.id),
        "curators": [str(j) for j in scene.judges],
        "per_contribution": "2",
    }
    answers = [scene.manager.post(f"{curation(scene)}/ask", data=form) for _time in range(2)]
    assert [(a.status_code, a.headers["location"]) for a in answers] == [(303, curation(scene))] * 2
    assert (count(ReviewRound), len(on_desk(scene, scene.judge))) == (1, 2)
    assert "0 of 2" in scene.manager.get(curation(scene)).text


def test_asking_nobody_is_refused_beside_the_number_and_what_was_typed_is_kept(scene: Scene) -> None:
    form = {"once": "0" * 32, "deliverable": str(scene.deliverable.id), "per_contribution": "7", "_page": curation(scene)}
    answer = scene.manager.post(f"{curation(scene)}/ask", data=form)
    assert (answer.status_code, 'id="per_contribution-fault"' in answer.text, 'value="7"' in answer.text) == (400, True, True)
    assert (f'value="{scene.judges[0]}" checked' in answer.text, count(ReviewRound)) == (False, 0)


def test_the_questions_are_changed_until_a_contribution_is_judged(scene: Scene) -> None:
    path = f"{curation(scene)}/rubric"
    twice = {"name": ["Heart", "heart", ""], "question": ["Does it move you?", "Really?", ""], "_page": path}
    answer = scene.manager.post(path, data=twice)
    assert (answer.status_code, 'id="criteria-fault"' in answer.text, ">Really?</textarea>" in answer.text) == (400, True, True)
    answer = scene.manager.post(path, data={"name": ["Heart", ""], "question": ["Does it move you?", ""]})
    assert (answer.status_code, answer.headers["location"]) == (303, curation(scene))
    scene.asked()
    assignment = on_desk(scene, scene.judge)[0]
    assert "Does it move you?" in scene.judge.get(f"/desk/{assignment}").text
    assert scene.judge.post(f"/desk/{assignment}", data={"score-1": "5", "reason": WHY}).status_code == 303
    assert 'name="question"' not in scene.manager.get(path).text
    assert scene.manager.post(path, data={"name": ["New"], "question": ["New?"]}).status_code == 409


def test_a_selection_is_gathered_and_published_once_in_one_act(scene: Scene) -> None:
    say = f"/deliverables/{scene.deliverable.id}/selection/contributions/{scene.contribution}"
    answer = scene.manager.post(say, data={"say": "choose", "reason": "The walk.", "_page": selection(scene)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{selection(scene)}#work-{scene.contribution}")
    page = scene.manager.get(selection(scene)).text
    assert ("Publish 1 chosen contribution" in page, "The walk." in page) == (True, True)
    form = {
        "once": hidden(page, "once"),
        "seen": hidden(page, "seen"),
        "visit": str(scene.deliverable.visit),
        "common_reason": "Not this time.",
    }
    answers = [scene.manager.post(selection(scene), data=form) for _time in range(2)]
    assert [(a.status_code, a.headers["location"]) for a in answers] == [(303, selection(scene))] * 2
    page = scene.manager.get(selection(scene)).text
    assert ("The walk." in page, "Not this time." in page, "<textarea" in page) == (True, True, False)
    assert scene.manager.post(say, data={"say": "choose", "reason": "Again."}).status_code == 409


def test_that_nothing_is_chosen_is_published_with_a_reason(scene: Scene) -> None:
    answer = published(scene, common_reason="")
    assert (answer.status_code, 'id="common_reason-fault"' in answer.text, count(Selection)) == (400, True, 0)
    assert published(scene, common_reason="None tells of a holiday.").status_code == 303
    assert "Nothing was chosen." in scene.manager.get(selection(scene)).text


def test_what_another_selected_meanwhile_is_shown_before_it_is_published(scene: Scene) -> None:
    page = scene.manager.get(selection(scene)).text
    scene.manager.post(
        f"/deliverables/{scene.deliverable.id}/selection/contributions/{scene.older}", data={"say": "choose", "reason": "Their pick."}
    )
    form = {
        "once": hidden(page, "once"),
        "seen": hidden(page, "seen"),
        "visit": str(scene.deliverable.visit),
        "common_reason": "My reason.",
    }
    answer = scene.manager.post(selection(scene), data={**form, "_page": selection(scene)})
    assert (answer.status_code, count(Selection)) == (409, 0)
    assert ("Someone else has changed" in answer.text, "Their pick." in answer.text, "My reason." in answer.text) == (True, True, True)
    assert scene.manager.post(selection(scene), data={**form, "seen": hidden(answer.text, "seen")}).status_code == 303


def test_who_makes_the_versions_reads_what_was_chosen_and_chooses_nothing(scene: Scene) -> None:
    with unit_of_work() as session:
        edda = caller(token_of(session, factories.someone(session, Role.EDITOR, on=Scope(campaign_id=scene.id))))
    edda.headers.update(PAGE)
    assert "No selection yet" in edda.get(selection(scene)).text
    scene.published({scene.contribution: "The walk."})
    page = edda.get(selection(scene)).text
    assert ("The walk." in page, "<textarea" in page, edda.get(f"{selection(scene)}.csv").status_code) == (True, False, 403)


def test_a_reason_that_is_missing_is_asked_for_at_its_work_alone(scene: Scene) -> None:
    say = f"/deliverables/{scene.deliverable.id}/selection/contributions/{scene.contribution}"
    answer = scene.manager.post(say, data={"say": "leave", "reason": " ", "contribution": scene.contribution, "_page": selection(scene)})
    assert (answer.status_code, answer.text.count('aria-invalid="true"'), count(SelectedContribution)) == (400, 1, 0)
    assert f'id="fault-{scene.contribution}"' in answer.text


def test_a_form_sends_nobody_elsewhere(scene: Scene) -> None:
    say = f"/deliverables/{scene.deliverable.id}/selection/contributions/{scene.contribution}"
    answer = scene.manager.post(say, data={"say": "choose", "reason": "The walk.", "_page": "//evil.example"})
    assert answer.headers["location"] == f"{selection(scene)}#work-{scene.contribution}"
    answer = scene.manager.post(say, data={"say": "clear", "_page": selection(scene)})
    assert (answer.status_code, count(SelectedContribution)) == (303, 0)


def test_a_title_that_is_a_formula_is_text_in_a_table(scene: Scene) -> None:
    with unit_of_work() as session:
        session.get_one(Contribution, scene.contribution).title = "=1+1"
    rows = cells(scene.manager.get(f"{selection(scene)}.csv"))
    assert ",".join(rows[0]).startswith("contribution,kind,reviews,pending,mean,Story,Craft,Brief,Promise,decision,reason")
    assert min(row[0] for row in rows[1:]) == "'=1+1"


def test_thirty_contributions_cost_a_page_as_many_statements_as_one(scene: Scene) -> None:
    with unit_of_work() as session:
        made = factories.opened_call(session, at=clock.business_now(session))
        made_id, now = made.id, clock.business_now(session)
        deliverable = factories.entered(session, made, Stage.CURATION, at=now)[0]
        judges = [factories.curator(session, made, "Judge")]
        deliverable_id, manager = deliverable.id, made.manager
        clients = [caller(token_of(session, judges[0])), caller(token_of(session, manager))]
    sent = []
    for contributions in (1, 29):
        with unit_of_work() as session:
            for number in range(contributions):
                contribution = factories.taking_part(session, made, factories.person(session), f"Work {number}", at=now)
                select_for(session, deliverable_id, contribution.id, number % 2 == 0, "So.", by=actor_for(session, manager.person), at=now)
            assign(session, deliverable_id, [judges[0].person], 1, by=actor_for(session, manager.person), at=now)
        asked = []
        for client, path in (
            (clients[0], "/desk"), (clients[1], f"/campaigns/{made_id}/curation"), (clients[1],
            f"/deliverables/{deliverable_id}/selection"),
        ):  # fmt: skip
            client.get(path, headers={"Accept": "text/html"})
            with unit_of_work() as session, statements(session) as counted:
                answer = client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 200
            asked.append(len(counted))
        sent.append(asked)
    assert sent[0] == sent[1]


def test_the_manager_is_told_which_contribution_no_curator_may_judge(scene: Scene) -> None:
    scene.asked()
    assert "No assigned curator can review" not in scene.manager.get(curation(scene)).text
    for judge in (scene.judge, scene.other):
        for assignment in on_desk(scene, judge):
            judge.post(f"/desk/{assignment}/conflict", data={"_page": f"/desk/{assignment}"})
    page = scene.manager.get(curation(scene)).text
    assert ("assign another curator." in page, f'<a href="/contributions/{scene.contribution}"' in page[page.index('id="barred"') :]) == (
        True,
        True,
    )

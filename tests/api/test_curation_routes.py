import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from campaigns.collaboration.models import SourceKind
from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.core.people import Person
from campaigns.core.stages import Stage
from campaigns.open_call.models import ContributionFile, Upload
from tests import factories, samples
from tests.api.caller import caller, token_of
from tests.described import SPEC
from workers.transactions import unit_of_work

SCORES = {"Story": 4, "Craft": 5, "Brief": 4, "Promise": 3}
FILE_NAME = "quimbys-own-drawing.md"
COUNTED = ("credits", "popularity", "likes", "uses", "views", "descendants", "makers", "uploaded_by")


class Scene:
    """A campaign in curation: a contribution by someone with a telling name, one that it is built on, curators, the manager."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            now = clock.business_now(session)
            made = factories.opened_call(session, at=now)
            maker = factories.person(session, samples.NAME)
            older = factories.taking_part(session, made, factories.person(session, "Ben"), at=now)
            more = {"words": samples.MARKDOWN, "statement": f"By {samples.NAME}.", "title": f"{samples.NAME} walks"}
            contribution = factories.remixed(session, made, maker, (older, SourceKind.INFLUENCED_BY), at=now, **more)
            session.get_one(Upload, session.get_one(ContributionFile, contribution.id).upload_id).name = FILE_NAME
            judges = [factories.curator(session, made, f"Judge {n}") for n in range(2)]
            self.deliverable = factories.entered(session, made, Stage.CURATION, at=now)[0]
            self.id, self.contribution, self.older = made.id, str(contribution.id), str(older.id)
            self.secrets = [samples.NAME, "Zorblatt", "Quimby", FILE_NAME, session.get_one(Person, maker.person).email]
            self.secrets += [str(maker.person), session.get_one(ContributionFile, contribution.id).sha256]
            self.judges = [judge.person for judge in judges]
            self.judge, self.other = (caller(token_of(session, judge)) for judge in judges)
            self.maker, self.manager = caller(token_of(session, maker)), caller(token_of(session, made.manager))

    def asked(self, per_contribution: int = 2) -> dict[str, Any]:
        body = {"curators": [str(judge) for judge in self.judges], "per_contribution": per_contribution}
        answer = self.manager.post(self.path("assignments"), json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def path(self, end: str) -> str:
        return f"/api/v1/deliverables/{self.deliverable.id}/{end}"

    def desk(self, client: TestClient, **params: Any) -> list[dict[str, Any]]:
        return list(client.get("/api/v1/me/reviews", params=params).json()["items"])

    def published(self, chosen: dict[str, str], common: str | None = "Not this time.") -> Any:
        body = {"visit": self.deliverable.visit, "chosen": chosen, "common_reason": common}
        return self.manager.post(self.path("selection"), json=body)


@pytest.fixture
def scene(fresh_database: str) -> Scene:
    return Scene()


def test_no_answer_to_a_curator_holds_a_name_a_file_name_an_original_or_a_figure_of_popularity(scene: Scene) -> None:
    scene.asked()
    assignment = scene.desk(scene.judge)[0]["id"]
    answers = _walk(scene, assignment)
    assert {"/me/reviews", "/reviews/{assignment_id}", "/campaigns/{campaign_id}/rubric"} <= answers.keys()
    assert {"/campaigns/{campaign_id}/influence-claims", "/campaigns/{campaign_id}/screening"} <= answers.keys()
    answers["review"] = scene.judge.put(f"/api/v1/reviews/{assignment}", json={"scores": SCORES, "reason": "Good."}).text
    decision = {"counts": True, "reason": "The same street."}
    answers["decision"] = scene.judge.post(f"/api/v1/sources/{scene.contribution}/{scene.older}/decide", json=decision).text
    wrapper = {"is_wrapper": False, "reason": "New words."}
    answers["wrapper"] = scene.judge.put(f"/api/v1/contributions/{scene.contribution}/wrapper", json=wrapper).text
    answers["conflict"] = scene.judge.post(f"/api/v1/reviews/{assignment}/conflict").text
    files = {url: scene.judge.get(url).text for text in list(answers.values()) for url in re.findall(r'"(/files/[^"]+)"', text)}
    answers |= files
    leaks = {(path, secret) for path, text in answers.items() for secret in scene.secrets if secret in text}
    assert leaks == set()
    assert (bool(files), samples.NAME in scene.maker.get(f"/api/v1/campaigns/{scene.id}/contributions").text) == (True, True)
    desk = answers["/me/reviews"]
    assert [word for word in COUNTED if f'"{word}"' in desk] == []


def _walk(scene: Scene, assignment: str) -> dict[str, str]:
    """What each GET route of the API answers to a curator, by its path, where it answers at all."""
    known = {
        "campaign_id": scene.id, "deliverable_id": scene.deliverable.id, "contribution_id": scene.contribution,
        "source_id": scene.older, "assignment_id": assignment,
    }  # fmt: skip
    answers = {}
    for path, methods in SPEC["paths"].items():
        needed = re.findall(r"{(\w+)}", path)
        if "get" in methods and set(needed) <= known.keys():
            answer = scene.judge.get(path.format(**known))
            assert answer.status_code < 500, path
            answers[path.removeprefix("/api/v1")] = answer.text
    return answers


def test_a_contribution_is_called_otherwise_on_every_desk(scene: Scene) -> None:
    scene.asked()
    codes = [{item["code"] for item in scene.desk(judge)} for judge in (scene.judge, scene.other)]
    assert [len(names) for names in codes] == [2, 2]
    assert not codes[0] & codes[1]


def test_a_curator_works_through_the_desk_and_the_manager_reads_the_means(scene: Scene) -> None:
    handed = scene.asked()
    assert (handed["visit"], handed["per_contribution"], len(handed["seed"])) == (scene.deliverable.visit, 2, 32)
    for item in scene.desk(scene.judge):
        answer = scene.judge.put(f"/api/v1/reviews/{item['id']}", json={"scores": SCORES, "reason": "Good."})
        assert (answer.status_code, answer.json()["reason"]) == (200, "Good.")
    assert scene.desk(scene.judge) == []
    assert [item["scores"] for item in scene.desk(scene.judge, every=True)] == [SCORES, SCORES]
    items = scene.manager.get(scene.path("reviews")).json()["items"]
    assert [(i["contribution"], i["outstanding"], i["means"], i["mean"]) for i in items] == [
        (scene.contribution, 1, SCORES, 4.0),
        (scene.older, 1, SCORES, 4.0),
    ]
    assert scene.judge.get(scene.path("reviews")).status_code == 403


def test_the_manager_pages_through_how_far_each_curator_has_come(scene: Scene) -> None:
    scene.asked()
    scene.judge.put(f"/api/v1/reviews/{scene.desk(scene.judge)[0]['id']}", json={"scores": SCORES, "reason": "Good."})
    path = f"/api/v1/campaigns/{scene.id}/curators"
    first = scene.manager.get(path, params={"limit": 1}).json()
    second = scene.manager.get(path, params={"limit": 1, "after": first["next"]}).json()
    assert second["next"] is None
    come = {each["name"]: (each["handed_out"], each["reviewed"], each["outstanding"]) for each in first["items"] + second["items"]}
    assert come == {"Judge 0": (2, 1, 1), "Judge 1": (2, 0, 2)}
    assert [who.get(path).status_code for who in (scene.judge, scene.maker)] == [403, 403]


def test_a_desk_is_paged_in_its_own_order(scene: Scene) -> None:
    scene.asked()
    whole = [item["id"] for item in scene.desk(scene.judge)]
    first = scene.judge.get("/api/v1/me/reviews", params={"limit": 1}).json()
    second = scene.judge.get("/api/v1/me/reviews", params={"limit": 1, "after": first["next"]}).json()
    assert ([i["id"] for i in first["items"] + second["items"]], second["next"]) == (whole, None)


def test_a_review_on_somebody_elses_desk_does_not_exist(scene: Scene) -> None:
    scene.asked()
    path = f"/api/v1/reviews/{scene.desk(scene.judge)[0]['id']}"
    answers = [scene.other.get(path), scene.manager.get(path), scene.other.put(path, json={"scores": SCORES, "reason": "Good."})]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "NoSuchReview")] * 3


def test_a_conflict_that_is_declared_takes_the_contribution_off_the_desk(scene: Scene) -> None:
    scene.asked(per_contribution=1)
    judge, other = (scene.judge, scene.other) if scene.desk(scene.judge) else (scene.other, scene.judge)
    assignment = scene.desk(judge)[0]["id"]
    had = len(scene.desk(other))
    told = [judge.post(f"/api/v1/reviews/{assignment}/conflict", headers={"Idempotency-Key": "mine"}) for _time in range(2)]
    assert ([each.status_code for each in told], told[0].json()) == ([201, 201], told[1].json())
    assert judge.get(f"/api/v1/reviews/{assignment}").status_code == 404
    assert len(scene.desk(other)) == had + 1


def test_the_manager_writes_the_rubric_until_it_is_used(scene: Scene) -> None:
    path = f"/api/v1/campaigns/{scene.id}/rubric"
    rubric = {"criteria": [{"name": "Heart", "question": "Does it move you?"}]}
    assert scene.judge.put(path, json=rubric).status_code == 403
    assert (scene.manager.put(path, json=rubric).json(), scene.judge.get(path).json()) == (rubric, rubric)
    scene.asked()
    item = scene.desk(scene.judge)[0]
    assert scene.judge.put(f"/api/v1/reviews/{item['id']}", json={"scores": {"Heart": 6}, "reason": "Good."}).json()["field"] == "scores"
    scene.judge.put(f"/api/v1/reviews/{item['id']}", json={"scores": {"Heart": 5}, "reason": "Good."})
    assert (scene.manager.put(path, json=rubric).status_code, scene.judge.get(path).json()) == (409, rubric)


def test_a_selection_is_published_once_and_its_makers_read_the_reason(scene: Scene) -> None:
    assert scene.published({scene.contribution: "The walk."}, None).json()["field"] == "common_reason"
    assert scene.manager.get(scene.path("selection")).json() == {"items": [], "next": None}
    first, again = scene.published({scene.contribution: "The walk."}), scene.published({})
    assert (first.status_code, again.status_code, again.json()["code"]) == (201, 409, "AlreadyPublished")
    (shown,) = scene.manager.get(scene.path("selection")).json()["items"]
    assert (shown["is_present"], shown["common_reason"]) == (True, "Not this time.")
    assert [(c["contribution"], c["reason"]) for c in shown["chosen"]] == [(scene.contribution, "The walk.")]
    (outcome,) = scene.maker.get(f"/api/v1/contributions/{scene.contribution}/outcome").json()["items"]
    assert (outcome["deliverable_title"], outcome["chosen"], outcome["reason"]) == ("Holiday film", True, "The walk.")
    answer = scene.maker.get(f"/api/v1/contributions/{scene.older}/outcome")
    assert (answer.status_code, answer.json()["code"]) == (403, "NotItsMaker")


def test_what_the_selections_chose_and_said_comes_in_pages_the_newest_first(scene: Scene) -> None:
    first = scene.published({scene.contribution: "The walk."}).json()
    with unit_of_work() as session:
        scene.deliverable = factories.came_into(
            session, session.get_one(Deliverable, scene.deliverable.id), Stage.CURATION, at=clock.business_now(session)
        )
    second = scene.published({}).json()
    chosen = [{"contribution": scene.contribution, "title": f"{samples.NAME} walks", "kind": "text", "reason": "The walk."}]
    film = {"deliverable": str(scene.deliverable.id), "deliverable_title": "Holiday film"}
    whole = (
        {"visit": second["visit"], "published_at": second["published_at"]},
        {"visit": first["visit"], "published_at": first["published_at"]},
    )
    selections = [each | {"common_reason": "Not this time.", "is_present": each is whole[0], "chosen": []} for each in whole]
    selections[1]["chosen"] = chosen
    outcomes = [each | film | {"chosen": each is whole[1], "reason": "Not this time."} for each in whole]
    outcomes[1]["reason"] = "The walk."
    place = second["visit"]
    assert_pages(scene.manager, scene.path("selection"), selections, place)
    assert_pages(scene.maker, f"/api/v1/contributions/{scene.contribution}/outcome", outcomes, f"{scene.deliverable.id}.{place}")


def test_selected_contributions_come_in_pages_the_newest_first(scene: Scene) -> None:
    said = [
        scene.manager.put(scene.path(f"selection/contributions/{contribution}"), json={"chosen": True, "reason": "The walk."}).json()
        for contribution in (scene.contribution, scene.older)
    ]
    assert_pages(scene.manager, scene.path("selection/contributions"), said, scene.contribution)


def assert_pages(client: TestClient, path: str, items: list[Any], place: Any) -> None:
    """The list holds these two, and comes one by one with this place between them."""
    pages = [client.get(path, params=asked).json() for asked in ({}, {"limit": 1}, {"limit": 1, "after": place})]
    assert pages == [{"items": items, "next": None}, {"items": items[:1], "next": place}, {"items": items[1:], "next": None}]
    assert client.get(path, params={"after": "x"}).status_code == 422


def test_a_review_that_is_undone_is_on_the_desk_again_with_what_was_said(scene: Scene) -> None:
    scene.asked()
    path = f"/api/v1/reviews/{scene.desk(scene.judge)[0]['id']}"
    scene.judge.put(path, json={"scores": SCORES, "reason": "Good."})
    undone = scene.judge.delete(path)
    assert (undone.status_code, undone.json()["scores"], undone.json()["reason"]) == (200, SCORES, "Good.")
    shown = scene.judge.get(path).json()
    assert (shown["scores"], shown["reason"], shown["taken_back"]) == ({}, None, undone.json())
    assert (len(scene.desk(scene.judge)), scene.judge.delete(path).json()["code"]) == (2, "NotReviewed")
    assert [who.delete(path).status_code for who in (scene.other, scene.manager)] == [404, 404]


def test_selected_contributions_are_kept_for_those_who_choose_until_they_clear_them(scene: Scene) -> None:
    path = scene.path(f"selection/contributions/{scene.contribution}")
    assert scene.manager.put(path, json={"chosen": True, "reason": " "}).json()["field"] == "reason"
    said = scene.manager.put(path, json={"chosen": True, "reason": "The walk."}).json()
    assert (said["contribution_id"], said["chosen"], said["reason"]) == (scene.contribution, True, "The walk.")
    assert scene.manager.get(scene.path("selection/contributions")).json() == {"items": [said], "next": None}
    assert [who.get(scene.path("selection/contributions")).status_code for who in (scene.judge, scene.maker)] == [403, 403]
    assert [scene.manager.delete(path).status_code for _time in range(2)] == [204, 204]
    assert scene.manager.get(scene.path("selection/contributions")).json() == {"items": [], "next": None}


def test_what_was_judged_best_comes_first_where_that_is_asked_for(scene: Scene) -> None:
    scene.asked()
    for item, value in zip(scene.desk(scene.judge), (2, 5), strict=True):
        scene.judge.put(f"/api/v1/reviews/{item['id']}", json={"scores": dict.fromkeys(SCORES, value), "reason": "So."})
    items = scene.manager.get(scene.path("reviews"), params={"best_first": True}).json()["items"]
    assert [item["mean"] for item in items] == [5.0, 2.0]


def test_the_manager_reads_how_the_contributions_are_covered_and_who_declared_a_conflict(scene: Scene) -> None:
    scene.asked()
    scene.judge.post(f"/api/v1/reviews/{scene.desk(scene.judge)[0]['id']}/conflict")
    path = f"/api/v1/campaigns/{scene.id}"
    cover = scene.manager.get(f"{path}/coverage").json()
    assert cover == {"written": 0, "outstanding": 3, "lapsed": 0, "contributions": 2, "thin": 1}
    (declared,) = scene.manager.get(f"{path}/conflicts").json()["items"]
    assert (declared["curator"], declared["reviewers"]) == ("Judge 0", 1)
    assert [scene.judge.get(f"{path}/{end}").status_code for end in ("coverage", "conflicts")] == [403, 403]


def test_the_conflicts_come_in_pages_newest_first(scene: Scene) -> None:
    scene.asked()
    for item in scene.desk(scene.judge):
        scene.judge.post(f"/api/v1/reviews/{item['id']}/conflict")

    def read(**asked: str | int) -> Response:
        answer: Response = scene.manager.get(f"/api/v1/campaigns/{scene.id}/conflicts", params=asked)
        return answer

    whole = read().json()
    first = read(limit=1).json()
    assert (len(whole["items"]), whole["next"], first["items"]) == (2, None, whole["items"][:1])
    assert first["next"].startswith(f"{whole['items'][0]['contribution_id']}.")
    assert read(limit=1, after=first["next"]).json() == {"items": whole["items"][1:], "next": None}
    assert [read(after="x").status_code, read(limit=101).status_code] == [422, 422]


def test_a_rubric_that_changed_since_one_looked_is_not_overwritten(scene: Scene) -> None:
    path = f"/api/v1/campaigns/{scene.id}/rubric"
    seen = scene.manager.get(path).headers["etag"]
    mine, theirs = ({"criteria": [{"name": name, "question": "Does it move you?"}]} for name in ("Heart", "Soul"))
    first = scene.manager.put(path, json=theirs, headers={"If-Match": seen})
    late = scene.manager.put(path, json=mine, headers={"If-Match": seen})
    assert (first.status_code, late.status_code, scene.manager.get(path).json()) == (200, 412, theirs)
    assert scene.manager.put(path, json=mine, headers={"If-Match": first.headers["etag"]}).json() == mine

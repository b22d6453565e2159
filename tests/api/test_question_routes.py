"""Questions about a call over HTTP, and a screening that is taken back."""

from tests.api.caller import caller
from tests.api.test_open_call_routes import Stage, stage

__all__ = ["stage"]


def test_a_question_is_asked_once_answered_by_staff_and_read_by_everyone_without_a_name(stage: Stage) -> None:
    path, key = stage.path("call/questions"), {"Idempotency-Key": "k1"}
    answers = [stage.ana.post(path, json={"text": "May it be in Quechua?"}, headers=key) for _time in range(2)]
    asked = answers[0].json()
    assert ([a.status_code for a in answers], answers[1].json()) == ([201, 201], asked)
    assert (asked["text"], asked["answer"], set(asked)) == (
        "May it be in Quechua?", None, {"id", "text", "asked_at", "answer", "answered_at"},
    )  # fmt: skip
    assert [who.get(path).json()["items"] for who in (stage.ana, stage.manager)] == [[asked], [asked]]
    assert [who.get(path).json()["items"] for who in (stage.ben, caller())] == [[], []]
    reply = f"/api/v1/questions/{asked['id']}/answer"
    refused = [(who.put(reply, json={"answer": "No."}).status_code) for who in (stage.ana, stage.ben, caller())]
    assert refused == [403, 404, 401]
    assert stage.manager.put(reply, json={"answer": "Yes."}).json()["answer"] == "Yes."
    assert [question["answer"] for question in caller().get(path).json()["items"]] == ["Yes."]


def test_what_cannot_be_asked_or_answered_is_refused_with_its_field(stage: Stage) -> None:
    path = stage.path("call/questions")
    assert caller().post(path, json={"text": "Until when?"}).status_code == 401
    refused = stage.ana.post(path, json={"text": " "})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (400, "NotAQuestion", "text")
    for number in range(5):
        assert stage.ana.post(path, json={"text": f"Question {number}?"}).status_code == 201
    assert stage.ana.post(path, json={"text": "One more?"}).json()["code"] == "TooManyQuestions"
    assert len(stage.ana.get(path).json()["items"]) == 5


def test_a_decision_is_taken_back_by_who_made_it(stage: Stage) -> None:
    contribution = stage.sent(stage.ana)
    stage.made_ready(contribution["id"])
    path = f"/api/v1/contributions/{contribution['id']}/screening"
    assert stage.judge.post(path, json={"takes_part": True}).status_code == 201
    assert stage.manager.delete(path).json()["code"] == "TooLateToTakeBack"
    assert stage.judge.delete(path).json()["state"] == "ready"
    assert stage.judge.delete(path).json()["code"] == "TooLateToTakeBack"

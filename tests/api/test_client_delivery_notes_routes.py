"""Notes on versions over HTTP: written once, read by whoever may, done, let go and opened again."""

from typing import Any

import pytest
from sqlalchemy import func, select

from campaigns.client_delivery.models import Annotation
from campaigns.core.ids import new_id
from tests.api.test_client_delivery_routes import Stage, refused, word
from workers.transactions import unit_of_work

SHOWN = {
    "words": "Warmer.",
    "weight": "wish",
    "at_ms": None,
    "state": "open",
    "done_in": None,
    "settled_by": None,
    "by": "Noor",
    "number": 1,
}


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    return Stage()


def listed(stage: Stage, who: Any) -> list[str]:
    answer = who.get(f"/api/v1/deliverables/{stage.deliverable}/annotations")
    assert answer.status_code == 200, answer.text
    return [note["words"] for note in answer.json()["items"]]


def count() -> int:
    with unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Annotation)) or 0


def test_a_note_is_written_once_under_its_key_and_read_by_both_sides(stage: Stage) -> None:
    version = stage.presented()
    for _twice in range(2):
        answer = stage.approver.post(
            f"/api/v1/versions/{version['id']}/annotations", json={"words": " Warmer. "}, headers={"Idempotency-Key": "warmer"}
        )
        assert answer.status_code == 201, answer.text
    assert {name: answer.json()[name] for name in SHOWN} == SHOWN
    assert (listed(stage, stage.editor), listed(stage, stage.approver), count()) == (["Warmer."], ["Warmer."], 1)


def test_what_stays_with_staff_is_not_told_to_the_brand_and_no_stranger_reads_any(stage: Stage) -> None:
    version = stage.presented()
    ours = stage.manager.post(f"/api/v1/versions/{version['id']}/annotations", json={"words": "Mind the budget.", "internal": True}).json()
    assert (listed(stage, stage.editor), listed(stage, stage.approver)) == (["Mind the budget."], [])
    assert refused(stage.approver.post(f"/api/v1/annotations/{ours['id']}/letting-go")) == (404, "NoSuchNote", None)
    for stranger in (stage.rival, stage.artist):
        assert refused(stranger.get(f"/api/v1/deliverables/{stage.deliverable}/annotations")) == (404, "NotFound", None)
        assert refused(stranger.post(f"/api/v1/versions/{version['id']}/annotations", json={"words": "Me too."}))[:2] == (
            404,
            "NoSuchVersion",
        )
    assert refused(stage.editor.post(f"/api/v1/annotations/{new_id()}/reopening")) == (404, "NoSuchNote", None)
    assert count() == 1


def test_an_approval_names_the_required_changes_that_it_lets_go(stage: Stage) -> None:
    first = stage.presented()
    required = {"words": "Hold the title.", "weight": "required"}
    note = stage.approver.post(f"/api/v1/versions/{first['id']}/annotations", json=required).json()
    decide = f"/api/v1/versions/{first['id']}/decision"
    assert refused(stage.approver.post(decide, json=word(first))) == (409, "RequiredStillOpen", "let_go")
    assert stage.approver.post(decide, json={**word(first), "let_go": [note["id"]]}).status_code == 200
    (shown,) = stage.editor.get(f"/api/v1/deliverables/{stage.deliverable}/annotations").json()["items"]
    assert (shown["state"], shown["settled_by"]) == ("let_go", "Noor")


def test_a_note_is_done_in_the_next_version_and_opened_again(stage: Stage) -> None:
    first = stage.presented()
    note = stage.approver.post(f"/api/v1/versions/{first['id']}/annotations", json={"words": "Warmer."}).json()
    stage.approver.post(f"/api/v1/versions/{first['id']}/decision", json=word(first, "changes", note="Warmer."))
    second = stage.version(words="Once, warmer.")
    done = stage.editor.post(f"/api/v1/annotations/{note['id']}/done", json={"done_in": second["id"]})
    assert (done.status_code, done.json()["state"], done.json()["done_in"]) == (200, "done", 2)
    opened = stage.approver.post(f"/api/v1/annotations/{note['id']}/reopening").json()
    assert (opened["state"], opened["done_in"]) == ("open", None)


def test_notes_come_in_pages(stage: Stage) -> None:
    version = stage.presented()
    for number in range(3):
        stage.approver.post(f"/api/v1/versions/{version['id']}/annotations", json={"words": f"Note {number}."})
    address = f"/api/v1/deliverables/{stage.deliverable}/annotations"
    page = stage.editor.get(address, params={"limit": 2}).json()
    rest = stage.editor.get(address, params={"limit": 2, "after": page["next"]}).json()
    assert [note["words"] for note in [*page["items"], *rest["items"]]] == ["Note 2.", "Note 1.", "Note 0."]
    assert rest["next"] is None

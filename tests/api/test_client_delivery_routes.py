"""Client delivery over HTTP: staff make and present versions, the brand decides, and fetches the package."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.client_delivery.packages import actions as package_actions
from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.core.events import Event
from campaigns.core.ids import new_id
from campaigns.core.people import Scope
from campaigns.core.permissions import Role
from campaigns.open_call import uploads
from tests import factories
from tests.api.caller import caller, token_of
from tests.api.test_upload_routes import begin, send
from workers.transactions import unit_of_work

BELLS = {"kind": "stock_music", "title": "Sleigh bells", "origin": "Northern Stock Music"}
INSIDE = {"visit", "note", "made_by", "made_at", "presented_by"}
SECRET = "Only for staff."


class Stage:
    """A deliverable in client delivery, and the people at it."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            self.now = clock.business_now(session)
            self.delivery = factories.in_delivery(session, at=self.now)
            made, deliverable = self.delivery.made, self.delivery.deliverable
            rivals = factories.brand(session, "Rivals")
            self.deliverable = deliverable.id
            self.contributions = [str(contribution.id) for contribution in self.delivery.contributions]
            self.editor = caller(token_of(session, self.delivery.editor))
            self.approver = caller(token_of(session, self.delivery.approver))
            self.manager = caller(token_of(session, made.manager))
            self.rival = caller(token_of(session, factories.someone(session, Role.APPROVER, on=Scope(brand_id=rivals.id))))
            self.artist = caller(token_of(session, factories.person(session, "Ana")))
            self.leader = caller(token_of(session, factories.someone(session, Role.LEADER, on=deliverable.scope)))

    @property
    def versions(self) -> str:
        return f"/api/v1/deliverables/{self.deliverable}/versions"

    @property
    def package(self) -> str:
        return f"/api/v1/deliverables/{self.deliverable}/package"

    def form(self, words: str = "Once.", **changes: Any) -> dict[str, Any]:
        with unit_of_work() as session:
            upload = uploads.take_text(session, words, "text/markdown", by=self.delivery.editor)
        editor = str(self.delivery.editor.person)
        return {"upload_id": str(upload.id), "components": self.contributions, "makers": {editor: 1}, "note": SECRET} | changes

    def version(self, **changes: Any) -> dict[str, Any]:
        answer = self.editor.post(self.versions, json=self.form(**changes))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def presented(self, **changes: Any) -> dict[str, Any]:
        made = self.version(**changes)
        answer = self.manager.post(f"/api/v1/versions/{made['id']}/internal-approval")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def packed(self, version_id: str) -> None:
        with unit_of_work() as session:
            contents = package_actions.contents_of(session, UUID(version_id))
            package_actions.record(session, UUID(version_id), package_actions.build(contents), at=self.now)


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    return Stage()


def word(version: dict[str, Any], verdict: str = "approved", **changes: str) -> dict[str, str]:
    return {"verdict": verdict, "file_sha256": version["file_sha256"], "parts_sha256": version["parts_sha256"]} | changes


def refused(answer: Any) -> tuple[int, str, str | None]:
    body = answer.json()
    return answer.status_code, body["code"], body.get("field")


def facts() -> list[str]:
    with unit_of_work() as session:
        return list(session.scalars(select(Event.name).where(Event.name.like("client_delivery.%")).order_by(Event.number)))


def test_a_deliverable_goes_from_its_first_version_to_the_package_in_the_brands_hands(stage: Stage) -> None:
    first = stage.presented()
    changes = stage.approver.post(f"/api/v1/versions/{first['id']}/decision", json=word(first, "changes", note="Longer lanterns."))
    assert (changes.status_code, changes.json()["note"], changes.json()["by"]) == (200, "Longer lanterns.", "Noor")
    second = stage.presented(words="Once, longer.")
    approved = stage.approver.post(f"/api/v1/versions/{second['id']}/decision", json=word(second))
    assert (approved.status_code, approved.json()["verdict"], second["number"]) == (200, "approved", 2)
    assert refused(stage.approver.get(stage.package)) == (404, "NotFound", None)
    stage.packed(second["id"])
    package = stage.approver.get(stage.package).json()
    fetched = stage.approver.get(package["url"])
    assert (hashlib.sha256(fetched.content).hexdigest(), len(fetched.content)) == (package["sha256"], package["bytes"])
    assert fetched.headers["content-disposition"] == 'attachment; filename="holiday-reader-v2.zip"'
    assert (package["version"], package["number"], package["file_sha256"]) == (second["id"], 2, second["file_sha256"])
    assert facts() == [f"client_delivery.{what}" for what in ("cut_made", "version_ready", "decided") * 2 + ("packaged",)]


def test_a_version_is_shown_whole_with_a_link_to_its_file(stage: Stage) -> None:
    made = stage.version(outside=[BELLS | {"licence": "Order 4471"}])
    shown = stage.editor.get(f"/api/v1/versions/{made['id']}").json()
    file = stage.editor.get(shown.pop("url"))
    assert (file.content, hashlib.sha256(file.content).hexdigest()) == (b"Once.", made["file_sha256"])
    assert 'filename="holiday-reader-v1.md"' in file.headers["content-disposition"]
    assert datetime.fromisoformat(shown.pop("made_at")).tzinfo is not None
    editor = str(stage.delivery.editor.person)
    (material,) = shown["outside"]
    assert shown == {
        "id": made["id"], "deliverable": str(stage.deliverable), "number": 1, "mime": "text/markdown", "bytes": 5,
        "showing": "pending", "show_problem": None, "renditions": [],
        "file_sha256": made["file_sha256"], "parts_sha256": made["parts_sha256"],
        "makers": [{"person_id": editor, "name": "Edda", "shares": 1, "is_confirmed": True}],
        "components": [
            {"contribution_id": stage.contributions[0], "title": "Lantern street", "takes_part": True},
            {"contribution_id": stage.contributions[1], "title": "First foot", "takes_part": True},
        ],
        "outside": [BELLS | {"id": material["id"], "licence": "Order 4471"}],
            "obstacles": [],
        "visit": stage.delivery.deliverable.visit, "note": SECRET, "made_by": editor, "presented_by": None, "presented_at": None,
        "decision": None,
    }  # fmt: skip


def test_a_version_is_made_once_under_an_idempotency_key(stage: Stage) -> None:
    form = stage.form()
    twice = [stage.editor.post(stage.versions, json=form, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in twice] == [201, 201]
    assert twice[0].json()["id"] == twice[1].json()["id"]
    assert facts() == ["client_delivery.cut_made"]


def test_the_file_of_a_version_comes_by_the_same_upload_as_every_file(stage: Stage) -> None:
    words = b"# The reader\n\nUploaded in one piece."
    upload = begin(stage.editor, len(words), "reader.md", "text/markdown")
    assert send(stage.editor, upload, 0, words) == (204, str(len(words)))
    made = stage.version(upload_id=upload.rpartition("/")[2])
    assert made["file_sha256"] == hashlib.sha256(words).hexdigest()


def test_the_brand_sees_neither_unpresented_versions_nor_the_notes_of_staff(stage: Stage) -> None:
    presented, hidden = stage.presented(), stage.version(words="Not for the brand yet.")
    for brand in (stage.approver, stage.leader):
        listed = brand.get(stage.versions)
        assert [version["id"] for version in listed.json()["items"]] == [presented["id"]]
        assert refused(brand.get(f"/api/v1/versions/{hidden['id']}")) == (404, "NoSuchVersion", "version_id")
        shown = brand.get(f"/api/v1/versions/{presented['id']}")
        assert INSIDE & set(shown.json()) == INSIDE & set(listed.json()["items"][0]) == set()
        assert SECRET not in shown.text + listed.text
    inside = stage.manager.get(stage.versions).json()["items"]
    assert ([version["id"] for version in inside], set(inside[0]) >= INSIDE) == ([hidden["id"], presented["id"]], True)


def test_a_hidden_version_is_not_decided_on_either(stage: Stage) -> None:
    hidden = stage.version()
    assert refused(stage.approver.post(f"/api/v1/versions/{hidden['id']}/decision", json=word(hidden))) == (
        404,
        "NoSuchVersion",
        "version_id",
    )


def test_another_brands_approver_finds_nothing_and_the_manager_may_not_decide(stage: Stage) -> None:
    version = stage.presented()
    for stranger in (stage.rival, stage.artist):
        assert refused(stranger.get(stage.versions)) == (404, "NotFound", None)
        assert refused(stranger.get(f"/api/v1/versions/{version['id']}")) == (404, "NoSuchVersion", "version_id")
        assert refused(stranger.post(f"/api/v1/versions/{version['id']}/decision", json=word(version))) == (
            404,
            "NoSuchVersion",
            "version_id",
        )
        assert refused(stranger.get(stage.package)) == (404, "NotFound", None)
    for one in (stage.manager, stage.editor):
        assert refused(one.post(f"/api/v1/versions/{version['id']}/decision", json=word(version))) == (403, "Forbidden", None)
    assert refused(stage.editor.get(stage.package)) == (403, "Forbidden", None)
    assert refused(caller().get(stage.versions)) == (401, "NotSignedIn", None)
    assert facts() == ["client_delivery.cut_made", "client_delivery.version_ready"]


def test_a_decision_on_another_file_or_an_old_version_or_without_words_is_refused(stage: Stage) -> None:
    version = stage.presented()
    decide = f"/api/v1/versions/{version['id']}/decision"
    assert refused(stage.approver.post(decide, json=word(version, parts_sha256="0" * 64))) == (409, "AnotherFile", "parts_sha256")
    assert refused(stage.approver.post(decide, json=word(version, file_sha256="0" * 64))) == (409, "AnotherFile", "file_sha256")
    assert refused(stage.approver.post(decide, json=word(version, "changes"))) == (400, "NoteMissing", "note")
    assert refused(stage.approver.post(decide, json=word(version, file_sha256="none"))) == (422, "Malformed", "file_sha256")
    stage.version()
    assert refused(stage.approver.post(decide, json=word(version))) == (409, "OldVersion", "version_id")
    assert "client_delivery.decided" not in facts()


def test_a_decision_sent_again_gets_the_same_answer(stage: Stage) -> None:
    version = stage.presented()
    answers = [stage.approver.post(f"/api/v1/versions/{version['id']}/decision", json=word(version)) for _ in range(2)]
    assert (answers[0].status_code, answers[0].json()) == (200, answers[1].json())
    assert facts().count("client_delivery.decided") == 1


def test_material_without_a_licence_keeps_a_version_from_the_brand_until_it_is_declared(stage: Stage) -> None:
    version = stage.version(outside=[BELLS])
    (material,) = version["outside"]
    path, present = (
        f"/api/v1/versions/{version['id']}/outside/{material['id']}/licence",
        f"/api/v1/versions/{version['id']}/internal-approval",
    )
    assert refused(stage.manager.post(present)) == (409, "UnlicensedMaterial", "outside")
    licensed = stage.editor.put(path, json={"licence": "Order 4471"})
    assert (licensed.status_code, licensed.json()) == (200, material | {"licence": "Order 4471"})
    presented = stage.manager.post(present).json()
    assert presented["parts_sha256"] != version["parts_sha256"]
    assert refused(stage.editor.put(path, json={"licence": "Order 1"})) == (409, "AlreadyPresented", None)
    assert refused(stage.approver.put(path, json={"licence": "Order 1"})) == (403, "Forbidden", None)
    assert stage.editor.get(f"/api/v1/versions/{version['id']}").json()["outside"] == [licensed.json()]


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"components": []}, (400, "NoComponents", "components")),
        ({"components": [str(new_id())]}, (400, "ComponentNotAccepted", "components")),
        ({"makers": {str(new_id()): 1}}, (400, "UnknownVersionMaker", "makers")),
        ({"upload_id": str(new_id())}, (404, "NoSuchUpload", "upload_id")),
        ({"makers": {str(new_id()): 1.5}}, (422, "Malformed", None)),
        ({"outside": [BELLS | {"kind": "people"}]}, (422, "Malformed", "outside.0.kind")),
        ({"outside": [BELLS | {"origin": " "}]}, (400, "MaterialUnnamed", "outside")),
    ],
)
def test_a_version_that_breaks_a_rule_is_refused_and_the_field_is_named(
    stage: Stage, changes: dict[str, Any], answer: tuple[int, str, str | None]
) -> None:
    status, code, field = refused(stage.editor.post(stage.versions, json=stage.form(**changes)))
    assert (status, code) == answer[:2]
    assert answer[2] in (None, field)
    assert facts() == []


def test_a_film_where_a_text_is_asked_for_is_refused(stage: Stage) -> None:
    with unit_of_work() as session:
        session.get_one(Deliverable, stage.deliverable).kind = "film"
    assert refused(stage.editor.post(stage.versions, json=stage.form())) == (400, "NotTheKindAsked", "upload_id")


def test_versions_come_in_pages_newest_first(stage: Stage) -> None:
    made = [stage.version()["number"] for _ in range(3)]
    first = stage.editor.get(stage.versions, params={"limit": 2}).json()
    rest = stage.editor.get(stage.versions, params={"limit": 2, "after": first["next"]}).json()
    assert [version["number"] for version in first["items"] + rest["items"]] == sorted(made, reverse=True)
    assert rest["next"] is None

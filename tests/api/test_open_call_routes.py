"""The open call over HTTP: read by anyone, sent to by artists, screened by people who do not see whose a contribution is."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from campaigns.core import clock
from campaigns.core.permissions import Role
from campaigns.open_call import renditions
from tests import factories, samples
from tests.api.caller import caller, token_of
from tests.api.test_upload_routes import begin, send
from workers.transactions import unit_of_work

TEXT = {"title": "Lantern street", "text": "# Lanterns\n\nEvery December we walk.", "licence_version": "2026-01"}


class Stage:
    """An open call, and the people at it."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            self.now = clock.business_now(session)
            made = factories.opened_call(session, at=self.now)
            self.ana_id = factories.person(session, samples.NAME, country="NP")
            self.id = made.id
            self.ana = caller(token_of(session, self.ana_id))
            self.ben = caller(token_of(session, factories.person(session, "Ben")))
            self.judge = caller(token_of(session, factories.someone(session, Role.CURATOR, "Cleo")))
            self.manager = caller(token_of(session, made.manager))

    def path(self, end: str) -> str:
        return f"/api/v1/campaigns/{self.id}/{end}"

    def sent(self, client: TestClient, **changes: Any) -> dict[str, Any]:
        answer = client.post(self.path("contributions"), json=TEXT | changes)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def made_ready(self, contribution_id: str) -> None:
        with unit_of_work() as session:
            prepared = renditions.prepare(renditions.original_of(session, UUID(contribution_id)))
            renditions.record(session, UUID(contribution_id), prepared, at=self.now)


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    return Stage()


def test_anyone_reads_the_call_the_money_first(stage: Stage) -> None:
    answer = caller().get(stage.path("call"), params={"country": "NP"})
    shown = answer.json()
    assert (answer.status_code, list(shown)[:6]) == (200, ["campaign", "title", "brand", "money", "payout_route", "rights"])
    assert (shown["money"]["pool"], shown["money"]["currency"], shown["money"]["in_words"]) == (5_000_000, "USD", "$50,000.00")
    assert (shown["is_open"], len(shown["rights"]["sentences"]), shown["rights"]["licence_version"]) == (True, 5, "2026-01")
    assert shown["payout_route"] == {
        "country": "NP", "is_there": False,
        "sentence": "We cannot pay USD to Nepal yet. Your earnings stay in your balance until we can.",
    }  # fmt: skip
    assert [d["title"] for d in shown["deliverables"]] == ["Holiday film", "Holiday card", "Holiday song"]
    assert [c["campaign"] for c in caller().get("/api/v1/calls").json()["items"]] == [str(stage.id)]


def test_a_text_is_sent_in_once_under_an_idempotency_key(stage: Stage) -> None:
    twice = [stage.ana.post(stage.path("contributions"), json=TEXT, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in twice] == [201, 201]
    assert twice[0].json() == twice[1].json()
    own = stage.ana.get("/api/v1/me/contributions").json()["items"]
    assert [(w["title"], w["kind"], w["state"], w["campaign_title"], w["came_by_extension"]) for w in own] == [
        ("Lantern street", "text", "received", "Holiday traditions", False)
    ]
    assert own[0]["credits"] == [{"person_id": str(stage.ana_id.person), "name": samples.NAME, "shares": 1, "is_confirmed": True}]


def test_a_picture_is_uploaded_sent_in_screened_blind_and_then_shown_to_all(stage: Stage, tmp_path: Path) -> None:
    whole = samples.picture(tmp_path).read_bytes()
    address = begin(stage.ana, len(whole), f"{samples.NAME}.jpg")
    send(stage.ana, address, 0, whole)
    upload = address.rpartition("/")[2]
    contribution = stage.ana.post(
        stage.path("contributions"), json={"title": "Lanterns", "upload": upload, "licence_version": "2026-01"}
    ).json()
    stage.made_ready(contribution["id"])

    desk = stage.judge.get(stage.path("screening"))
    assert [(w["id"], w["title"], w["kind"], w["state"]) for w in desk.json()["items"]] == [
        (contribution["id"], "Lanterns", "picture", "ready")
    ]
    assert [word for word in ("Zorblatt", str(stage.ana_id.person), upload) if word in desk.text] == []
    shown = [stage.judge.get(r["url"]) for r in desk.json()["items"][0]["renditions"]]
    assert [(a.status_code, a.headers["Content-Type"]) for a in shown] == [(200, "image/webp")] * 2
    assert [a for a in shown if b"Zorblatt" in a.content] == []

    decided = stage.judge.post(f"/api/v1/contributions/{contribution['id']}/screening", json={"takes_part": True})
    assert (decided.status_code, decided.json()["takes_part"]) == (201, True)
    listed = stage.ben.get(stage.path("contributions")).json()["items"][0]
    assert (listed["title"], listed["credits"][0]["name"]) == ("Lanterns", samples.NAME)
    assert stage.ben.get(listed["original"]).content == whole
    blind = stage.judge.get(f"/api/v1/contributions/{contribution['id']}").json()
    assert (blind["credits"], blind["original"], blind["statement"]) == ([], None, None)


def test_its_maker_reads_why_a_contribution_does_not_take_part(stage: Stage) -> None:
    contribution = stage.sent(stage.ana)
    stage.made_ready(contribution["id"])
    address = f"/api/v1/contributions/{contribution['id']}/screening"
    refused = stage.judge.post(address, json={"takes_part": False})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (400, "ReasonMissing", "reason")
    assert stage.ben.post(address, json={"takes_part": True}).status_code == 404
    stage.judge.post(address, json={"takes_part": False, "reason": "It shows a logo."})
    own = stage.ana.get(f"/api/v1/me/contributions/{contribution['id']}").json()
    assert (own["state"], own["reason"]) == ("screened_out", "It shows a logo.")
    assert stage.ben.get(f"/api/v1/me/contributions/{contribution['id']}").status_code == 404


def test_the_manager_extends_the_call_and_everyone_reads_it(stage: Stage) -> None:
    later = (stage.now + timedelta(days=16)).isoformat()
    body = {"closes_at": later, "reason": "A storm kept half of Manila offline."}
    assert stage.ben.post(stage.path("call/extensions"), json=body).status_code == 403
    assert stage.manager.post(stage.path("call/extensions"), json=body).status_code == 201
    assert [e["reason"] for e in caller().get(stage.path("call")).json()["extensions"]] == ["A storm kept half of Manila offline."]


def test_a_maker_takes_a_contribution_down(stage: Stage) -> None:
    contribution = stage.sent(stage.ana)
    assert stage.ana.post(f"/api/v1/contributions/{contribution['id']}/withdrawal").json()["state"] == "withdrawn"
    assert stage.ana.post(f"/api/v1/contributions/{contribution['id']}/withdrawal").status_code == 409


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"licence_version": "2025-07"}, 409, "WrongLicence"),
        ({"title": " "}, 400, "UntitledContribution"),
        ({"text": "<svg onload=x>"}, 400, "Unsafe"),
        ({"text": None}, 422, "Malformed"),
        ({"makers": {"0199a1b2-0000-7000-8000-000000000000": 1}}, 400, "NotAMaker"),
        ({"text": None, "upload": "0199a1b2-0000-7000-8000-000000000000"}, 404, "NoSuchUpload"),
    ],
)
def test_an_entry_that_cannot_be_taken_is_refused_and_leaves_nothing(stage: Stage, changes: dict[str, Any], status: int, code: str) -> None:
    answer = stage.ana.post(stage.path("contributions"), json=TEXT | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert stage.ana.get("/api/v1/me/contributions").json()["items"] == []


def test_a_guest_neither_sends_nor_sees_contributions(stage: Stage) -> None:
    assert [caller().post(stage.path("contributions"), json=TEXT).status_code, caller().get(stage.path("contributions")).status_code] == [
        401,
        401,
    ]


def test_lists_go_on_where_the_page_before_ended(stage: Stage) -> None:
    ids = [stage.sent(stage.ana, title=f"Lantern {n}", text=f"Lantern {n} is lit.")["id"] for n in range(3)]
    first = stage.ana.get("/api/v1/me/contributions", params={"limit": 2}).json()
    rest = stage.ana.get("/api/v1/me/contributions", params={"limit": 2, "after": first["next"]}).json()
    assert ([w["id"] for w in first["items"]], [w["id"] for w in rest["items"]], rest["next"]) == (ids[:0:-1], ids[:1], None)

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from campaigns.collaboration.models import Source
from campaigns.core import clock
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from tests import factories
from tests.api.caller import caller, token_of
from workers.transactions import unit_of_work

TEXT = {"title": "Doors, sung", "text": "# Doors\n\nWe open them.", "licence_version": "2026-01"}


class Scene:
    """A campaign in collaboration with a story of Ana's, and the people in it."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            now = clock.business_now(session)
            made = factories.opened_call(session, at=now)
            ana, ben = factories.person(session, "Ana"), factories.person(session, "Ben")
            self.story = str(factories.taking_part(session, made, ana, "Doors", at=now).id)
            self.own = str(factories.taking_part(session, made, ben, "Lanterns", at=now).id)
            self.deliverables = factories.entered(session, made, Stage.COLLABORATION, at=now)
            self.id, self.close = made.id, now + timedelta(days=21)
            self.leader = self.client(session, factories.someone(session, Role.LEADER, on=self.deliverables[0].scope))
            self.judge = self.client(session, factories.curator(session, made))
            self.ana, self.ben, self.manager = (self.client(session, by) for by in (ana, ben, made.manager))

    def client(self, session: Any, actor: Any) -> TestClient:
        return caller(token_of(session, actor))

    def path(self, end: str) -> str:
        return f"/api/v1/campaigns/{self.id}/{end}"

    def claimed(self) -> str:
        """A claim of Ben's that his Lanterns came from Ana's Doors; its path."""
        answer = self.ben.post(f"/api/v1/contributions/{self.own}/sources", json={"source": self.story, "kind": "influenced_by"})
        assert answer.status_code == 201, answer.text
        return f"/api/v1/sources/{self.own}/{self.story}"


@pytest.fixture
def scene(fresh_database: str) -> Scene:
    return Scene()


def test_a_remix_is_sent_in_once_under_a_key_and_shows_what_it_came_from(scene: Scene) -> None:
    body = TEXT | {"sources": [{"source": scene.story, "kind": "contains"}]}
    first, again = (scene.ben.post(scene.path("remixes"), json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    contribution = first.json()["id"]
    lineage = scene.ben.get(f"/api/v1/contributions/{contribution}/lineage").json()
    assert [(w["title"], w["generation"], [c["name"] for c in w["credits"]]) for w in lineage["contributions"]] == [
        ("Doors, sung", 0, ["Ben"]),
        ("Doors", 1, ["Ana"]),
    ]
    assert lineage["edges"] == [{"contribution_id": contribution, "source_id": scene.story, "kind": "contains", "weight": 1}]
    assert scene.ana.get(f"/api/v1/contributions/{scene.story}/lineage", params={"direction": "down"}).json()["edges"] == []


@pytest.mark.parametrize(
    ("sources", "status", "code"),
    [([], 400, "NothingCited"), (["story", "story"], 409, "PairCitedTwice"), (["nowhere"], 400, "SourceElsewhere")],
)
def test_a_remix_with_unsound_sources_is_refused_and_nothing_is_kept(scene: Scene, sources: list[str], status: int, code: str) -> None:
    ids = {"story": scene.story, "nowhere": "0199a1b2-0000-7000-8000-000000000000"}
    body = TEXT | {"sources": [{"source": ids[name], "kind": "contains"} for name in sources]}
    answer = scene.ben.post(scene.path("remixes"), json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, "sources")
    assert len(scene.ben.get("/api/v1/me/contributions").json()["items"]) == 1
    with unit_of_work() as session:
        assert session.query(Source).count() == 0


def test_a_claim_waits_for_the_other_side_which_confirms_it(scene: Scene) -> None:
    path = scene.claimed()
    (asked,) = scene.ana.get("/api/v1/me/claims").json()["items"]
    assert (asked["contribution_title"], asked["source_title"], asked["kind"], asked["claimed_as"]) == (
        "Lanterns",
        "Doors",
        "influenced_by",
        "contribution",
    )
    assert scene.ben.post(f"{path}/confirm").status_code == 403
    answer = scene.ana.post(f"{path}/confirm")
    assert (answer.status_code, answer.json()["state"], answer.json()["decided_as"]) == (200, "confirmed", "source")
    assert scene.ana.get("/api/v1/me/claims").json() == {"items": [], "next": None}
    for side in (scene.ana, scene.ben):
        (stands,) = side.get("/api/v1/me/claims/all").json()["items"]
        assert (stands["state"], stands["claimed_as"], stands["decided_as"], stands["reason"]) == (
            "confirmed",
            "contribution",
            "source",
            None,
        )
    assert [s["state"] for s in scene.ana.get(f"/api/v1/contributions/{scene.own}/sources").json()["items"]] == ["confirmed"]


def test_a_claim_that_was_declined_is_decided_anew_by_a_curator(scene: Scene) -> None:
    path = scene.claimed()
    declined = scene.ana.post(f"{path}/decline", json={"reason": "I do not see it."})
    assert (declined.status_code, declined.json()["state"]) == (200, "declined")
    decision = {"counts": True, "reason": "The same three notes.", "weight": 2}
    assert scene.manager.post(f"{path}/decide", json=decision).status_code == 403
    decided = scene.judge.post(f"{path}/decide", json=decision)
    assert (decided.status_code, decided.json()["state"], decided.json()["weight"]) == (200, "confirmed", 2)


def test_curators_page_through_open_claims(scene: Scene) -> None:
    scene.claimed()
    answer = scene.judge.get(scene.path("influence-claims"), params={"limit": 1}).json()
    assert [(c["contribution"]["id"], c["source"]["id"]) for c in answer["items"]] == [(scene.own, scene.story)]
    assert answer["next"] is None
    after = answer["items"][0]["id"]
    assert scene.judge.get(scene.path("influence-claims"), params={"after": after}).json()["items"] == []
    assert scene.ana.get(scene.path("influence-claims")).status_code == 403


def test_a_curator_finds_that_a_contribution_is_a_wrapper(scene: Scene) -> None:
    found = scene.judge.put(f"/api/v1/contributions/{scene.own}/wrapper", json={"is_wrapper": True, "reason": "An untouched re-upload."})
    assert (found.status_code, found.json()["is_wrapper"]) == (200, True)
    assert scene.ana.put(f"/api/v1/contributions/{scene.own}/wrapper", json={"is_wrapper": True, "reason": "So."}).status_code == 403


def test_the_leader_of_a_deliverable_closes_its_collaboration_and_of_no_other(scene: Scene) -> None:
    first, second, _third = scene.deliverables
    done = scene.leader.post(f"/api/v1/deliverables/{first.id}/collaboration/complete", json={"visit": first.visit})
    assert (done.status_code, done.json()["completed_at"] is not None) == (200, True)
    other = scene.leader.post(f"/api/v1/deliverables/{second.id}/collaboration/complete", json={"visit": second.visit})
    assert (other.status_code, other.json()["code"]) == (403, "Forbidden")
    stale = scene.manager.post(f"/api/v1/deliverables/{second.id}/collaboration/complete", json={"visit": second.visit - 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "Stale")


def test_an_extension_needs_its_zone_and_its_reason(scene: Scene) -> None:
    path = f"/api/v1/deliverables/{scene.deliverables[0].id}/collaboration/extend"
    later = scene.close + timedelta(days=1)
    assert scene.manager.post(path, json={"closes_at": later.replace(tzinfo=None).isoformat(), "reason": "Late."}).status_code == 422
    assert scene.manager.post(path, json={"closes_at": later.isoformat(), "reason": " "}).json()["code"] == "ReasonMissing"
    answer = scene.manager.post(path, json={"closes_at": later.isoformat(), "reason": "Late."})
    assert (answer.status_code, answer.json()["visit"]) == (200, scene.deliverables[0].visit)

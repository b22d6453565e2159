"""Proposals over HTTP: every role with a token of its own."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from campaigns.core import clock
from campaigns.core.people import Scope
from campaigns.core.permissions import Role
from campaigns.payout.finalizations.actions import post_final
from campaigns.payout.models import KillFee
from cli.main import app
from tests.api.caller import caller, token_of
from tests.called_off import call_off, settle_what_is_due
from tests.campaigns.brief.counting import statements
from tests.campaigns.payout.sharing import CLAIM, EVIDENCE, STORY, computed, confirmed, finalizers, in_payout
from tests.factories import brand, curator, person, someone
from workers.transactions import unit_of_work

API = "/api/v1"
COMMENT = {"claim": CLAIM, "evidence": EVIDENCE}


class Stage:
    """A deliverable in payout, and the people at it."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            self.shared = shared = in_payout(session)
            theirs = Scope(brand_id=brand(session, "Other").id)
            self.manager, self.ana, self.ben, self.lea = (
                caller(token_of(session, who)) for who in (shared.manager, shared.ana, shared.ben, shared.left_out)
            )
            self.fay, self.flo = (caller(token_of(session, who)) for who in finalizers(session))
            strangers = (
                person(session), shared.approver, shared.made.signers["legal"], curator(session, shared.made),
                someone(session, Role.APPROVER, on=theirs), someone(session, Role.MANAGER, on=theirs),
            )  # fmt: skip
            self.strangers = [caller(token_of(session, who)) for who in strangers]
        self.deliverable = f"{API}/deliverables/{shared.deliverable.id}"

    def points(self, points: Any = 5, **changes: Any) -> dict[str, Any]:
        contribution = {"contribution": str(self.shared.newer.id), "points": points, "reason": "It carries the story."}
        return {"visit": self.shared.deliverable.visit, "contributions": [contribution]} | changes

    def proposed(self) -> str:
        """A proposal that is open from now on; its path."""
        assert self.manager.put(f"{self.deliverable}/assessment", json=self.points()).status_code == 200
        with unit_of_work() as session:
            now = clock.business_now(session)
            proposal = computed(session, self.shared.deliverable, at=now)
            return f"{API}/proposals/{proposal.id}"

    def windows_close(self) -> None:
        with unit_of_work() as session:
            clock.move_clock(session, timedelta(days=15))


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    return Stage()


def refused(answer: Any) -> tuple[int, str, str | None]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    return answer.status_code, body["code"], body.get("field")


def test_a_proposal_goes_from_points_to_money(stage: Stage) -> None:
    path = stage.proposed()
    assert stage.lea.get(f"{stage.deliverable}/assessment").json()["contributions"][0] == {
        "contribution": str(stage.shared.newer.id), "title": "Lantern street", "points": 5, "reason": "It carries the story.",
    }  # fmt: skip
    shown = stage.lea.get(path).json()
    assert [(line["name"], line["amount"], line["is_staff"]) for line in shown["lines"]] == [
        ("Ben", 700_000, False),
        ("Ana", 300_000, False),
    ]
    assert (shown["number"], shown["state"], shown["finalized"], shown["needed"], shown["next"]) == (1, "open", 0, 2, None)

    comment = stage.lea.post(f"{path}/comments", json=COMMENT)
    assert (comment.status_code, comment.json()["author"], comment.json()["about"]) == (201, "Lea", None)
    stage.windows_close()
    assert refused(stage.fay.post(f"{path}/finalization")) == (409, "CommentsUnanswered", "proposal_id")
    answer = {"disposition": "declined", "reason": "It is not in it."}
    answered = stage.manager.post(f"{API}/comments/{comment.json()['id']}/disposition", json=answer)
    assert (answered.status_code, answered.json()["disposition"], answered.json()["reason"]) == (200, "declined", "It is not in it.")
    assert [c["reason"] for c in stage.ana.get(f"{path}/comments").json()["items"]] == ["It is not in it."]

    assert refused(stage.ben.post(f"{path}/finalization")) == (403, "Forbidden", None)
    assert refused(stage.manager.post(f"{path}/finalization")) == (403, "OwnProposal", "proposal_id")
    assert [who.post(f"{path}/finalization").json()["state"] for who in (stage.fay, stage.flo)] == ["open", "final"]
    with unit_of_work() as session:
        post_final(session, _id(path), at=clock.business_now(session))
    (purse,) = stage.ana.get(f"{API}/me/money").json()["items"]
    assert (purse["earned"], purse["balance"], purse["paid"], purse["reason"]) == (300_000, 300_000, 0, "no_account")
    (earning,) = stage.ana.get(f"{API}/me/earnings").json()["items"]
    assert (earning["campaign"], earning["deliverable"], earning["amount"]) == ("Holiday traditions", "Holiday story", 300_000)
    assert stage.lea.get(f"{API}/me/money").json()["items"] == []


def _id(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def test_anyone_in_it_can_compute_the_hash_and_open_each_line(stage: Stage) -> None:
    path = stage.proposed()
    inputs = stage.lea.get(f"{path}/inputs")
    canonical = json.dumps(inputs.json(), sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == stage.lea.get(path).json()["inputs_hash"] == inputs.headers["etag"].strip('"')
    opened = stage.lea.get(f"{path}/lines/{stage.shared.ana.person}").json()
    assert opened["sentence"] == "$3,000.00: 100% passed on from 1 contribution that contains it"
    assert (opened["explanation"]["amount"], [e["recorded_by"] for e in opened["edges"]]) == (300_000, ["Ben"])
    assert [(e["kind"], e["doubts"]) for e in stage.ana.get(f"{path}/edges").json()["items"]] == [("contains", [])]


def test_a_new_version_shows_what_has_changed(stage: Stage) -> None:
    stage.proposed()
    assert refused(stage.manager.post(f"{stage.deliverable}/proposals", json={})) == (409, "NothingChanged", None)
    with unit_of_work() as session:
        session.execute(text("update source set weight = 3"))
    asked = stage.manager.post(f"{stage.deliverable}/proposals", json={"reason": "Another weight."})
    assert (asked.status_code, asked.json()["proposal_due_since"] is not None) == (202, True)
    with unit_of_work() as session:
        second = computed(session, stage.shared.deliverable, at=clock.business_now(session))
    listed = stage.lea.get(f"{stage.deliverable}/proposals").json()["items"]
    assert [(p["number"], p["state"], p["because"]) for p in listed] == [
        (2, "open", "Another weight."), (1, "superseded", "Points were assigned."),
    ]  # fmt: skip
    assert stage.lea.get(f"{API}/proposals/{second.id}/changes").json() == {"items": [], "next": None}


def test_campaign_show_names_the_one_thing_to_do_once_the_lineage_has_changed(stage: Stage) -> None:
    path = stage.proposed()
    stage.windows_close()
    with unit_of_work() as session:
        confirmed(session, stage.shared, at=clock.business_now(session))
    shown = CliRunner().invoke(app, ["campaign", "show", str(stage.shared.made.id)], env={"COLUMNS": "240", "NO_COLOR": "1"})
    waits = "The lineage has changed since version 1 was calculated. Request a new version."
    assert (shown.exit_code, waits in shown.output, "0 of 2 people" in shown.output) == (0, True, False)
    assert refused(stage.fay.post(f"{path}/finalization"))[:2] == (409, "InputsChanged")
    assert stage.manager.post(f"{stage.deliverable}/proposals", json={}).json()["proposal_due_since"] is not None


def test_a_contributor_sees_what_an_edge_would_move(stage: Stage) -> None:
    path, shared = stage.proposed(), stage.shared
    edge = {"contribution": str(shared.newer.id), "source": str(shared.unused.id), "kind": "influenced_by"}
    moved = stage.lea.post(f"{path}/what-if", json={"edges": [edge]}).json()["items"]
    assert [(m["name"], m["before"], m["amount"]) for m in moved] == [("Ben", 700_000, 600_000), ("Lea", 0, 100_000)]
    assert stage.lea.get(path).json()["lines"][0]["amount"] == 700_000
    assert refused(stage.lea.post(f"{path}/what-if", json={"points": {str(shared.older.id): 1}})) == (400, "NotAComponent", "points")


def test_a_campaigns_pools_say_how_far_each_payout_is_and_what_it_waits_for(stage: Stage) -> None:
    pools = f"{API}/campaigns/{stage.shared.made.id}/pools"
    (before,) = stage.lea.get(pools).json()["items"]
    proposal = stage.proposed()
    stage.lea.post(f"{proposal}/comments", json=COMMENT)
    (after,) = stage.lea.get(pools).json()["items"]
    shown = stage.lea.get(proposal).json()
    unproposed = {
        "deliverable": str(stage.shared.deliverable.id), "title": "Holiday story", "stage": "payout", "price": 1_000_000, "currency": "USD",
        "assessed_at": None, "proposal_due_since": None, "proposal": None, "people": 0, "unanswered": 0, "finalized": 0, "needed": 2,
        "kill_fee": None, "waits": before["waits"],
    }  # fmt: skip
    assert before == unproposed
    assert after == unproposed | {
        "assessed_at": after["assessed_at"], "proposal": {name: shown[name] for name in after["proposal"]}, "people": 2,
        "unanswered": 1, "waits": after["waits"],
    }  # fmt: skip
    assert [[wait["code"] for wait in pool["waits"]] for pool in (before, after)] == [
        ["points_unassessed"], ["comments_unanswered", "window_open"],
    ]  # fmt: skip
    assert (after["assessed_at"] is not None, after["proposal"]["id"]) == (True, proposal.rpartition("/")[2])
    assert [(who.get(pools).json()["items"] == [after]) for who in (stage.manager, stage.ana, stage.fay)] == [True] * 3


def test_a_pool_shows_the_kill_fee_that_was_shared_in_its_place(stage: Stage) -> None:
    with unit_of_work() as session:
        at = clock.business_now(session)
        fee = {
            "price": 1_000_000,
            "bps": 2_500,
            "amount": 250_000,
            "from_reserve": 0,
            "currency": "USD",
        }
        session.add(KillFee(deliverable_id=stage.shared.deliverable.id, campaign_id=stage.shared.made.id, owed_at=at, **fee))
    (pool,) = stage.ana.get(f"{API}/campaigns/{stage.shared.made.id}/pools").json()["items"]
    assert pool["kill_fee"] == {"bps": 2_500, "amount": 250_000, "from_reserve": 0, "owed_at": pool["kill_fee"]["owed_at"]}


def test_a_kill_fee_is_proposed_explained_commented_on_and_made_final_over_the_api(stage: Stage) -> None:
    made = stage.shared.made
    with unit_of_work() as session:
        at = clock.business_now(session)
        call_off(session, made.id, "The line is stopped.", by=stage.shared.manager, at=at)
        settle_what_is_due(session, at=at)
    (pool,) = stage.ana.get(f"{API}/campaigns/{made.id}/pools").json()["items"]
    path = f"{API}/proposals/{pool['proposal']['id']}"
    shown = stage.ana.get(path).json()
    assert (pool["kill_fee"]["amount"], shown["is_kill_fee"], shown["pool"], [wait["code"] for wait in pool["waits"]]) == (
        1_000_000, True, 1_000_000, ["window_open"],
    )  # fmt: skip
    line = stage.ana.get(f"{path}/lines/{stage.shared.ana.person}").json()
    assert (line["sentence"].startswith("$3,000.00"), line["explanation"]["contributions"] != []) == (True, True)
    said = {"about": None, "claim": "My street led to it.", "evidence": "See it."}
    assert stage.lea.post(f"{path}/comments", json=said, headers={"Idempotency-Key": "kill-fee"}).status_code == 201


def test_thirty_pools_cost_as_many_statements_as_two(fresh_database: str) -> None:
    costs = []
    for count in (2, 30):
        with unit_of_work() as session:
            shared = in_payout(session, *(replace(STORY, title=f"Story {number}") for number in range(count)))
            manager = caller(token_of(session, shared.manager))
        manager.get(f"{API}/me")  # the first use of a token is written down
        with unit_of_work() as session, statements(session) as asked:
            pools = manager.get(f"{API}/campaigns/{shared.made.id}/pools").json()["items"]
        costs.append(len(asked))
    assert (len(pools), costs[1]) == (30, costs[0])


def test_lists_come_in_pages(stage: Stage) -> None:
    path = stage.proposed()
    first = stage.lea.get(path, params={"limit": 1}).json()
    second = stage.lea.get(path, params={"limit": 1, "after": first["next"]}).json()
    assert [line["name"] for page in (first, second) for line in page["lines"]] == ["Ben", "Ana"]
    assert second["next"] is None
    for n in range(3):
        stage.lea.post(f"{path}/comments", json=COMMENT | {"claim": f"Claim {n}"})
    page = stage.ana.get(f"{path}/comments", params={"limit": 2}).json()
    rest = stage.ana.get(f"{path}/comments", params={"limit": 2, "after": page["next"]}).json()
    assert [c["claim"] for c in (*page["items"], *rest["items"])] == ["Claim 2", "Claim 1", "Claim 0"]


def test_a_comment_sent_twice_under_one_key_is_made_once(stage: Stage) -> None:
    path = stage.proposed()
    answers = [stage.lea.post(f"{path}/comments", json=COMMENT, headers={"Idempotency-Key": "one"}) for _time in range(2)]
    assert (answers[0].json(), answers[1].headers["Idempotency-Replayed"]) == (answers[1].json(), "true")
    assert len(stage.ana.get(f"{path}/comments").json()["items"]) == 1


def test_for_people_of_other_brands_and_for_whoever_contributed_nothing_there_is_no_proposal(stage: Stage) -> None:
    path = stage.proposed()
    comment = stage.lea.post(f"{path}/comments", json=COMMENT).json()["id"]
    readable = [
        path, f"{path}/changes", f"{path}/edges", f"{path}/inputs", f"{path}/lines/{stage.shared.ana.person}", f"{path}/comments",
        f"{stage.deliverable}/assessment", f"{stage.deliverable}/proposals", f"{API}/campaigns/{stage.shared.made.id}/pools",
    ]  # fmt: skip
    answer = {"disposition": "declined", "reason": "No."}
    for stranger in stage.strangers:
        told = [stranger.get(address) for address in readable]
        told += [stranger.post(f"{path}/comments", json=COMMENT), stranger.post(f"{path}/finalization")]
        told += [
            stranger.post(f"{API}/comments/{comment}/disposition", json=answer),
            stranger.post(f"{stage.deliverable}/proposals", json={}),
        ]
        told += [stranger.put(f"{stage.deliverable}/assessment", json=stage.points()), stranger.post(f"{path}/what-if", json={})]
        assert {refused(each) for each in told} == {(404, "NoSuchProposal", None)}
        assert not any(name in each.text for each in told for name in ("Ben", "Ana", "Lea", "700000"))
    assert {caller().get(address).status_code for address in readable} == {401}


@pytest.mark.parametrize(
    ("contributions", "expected"),
    [
        ([], (400, "ComponentMissing", "contributions")),
        ([{"points": 0, "reason": "Nothing."}], (400, "PointsOutOfRange", "contributions.0.points")),
        ([{"points": 5, "reason": " "}], (400, "ReasonMissing", "contributions.0.reason")),
        ([{"points": 5, "reason": "x"}, {"points": 5, "reason": "x"}], (400, "NotAComponent", "contributions")),
        ([{"points": 1.5, "reason": "x"}], (422, "Malformed", "contributions.0.points")),
        ([{"points": "5", "reason": "x"}], (422, "Malformed", "contributions.0.points")),
    ],
)
def test_points_that_do_not_fit_are_refused_with_their_field(stage: Stage, contributions: list[Any], expected: Any) -> None:
    given = [{"contribution": str(stage.shared.newer.id)} | contribution for contribution in contributions]
    assert refused(stage.manager.put(f"{stage.deliverable}/assessment", json=stage.points(contributions=given))) == expected
    assert stage.manager.get(f"{stage.deliverable}/assessment").json()["contributions"] == []


def test_refusals_over_http_name_their_field(stage: Stage) -> None:
    path = stage.proposed()
    assert refused(stage.fay.post(f"{path}/finalization")) == (409, "WindowOpen", None)
    assert refused(stage.lea.post(f"{path}/comments", json=COMMENT | {"claim": " "})) == (400, "CommentIncomplete", "claim")
    about = {"about": str(stage.shared.left_out.person)}
    assert refused(stage.lea.post(f"{path}/comments", json=COMMENT | about)) == (400, "NoSuchLine", "about")
    assert refused(stage.fay.post(f"{path}/comments", json=COMMENT)) == (403, "Forbidden", None)
    assert stage.fay.put(f"{API}/me/artist").status_code == 204
    assert refused(stage.fay.post(f"{path}/comments", json=COMMENT)) == (403, "NotAContributor", None)
    assert refused(stage.manager.put(f"{stage.deliverable}/assessment", json=stage.points(visit=1))) == (409, "Stale", None)
    stage.windows_close()
    assert refused(stage.lea.post(f"{path}/comments", json=COMMENT)) == (409, "WindowClosed", None)


def test_points_that_changed_since_one_looked_are_not_overwritten(stage: Stage) -> None:
    path = f"{stage.deliverable}/assessment"
    seen = stage.manager.get(path).headers["etag"]
    first = stage.manager.put(path, json=stage.points(), headers={"If-Match": seen})
    late = stage.manager.put(path, json=stage.points(), headers={"If-Match": seen})
    assert (first.status_code, refused(late)) == (200, (412, "StaleVersion", None))
    assert stage.manager.put(path, json=stage.points(), headers={"If-Match": first.headers["etag"]}).status_code == 200

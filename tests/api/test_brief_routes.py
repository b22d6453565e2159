"""The brief over HTTP, each role with a token of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from campaigns.brief.models import Refund, RefundPart
from campaigns.core import clock, tokens
from campaigns.core.people import Actor
from tests import factories
from tests.campaigns.brief.counting import statements
from tests.factories import Partnership
from workers.transactions import unit_of_work

API = "/api/v1"
TOTAL = 7_400_000
WIRE = {"amount": TOTAL + 1, "reference": "WIRE", "received_on": "2026-01-01"}
FILM = {"title": "Holiday film", "kind": "film", "format": "MP4", "length": "60 seconds", "price": 5_000_000}


@dataclass
class Caller:
    """Someone who speaks to the API."""

    client: TestClient
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, API + path, json=body, headers={"Authorization": f"Bearer {self.token}", **names})


@dataclass
class Users:
    """A brand and its people, each with a way to speak to the API."""

    client: TestClient
    brand: UUID
    manager: Caller
    finance: Caller
    legal: Caller
    artist: Caller

    @classmethod
    def of(cls, client: TestClient, made: Partnership) -> "Users":
        with unit_of_work() as session:
            artist = factories.person(session)
        return cls(client, made.brand.id, *(caller(client, who) for who in (made.manager, made.finance, made.signers["legal"], artist)))


def caller(client: TestClient, who: Actor) -> Caller:
    with unit_of_work() as session:
        return Caller(client, tokens.issue_token(session, who.person, "test")[1])


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with TestClient(make_app(), base_url="https://testserver") as client:
        yield client


def made_as(client: TestClient, stage: Any) -> tuple[Partnership, Users]:
    with unit_of_work() as session:
        made = stage(session, at=clock.business_now(session))
    return made, Users.of(client, made)


def refused(answer: Any) -> tuple[int, str, str | None]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    return answer.status_code, body["code"], body.get("field")


def test_a_campaign_goes_from_nothing_to_its_launch(client: TestClient) -> None:
    made, users = made_as(client, factories.new_campaign)
    path = f"/campaigns/{users.manager('POST', '/campaigns', {'brand': str(users.brand), 'title': 'Winter songs'}).json()['id']}"
    with unit_of_work() as session:
        text = factories.brief_text(clock.business_now(session))
    written = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in text.items()}
    assert users.manager("PATCH", f"{path}/brief", written).status_code == 200
    assert users.manager("POST", f"{path}/deliverables", FILM).status_code == 201
    brief = users.legal("GET", f"{path}/brief").json()
    assert brief["budget"] == {"pool": 5_000_000, "fee": 750_000, "reserve": 1_650_000, "total": TOTAL, "currency": "USD"}
    assert [w["code"] for w in brief["waits"]] == ["unsigned", "unsigned", "uncovered", "not_launched"]

    signed = [
        who("POST", f"{path}/signatures", {"sign_off_role": sign_off_role, "hash": brief["hash"]}).status_code
        for sign_off_role, who in (("legal", users.legal), ("marketing", caller(client, made.signers["marketing"])))
    ]
    assert signed == [201, 201]
    receipt = {"amount": TOTAL, "reference": "WIRE", "received_on": made.campaign.created_at.date().isoformat()}
    recorded = users.manager("POST", f"{path}/funding/receipts", receipt).json()
    confirmed = users.finance("POST", f"{path}/funding/receipts/{recorded['id']}/confirm")
    assert (confirmed.status_code, users.manager("GET", f"{path}/brief").json()["waits"][0]["code"]) == (200, "not_launched")
    launched = users.manager("POST", f"{path}/launch")
    assert (launched.status_code, launched.json()["title"]) == (200, "Winter songs")
    assert users.manager("GET", f"{path}/brief").json()["waits"] == []
    assert refused(users.manager("PATCH", f"{path}/brief", {"story": "Too late"})) == (409, "BriefClosed", None)


def test_a_brief_that_someone_else_has_changed_is_not_overwritten(client: TestClient) -> None:
    made, users = made_as(client, factories.filled_brief)
    path = f"/campaigns/{made.id}"
    seen = users.manager("GET", f"{path}/brief").headers["etag"]
    changed = users.manager("PATCH", f"{path}/brief", {"story": "First"}, If_Match=seen)
    assert (changed.status_code, changed.headers["etag"] != seen) == (200, True)
    film = changed.json()["deliverables"][0]["id"]
    for answer in (
        users.manager("PATCH", f"{path}/brief", {"story": "Second"}, If_Match=seen),
        users.manager("PUT", f"{path}/deliverables/{film}", FILM, If_Match=seen),
        users.manager("DELETE", f"{path}/deliverables/{film}", If_Match=seen),
    ):
        assert refused(answer) == (412, "StaleVersion", None)
    after = users.manager("GET", f"{path}/brief").json()
    assert (after["story"], len(after["deliverables"])) == ("First", 3)


def test_deliverables_are_written_anew_and_taken_out(client: TestClient) -> None:
    made, users = made_as(client, factories.filled_brief)
    path = f"/campaigns/{made.id}"
    film, card, _song = (d["id"] for d in users.manager("GET", f"{path}/brief").json()["deliverables"])
    assert users.manager("PUT", f"{path}/deliverables/{film}", FILM).json() == {**FILM, "id": film, "number": 1}
    assert users.manager("DELETE", f"{path}/deliverables/{card}").status_code == 204
    assert [d["number"] for d in users.manager("GET", f"{path}/brief").json()["deliverables"]] == [1, 3]
    assert refused(users.manager("DELETE", f"{path}/deliverables/{card}")) == (404, "NoSuchDeliverable", None)


REFUSALS: list[tuple[str, str, Any, tuple[int, str, str | None]]] = [
    ("PATCH", "brief", {"time_zone": "Mars/Base"}, (400, "UnknownZone", "time_zone")),
    ("PATCH", "brief", {"contains": "1.5"}, (400, "FractionOutOfRange", "contains")),
    ("PATCH", "brief", {"go_live_at": "2020-01-01T00:00:00Z"}, (400, "DateInThePast", "go_live_at")),
    ("PATCH", "brief", {"stories": "none"}, (422, "Malformed", "stories")),
    ("POST", "deliverables", {**FILM, "price": 0}, (400, "InvalidPrice", "price")),
    ("POST", "deliverables", {**FILM, "price": 10.5}, (422, "Malformed", "price")),
    ("POST", "signatures", {"sign_off_role": "legal", "hash": "0" * 64}, (403, "Forbidden", None)),
    (
        "POST",
        "funding/receipts",
        {"amount": TOTAL + 1, "reference": "W", "received_on": "2026-01-01"},
        (409, "BeyondWhatIsAsked", "amount"),
    ),
    ("POST", "funding/invoices", {"amount": TOTAL + 1}, (409, "BeyondWhatIsAsked", "amount")),
    ("POST", "funding/advances", {"reason": "They pay."}, (403, "Forbidden", None)),
    ("POST", "launch", None, (409, "NotSigned", "signatures")),
]


def test_what_is_refused_says_why_and_where_and_changes_nothing(client: TestClient) -> None:
    made, users = made_as(client, factories.filled_brief)
    before = users.manager("GET", f"/campaigns/{made.id}/brief").json()
    for method, path, body, answer in REFUSALS:
        assert refused(users.manager(method, f"/campaigns/{made.id}/{path}", body)) == answer
    assert users.manager("GET", f"/campaigns/{made.id}/brief").json() == before


def test_a_brief_does_not_exist_for_an_artist_before_its_launch_and_is_not_theirs_after_it(client: TestClient) -> None:
    made, users = made_as(client, factories.filled_brief)
    routes = ("brief", "signatures", "funding", "plan")
    assert [refused(users.artist("GET", f"/campaigns/{made.id}/{route}"))[0] for route in routes] == [404] * 4
    launched, _users = made_as(client, factories.launched_campaign)
    assert [refused(users.artist("GET", f"/campaigns/{launched.id}/{route}"))[0] for route in routes] == [403] * 4


def test_whoever_must_sign_sees_what_has_changed_since(client: TestClient) -> None:
    made, users = made_as(client, factories.signed_brief)
    path = f"/campaigns/{made.id}"
    users.manager("PATCH", f"{path}/brief", {"dont_list": ["No brand names at all"]})
    shown = users.legal("GET", f"{path}/signatures").json()
    assert (shown["missing"], [(s["sign_off_role"], s["holds"]) for s in shown["items"]]) == (
        ["marketing", "legal"],
        [("marketing", False), ("legal", False)],
    )
    assert users.legal("GET", f"{path}/signatures/legal/difference").json() == {
        "sign_off_role": "legal",
        "changes": [
            {
                "field": "dont",
                "before": "No brand names",
                "after": "No brand names at all",
                "words": [
                    {"fate": "kept", "text": "No brand "},
                    {"fate": "removed", "text": "names"},
                    {"fate": "added", "text": "names at all"},
                ],
            }
        ],
    }


def test_an_invoice_is_asked_for_once_under_one_key(client: TestClient) -> None:
    made, users = made_as(client, factories.signed_brief)
    path = f"/campaigns/{made.id}/funding"
    first, second = (users.manager("POST", f"{path}/invoices", {"po_number": "PO-4711"}, Idempotency_Key="one") for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    funding = users.finance("GET", path).json()
    assert [(i["amount"], i["state"], i["po_number"]) for i in funding["invoices"]] == [(TOTAL, "promised", "PO-4711")]
    assert (funding["held"], funding["missing"]) == (0, TOTAL)
    assert refused(users.manager("POST", f"{path}/invoices/{first.json()['id']}/withdraw")) == (409, "InvoiceNotOpen", "invoice")


def test_an_advance_shows_as_receivable(client: TestClient) -> None:
    made, users = made_as(client, factories.signed_brief)
    path = f"/campaigns/{made.id}/funding"
    assert users.finance("POST", f"{path}/advances", {"reason": "They always pay."}).json()["amount"] == TOTAL
    funding = users.finance("GET", path).json()
    assert (funding["held"], funding["receivable"], funding["missing"]) == (TOTAL, TOTAL, 0)


def test_the_plan_runs_from_go_live_back_to_the_brief(client: TestClient) -> None:
    made, users = made_as(client, factories.filled_brief)
    plan = users.manager("GET", f"/campaigns/{made.id}/plan").json()
    assert (plan["time_zone"], [(g["gate"], g["slack_days"], g["is_open"]) for g in plan["gates"]]) == (
        "America/Los_Angeles",
        [
            ("go_live", 41, False), ("client_delivery", 37, False), ("curation", 27, False),
            ("collaboration", 20, False), ("open_call", 13, False), ("brief", 13, False),
        ],
    )  # fmt: skip


def test_the_list_shows_what_one_may_see_in_pages(client: TestClient) -> None:
    made, users = made_as(client, factories.filled_brief)
    launched, _other = made_as(client, factories.launched_campaign)
    first = users.manager("GET", "/campaigns?limit=1").json()
    second = users.manager("GET", f"/campaigns?limit=1&after={first['next']}").json()
    assert ([c["id"] for c in first["items"]], [c["id"] for c in second["items"]], second["next"]) == (
        [str(launched.id)],
        [str(made.id)],
        None,
    )
    assert [w["code"] for w in second["items"][0]["waits"]] == ["unsigned", "unsigned", "uncovered", "not_launched"]
    assert [(c["id"], c["waits"]) for c in users.artist("GET", "/campaigns").json()["items"]] == [(str(launched.id), None)]
    assert users.manager("GET", "/campaigns?stage=curation").json()["items"] == []
    assert users.manager("GET", "/campaigns?paused=true").json()["items"] == []
    assert users.manager("GET", "/campaigns?blocked=true").json()["items"] == []


def test_the_list_takes_as_many_queries_for_thirty_campaigns_as_for_one(client: TestClient) -> None:
    _made, users = made_as(client, factories.filled_brief)
    counts = []
    for more in (0, 29):
        for _ in range(more):
            made_as(client, factories.filled_brief)
        users.manager("GET", "/campaigns?limit=30")
        with unit_of_work() as session, statements(session) as sent:
            assert len(users.manager("GET", "/campaigns?limit=30").json()["items"]) == 1 + more
        counts.append(len(sent))
    assert counts[0] == counts[1] > 0


def test_a_refund_by_hand_is_confirmed_by_finance(client: TestClient) -> None:
    made, users = made_as(client, factories.funded_brief)
    path = f"/campaigns/{made.id}/funding"
    assert refused(users.finance("POST", f"{path}/refunds/{made.id}/confirm", {"reference": "WIRE"})) == (404, "NoSuchRefund", None)


def test_a_stuck_refund_is_tried_again_once_by_finance(client: TestClient) -> None:
    made, users = made_as(client, factories.funded_brief)
    with unit_of_work() as session:
        about = {"campaign_id": made.id, "amount": 500, "currency": "USD"}
        refund = Refund(key="stuck", let_go=0, reason="It goes back.", promised_at=clock.business_now(session), **about)
        session.add(refund)
        session.flush()
        part = RefundPart(refund_id=refund.id, state="stuck", **about)
        session.add(part)
        session.flush()
        path = f"/campaigns/{made.id}/funding/refunds/{part.id}/retry"
    assert users.finance("POST", path).json() == {
        "id": str(part.id), "amount": 500, "currency": "USD", "state": "on_cash", "reference": None, "asked_of": None,
        "asked_until": None, "settled_at": None,
    }  # fmt: skip
    assert refused(users.finance("POST", path)) == (409, "NotStuck", None)

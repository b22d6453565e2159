"""The security log at its edges: what is refused is written down though nothing else of it is, and operators read it in three forms."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.app import make_app
from api.deps import COOKIE
from campaigns.core import access
from campaigns.core.factors import rules
from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Role
from campaigns.core.security_log import SecurityEntry, SecurityEventKind
from campaigns.core.throttle import Rate
from tests.api.caller import caller, token_of
from tests.api.visiting import be, browser, cells, seen
from tests.factories import person, someone
from workers.transactions import unit_of_work

API = "/api/v1"


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


@pytest.fixture
def odile(fresh_database: str) -> Actor:
    with unit_of_work() as session:
        return someone(session, Role.OPERATOR)


def told(*kinds: str) -> list[tuple[str, str]]:
    """The entries of these kinds, oldest first, with what they say."""
    with unit_of_work() as session:
        rows = session.scalars(select(SecurityEntry).where(SecurityEntry.kind.in_(kinds)).order_by(SecurityEntry.id))
        return [(row.kind, row.detail) for row in rows]


def test_what_is_refused_at_the_door_is_written_down_without_its_secret(client: TestClient, odile: Actor) -> None:
    program = TestClient(make_app(), base_url="https://testserver")
    client.post("/sign-in/a-secret-that-is-none")
    program.post(f"{API}/sign-in/token", json={"secret": "a-secret-that-is-none"})
    program.get(f"{API}/me", headers={"Authorization": "Bearer cb_live_none"})
    client.post("/sign-in/passkey", data={"answer": "{}"})
    client.post("/me", data={"name": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert told("sign_in_failed", "token_refused", "form_refused") == [
        ("sign_in_failed", "POST /sign-in/{secret}: NotSignedIn"),
        ("sign_in_failed", "POST /api/v1/sign-in/token: NotSignedIn"),
        ("token_refused", "GET /api/v1/me: NotSignedIn"),
        ("sign_in_failed", "POST /sign-in/passkey: WrongProof"),
        ("form_refused", "POST /me: CrossSite"),
    ]


def test_a_refused_act_of_money_is_written_down_with_who_tried(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        ana = person(session, "Ana")
        api = caller(token_of(session, ana))
    refused = api.post(f"{API}/payouts/holds", json={"person": str(ana.person), "reason": "No."})
    assert (refused.status_code, be(client, ana).post(f"/runs/{new_id()}/release").status_code) == (403, 404)
    with unit_of_work() as session:
        rows = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == "money_refused")).all()
        assert [(row.detail, row.person_id) for row in rows] == [
            ("POST /api/v1/payouts/holds: Forbidden", ana.person_id),
            ("POST /runs/{run_id}/release: NoSuchRun", ana.person_id),
        ]


def test_what_one_may_not_see_or_do_is_written_down_once_an_hour_and_a_fault_in_a_form_is_not(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        ana = person(session, "Ana")
    client.get(f"/proposals/{new_id()}")  # a guest is asked to sign in
    be(client, ana)
    client.get("/runs")
    client.post("/me", data={"name": ""})
    for _time in range(3):
        client.get(f"/proposals/{new_id()}")
    client.get("/nowhere")
    client.post(f"/campaigns/{new_id()}/pause", data={"reason": "No."})
    assert told(*(kind for kind in SecurityEventKind if kind is not SecurityEventKind.SIGNED_IN)) == [
        ("access_refused", "GET /runs: Forbidden"),
        ("access_refused", "GET /proposals/{proposal_id}: NoSuchProposal"),
        ("access_refused", "POST /campaigns/{campaign_id}/pause: NotFound"),
    ]
    with unit_of_work() as session:
        rows = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == "access_refused").order_by(SecurityEntry.id))
        assert [(row.times, row.person_id) for row in rows] == [(1, ana.person_id), (3, ana.person_id), (1, ana.person_id)]


def test_what_was_asked_for_too_often_is_written_down(client: TestClient, odile: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TRIES", Rate(burst=1, every=timedelta(minutes=3)))
    be(client, odile)
    for _time in range(2):
        client.post("/prove", data={"code": "000000"})
    assert told("proof_failed", "limit_reached") == [
        ("proof_failed", "POST /prove: WrongProof"),
        ("limit_reached", "POST /prove: TooMany"),
    ]


def test_a_sign_in_and_a_proof_say_by_which_way(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        link = access.make_link(session, odile.person)
    client.post(f"/sign-in/{link}", headers={"User-Agent": "Firefox"})
    with unit_of_work() as session:
        access.prove_session(session, client.cookies[COOKIE], way="code", by=odile)
    assert told("signed_in", "proven") == [("signed_in", "link, Firefox"), ("proven", "code")]


def test_operators_read_it_as_a_page_as_a_file_and_by_the_api(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        session.get_one(Person, person(session, "=Ana").person).email = "=ana@example.org"
    client.post("/sign-in/none")
    be(client, odile)
    page = seen(client.get("/status/security"))
    assert [words in page for words in ("Security log", "Sign-in failed", "Signed in", "/sign-in/{secret}")] == [True] * 4
    assert "Sign-in failed</span>" not in seen(client.get("/status/security?kind=signed_in"))
    assert "Nothing recorded" in seen(client.get("/status/security?kind=proof_failed"))
    assert [row[0] for row in cells(client.get("/status/security.csv"))] == ["What", "Signed in", "Sign-in failed"]
    with unit_of_work() as session:
        api = caller(token_of(session, odile))
    items = pages_of(api)
    assert [item["kind"] for item in items] == ["token_made", "signed_in", "sign_in_failed"]
    assert (items[1]["email"], items[2]["email"], items[2]["times"]) is not None
    assert [item["kind"] for item in api.get(f"{API}/security-log?kind=signed_in").json()["items"]] == ["signed_in"]


def pages_of(api: TestClient) -> list[Any]:
    items, after = [], ""
    while True:
        found = api.get(f"{API}/security-log?limit=1{after}").json()
        items += found["items"]
        if found["next"] is None:
            return items
        after = f"&after={found['next']}"


def test_nobody_else_reads_it(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        others = [person(session, "Ana"), someone(session, Role.FINANCE), someone(session, Role.MANAGER)]
    for other in others:
        be(client, other)
        assert [client.get(path).status_code for path in ("/status/security", "/status/security.csv", f"{API}/security-log")] == [403] * 3


def test_the_sign_in_page_says_for_whom_its_link_is(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        ana = person(session, "Ana")
        email, secret = session.get_one(Person, ana.person).email, access.make_link(session, ana.person)
    page = seen(client.get(f"/sign-in/{secret}"))
    assert f"This link signs you in as <b><bdi>{email}</bdi></b>" in page
    assert client.post(f"/sign-in/{secret}").status_code == 303
    spent = seen(client.get(f"/sign-in/{secret}"))
    assert (email in spent, "request a new one" in spent, f'action="/sign-in/{secret}"' in spent) == (False, True, False)

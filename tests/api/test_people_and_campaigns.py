"""People, roles, tokens and where a campaign stands, over HTTP."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from api.app import make_app
from campaigns.core import clock, tokens
from campaigns.core.campaign import deliverables_of
from campaigns.core.people import Actor, Brand, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from tests import factories
from tests.factories import READER, Partnership, someone
from workers.transactions import engine, unit_of_work

API = "/api/v1"


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with TestClient(make_app(), base_url="https://testserver") as client:
        yield client


@pytest.fixture
def made(client: TestClient) -> Partnership:
    """A campaign whose call is open."""
    with unit_of_work() as session:
        return factories.opened_call(session, (READER,), at=clock.business_now(session))


def bearer(who: Actor) -> dict[str, str]:
    with unit_of_work() as session:
        return {"Authorization": f"Bearer {tokens.issue_token(session, who.person, 'test')[1]}"}


def statements(ask: Callable[[], Any]) -> int:
    """How many statements a request sends."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        assert ask().status_code == 200
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return len(sent)


def pages(client: TestClient, path: str, headers: dict[str, str]) -> list[str]:
    """The ids of a list, two at a time."""
    found, after = [], None
    while True:
        page = client.get(path, params={"limit": 2, **({"after": after} if after else {})}, headers=headers).json()
        assert len(page["items"]) <= 2
        found += [item["id"] for item in page["items"]]
        if (after := page["next"]) is None:
            return found


def invite(client: TestClient, made: Partnership, numbers: range) -> None:
    for number in numbers:
        body = {"email": f"curator{number}@example.org", "role": "curator"}
        assert client.post(f"{API}/campaigns/{made.id}/roles", json=body, headers=bearer(made.manager)).status_code == 201


def test_the_roles_of_a_campaign_come_in_pages_newest_first(client: TestClient, made: Partnership) -> None:
    invite(client, made, range(3))
    with unit_of_work() as session:
        held = session.scalars(select(RoleGrant).where((RoleGrant.campaign_id == made.id) | (RoleGrant.brand_id == made.brand.id))).all()
        expected = [str(grant.id) for grant in sorted(held, key=lambda grant: grant.id, reverse=True)]
    assert pages(client, f"{API}/campaigns/{made.id}/roles", bearer(made.manager)) == expected
    assert client.get(f"{API}/campaigns/{made.id}/roles", headers=bearer(made.finance)).status_code == 403


def test_thirty_roles_tokens_or_facts_cost_as_many_statements_as_one(client: TestClient, made: Partnership) -> None:
    invite(client, made, range(1))
    manager = bearer(made.manager)
    lists = [f"{API}/campaigns/{made.id}/roles", f"{API}/tokens", f"{API}/campaigns/{made.id}/timeline"]
    client.get(f"{API}/me", headers=manager)  # the first use of a token is written down
    few = [statements(lambda path=path: client.get(path, headers=manager)) for path in lists]  # type: ignore[misc]
    invite(client, made, range(1, 30))
    many = [statements(lambda path=path: client.get(path, headers=manager)) for path in lists]  # type: ignore[misc]
    assert (many, [len(client.get(path, headers=manager).json()["items"]) for path in lists[:2]]) == (few, [30, 30])


def test_a_campaign_of_thirty_deliverables_costs_as_many_statements_as_one(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        large = factories.opened_call(session, (READER,) * 30, at=clock.business_now(session))
    few, many = (statements(lambda one=one: client.get(f"{API}/campaigns/{one.id}", headers=bearer(one.manager))) for one in (made, large))  # type: ignore[misc]
    assert few == many


def test_somebody_is_invited_once_under_the_sign_off_role_that_they_sign_with(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        ada = factories.administrator(session, made.brand.id)
    administrator = bearer(ada)
    path, manager = f"{API}/brands/{made.brand.id}/roles", bearer(made.manager)
    bare = client.post(path, json={"email": "yuki@zappos.example", "role": "signer"}, headers=administrator)
    assert (bare.status_code, bare.json()["field"]) == (400, "sign_off_role")
    body = {"email": "yuki@zappos.example", "role": "signer", "sign_off_role": "legal", "name": "Yuki Tanabe"}
    refused = client.post(path, json=body, headers=manager)
    assert (refused.status_code, refused.json()["field"]) == (403, "role")
    first, again = (client.post(path, json=body, headers=administrator).json() for _time in range(2))
    assert first == again
    staff = client.post(f"{API}/roles", json={"email": "odile@example.org", "role": "operator"}, headers=manager)
    assert (staff.status_code, staff.json()["code"]) == (403, "Forbidden")


def test_one_says_who_one_is_and_a_zone_or_country_that_does_not_exist_is_refused(client: TestClient) -> None:
    with unit_of_work() as session:
        known = factories.person(session)
    ana = bearer(known)
    profile = {"name": "Ana Quispe", "country": "PE", "locale": "en", "time_zone": "America/Lima", "shortcuts": False}
    said = client.put(f"{API}/me", json=profile, headers=ana).json()
    assert {name: said[name] for name in profile} == profile
    for field, value in (("time_zone", "Mars/Olympus"), ("country", "QX"), ("locale", "xx")):
        refused = client.put(f"{API}/me", json=profile | {field: value}, headers=ana)
        assert (refused.status_code, refused.json()["field"]) == (400, field)
    assert client.get(f"{API}/me", headers=ana).json() == said


def test_a_brand_is_there_for_those_who_work_for_it(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        other = Brand(name="Other", sign_off_roles=[])
        session.add(other)
        session.flush()
        stranger = someone(session, Role.APPROVER, on=Scope(brand_id=other.id))
    asked = [client.get(f"{API}/brands/{made.brand.id}", headers=bearer(who)) for who in (made.signers["legal"], made.manager, stranger)]
    assert [answer.status_code for answer in asked] == [200, 200, 404]
    assert (asked[0].json()["name"], asked[0].json()["sign_off_roles"]) == ("Zappos", ["marketing", "legal"])


def test_a_pause_and_its_end_are_the_managers_and_each_is_done_once(client: TestClient, made: Partnership) -> None:
    path, manager, why = f"{API}/campaigns/{made.id}", bearer(made.manager), {"reason": "The brand asked for a week."}
    assert client.post(f"{path}/pause", json=why, headers=bearer(made.finance)).status_code == 403
    paused = client.post(f"{path}/pause", json=why, headers=manager).json()
    assert (paused["id"], paused["paused_at"] is not None, paused["cancelled_at"], paused["done_at"]) == (str(made.id), True, None, None)
    shown = client.get(path, headers=manager).json()
    assert (shown["pause_reason"], shown["deliverables"][0]["waits"][0]["code"]) == (why["reason"], "paused")
    assert client.post(f"{path}/pause", json=why, headers=manager).status_code == 409
    assert client.post(f"{path}/resume", headers=manager).json()["paused_at"] is None
    assert client.post(f"{path}/resume", headers=manager).status_code == 409


def test_a_campaign_for_which_money_has_come_is_cancelled_by_two_people_one_of_whom_has_seen_what_it_does(
    client: TestClient, made: Partnership
) -> None:
    path, manager, finance = f"{API}/campaigns/{made.id}", bearer(made.manager), bearer(made.finance)
    why, asked = {"reason": "The brand asked for it."}, f"{API}/campaigns/{made.id}/cancellation"
    assert client.post(f"{path}/cancel", json=why, headers=manager).json()["cancelled_at"] is None
    shown = client.get(asked, headers=finance).json()
    assert (shown["takes_two"], shown["asked"]["name"], shown["asked"]["reason"]) == (True, made.manager.name, why["reason"])
    seen = {"preview": shown["preview"]}
    assert client.post(f"{asked}/confirmation", json=seen, headers=manager).status_code == 403
    assert client.post(f"{asked}/confirmation", json={"preview": "0" * 64}, headers=finance).status_code == 409
    assert client.get(path, headers=manager).json()["stage"] != "cancelled"
    assert client.post(f"{asked}/confirmation", json=seen, headers=finance).json()["cancelled_at"] is not None
    assert client.get(path, headers=manager).json()["stage"] == "cancelled"


def test_whoever_asked_for_a_cancellation_keeps_the_campaign_after_all(client: TestClient, made: Partnership) -> None:
    path, manager = f"{API}/campaigns/{made.id}", bearer(made.manager)
    client.post(f"{path}/cancel", json={"reason": "The brand asked for it."}, headers=manager)
    assert client.delete(f"{path}/cancellation", headers=manager).json()["cancelled_at"] is None
    assert client.get(f"{path}/cancellation", headers=manager).json()["asked"] is None
    assert client.delete(f"{path}/cancellation", headers=manager).status_code == 409


def test_a_close_without_a_zone_is_refused_and_sends_nothing_back(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        [deliverable] = deliverables_of(session, made.id)
        factories.came_into(session, deliverable, Stage.CURATION, at=clock.business_now(session))
        closes_at = clock.business_now(session) + timedelta(days=2)
    body = {
        "to": "collaboration",
        "visit": deliverable.visit,
        "reason": "One more door.",
        "closes_at": closes_at.replace(tzinfo=None).isoformat(),
    }
    path = f"{API}/deliverables/{deliverable.id}/send-back"
    refused = client.post(path, json=body, headers=bearer(made.manager))
    assert (refused.status_code, refused.json()["field"]) == (422, "closes_at")
    sent = client.post(path, json=body | {"closes_at": closes_at.isoformat()}, headers=bearer(made.manager)).json()
    assert (sent["stage"], sent["visit"]) == ("collaboration", deliverable.visit + 1)


def test_the_timeline_goes_back_page_by_page_and_is_for_those_who_run_the_campaign(client: TestClient, made: Partnership) -> None:
    path, manager = f"{API}/campaigns/{made.id}/timeline", bearer(made.manager)
    whole = client.get(path, headers=manager).json()
    assert (whole["next"], [fact["number"] for fact in whole["items"]]) == (None, list(range(len(whole["items"]), 0, -1)))
    facts = [client.get(path, params={"limit": 3} | at, headers=manager).json() for at in ({}, {"after": whole["items"][2]["number"]})]
    assert facts == [{"items": whole["items"][n : n + 3], "next": whole["items"][n + 2]["number"]} for n in (0, 3)]
    last = client.get(path, params={"after": 2}, headers=manager).json()
    assert (last, len({fact["hash"] for fact in whole["items"]})) == ({"items": whole["items"][-1:], "next": None}, len(whole["items"]))
    assert client.get(path, headers=bearer(made.signers["legal"])).status_code == 403


def test_the_clock_is_the_operators_and_stands_still_beside_a_real_provider(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        odile = someone(session, Role.OPERATOR)
    assert client.post(f"{API}/clock", json={"days": 1}, headers=bearer(made.manager)).status_code == 403
    still = client.post(f"{API}/clock", json={}, headers=bearer(odile))
    assert (still.status_code, still.json()["code"], client.get(f"{API}/clock").json()["ahead_seconds"]) == (409, "ClockFixed", 0)
    assert client.post(f"{API}/clock", json={"days": 1, "hours": 2}, headers=bearer(odile)).json()["ahead_seconds"] == 93_600


def test_a_gate_s_people_are_reminded_once_a_day_and_the_reminders_are_listed(client: TestClient) -> None:
    with unit_of_work() as session:
        made = factories.filled_brief(session, at=clock.business_now(session))
    address, manager = f"{API}/campaigns/{made.id}/reminders", bearer(made.manager)
    waits = client.get(f"{API}/campaigns/{made.id}", headers=manager).json()["deliverables"][0]["waits"]
    assert "unsigned:legal" in [wait["gate"] for wait in waits]
    keyed = {**manager, "Idempotency-Key": "remind legal"}
    (sent,) = client.post(address, json={"gate": "unsigned:legal"}, headers=keyed).json()["items"]
    assert (sent["person"], sent["by"]) == (str(made.signers["legal"].person), str(made.manager.person))
    assert client.post(address, json={"gate": "unsigned:legal"}, headers=keyed).json() == {"items": [sent]}
    again = client.post(address, json={"gate": "unsigned:legal"}, headers=manager)
    assert (again.status_code, again.json()["code"]) == (409, "RemindedToday")
    assert client.post(address, json={"gate": "uncovered"}, headers=manager).status_code == 201
    assert len(pages(client, address, manager)) == 3
    assert client.get(address, headers=bearer(made.signers["legal"])).status_code == 403


def test_a_role_is_taken_back(client: TestClient, made: Partnership) -> None:
    invite(client, made, range(1))
    address, manager = f"{API}/campaigns/{made.id}/roles", bearer(made.manager)
    role = client.get(address, headers=manager).json()["items"][0]
    assert client.delete(f"{address}/{role['id']}", headers=bearer(made.finance)).status_code == 403
    assert client.delete(f"{address}/{role['id']}", headers=manager).json()["person"] == role["person"]
    assert client.delete(f"{address}/{role['id']}", headers=manager).status_code == 404
    assert role["id"] not in [item["id"] for item in client.get(address, headers=manager).json()["items"]]

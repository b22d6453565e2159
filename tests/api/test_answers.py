"""What answers say beside their bodies: ids of requests, addresses of what was created, versions, heads."""

import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.answers import LOCATIONS, is_known, location, tag
from api.app import make_app
from api.door_log import API
from campaigns.core import tokens
from campaigns.core.logs import LogFormatter
from campaigns.core.permissions import Role
from tests.described import SPEC
from tests.factories import someone
from workers.transactions import unit_of_work

CREATING = {
    path.removeprefix(API)
    for path, methods in SPEC["paths"].items()
    for said in methods.values()
    if "201" in said["responses"] and "content" in said["responses"]["201"]
}


@pytest.fixture
def app(fresh_database: str) -> FastAPI:
    return make_app.__wrapped__()  # one of the test's own: it gets a route that breaks


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="https://testserver", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def manager(client: TestClient) -> dict[str, str]:
    with unit_of_work() as session:
        return {"Authorization": f"Bearer {tokens.issue_token(session, someone(session, Role.MANAGER).person, 'test')[1]}"}


@pytest.mark.parametrize("sent", ["a", "7f3c-22.x_Y", "A" * 64])
def test_a_request_keeps_the_id_that_its_caller_gave_it(client: TestClient, sent: str) -> None:
    assert client.get(f"{API}/clock", headers={"X-Request-Id": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["", "-a", "a b", "A" * 65, "a\tb", "ä".encode(), 'a"'])
def test_an_id_that_is_long_or_not_plain_is_replaced_by_one_of_ours(client: TestClient, sent: str | bytes) -> None:
    assert UUID(client.get(f"{API}/clock", headers={"X-Request-Id": sent}).headers["x-request-id"]).version == 7


@pytest.mark.parametrize("path", ["/", "/nowhere", f"{API}/me", f"{API}/nowhere", "/health", "/sign-in", f"{API}/openapi.json", "/broken"])
def test_every_answer_names_its_request_whatever_became_of_it(app: FastAPI, client: TestClient, path: str) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    names = [client.get(path, headers={"X-Request-Id": "mine"}).headers["x-request-id"], client.get(path).headers["x-request-id"]]
    assert (names[0], UUID(names[1]).version) == ("mine", 7)


def test_every_line_that_a_request_logs_names_it(app: FastAPI, client: TestClient) -> None:
    lines = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record).split("\n")[0])

    @app.get("/broken")
    def broken() -> None:
        logging.getLogger("callboard.api").error("within")
        raise ZeroDivisionError

    handler = Kept()
    handler.setFormatter(LogFormatter())
    logging.getLogger("callboard").addHandler(handler)
    try:
        client.get("/broken", headers={"X-Request-Id": "mine"})
        logging.getLogger("callboard.api").error("without")
    finally:
        logging.getLogger("callboard").removeHandler(handler)
    named = [line.partition(" ERROR ")[2].partition(":")[0] for line in lines]
    assert named == ["callboard.api [mine]", "callboard.api [mine]", "callboard.api"]


def test_every_route_that_creates_something_says_where_it_is() -> None:
    assert set(LOCATIONS) == CREATING
    readable = {path for path, methods in SPEC["paths"].items() if "get" in methods}
    named = {API + place.replace("{id}", "{}") for place in LOCATIONS.values()}
    shapes = {path.rpartition("/")[0] + "/{}" for path in readable if path.endswith("}")} | readable
    assert named <= shapes


def test_what_was_created_is_found_at_its_location(client: TestClient, manager: dict[str, str]) -> None:
    made = client.post(f"{API}/brands", headers=manager, json={"name": "Aurora"})
    assert (made.status_code, made.headers["location"]) == (201, f"{API}/brands/{made.json()['id']}")
    assert client.get(made.headers["location"], headers=manager).json() == made.json()


def test_an_answer_under_the_same_key_leads_to_the_same_place(client: TestClient, manager: dict[str, str]) -> None:
    keyed = manager | {"Idempotency-Key": "k"}
    first, again = (client.post(f"{API}/brands", headers=keyed, json={"name": "Aurora"}) for _time in range(2))
    assert (again.headers["idempotency-replayed"], again.headers["location"]) == ("true", first.headers["location"])


def test_what_a_path_names_goes_before_what_the_answer_names() -> None:
    assert location("/campaigns/{campaign_id}/roles", {"campaign_id": "c"}, {"id": "r", "campaign_id": "x"}) == f"{API}/campaigns/c/roles"


@pytest.mark.parametrize("path", ["/me", "/brands", "/brands/{brand}", "/openapi.json"])
def test_what_has_not_changed_is_answered_with_304_and_no_body(client: TestClient, manager: dict[str, str], path: str) -> None:
    brand = client.post(f"{API}/brands", headers=manager, json={"name": "Aurora"}).json()["id"]
    first = client.get(API + path.format(brand=brand), headers=manager)
    again = client.get(API + path.format(brand=brand), headers=manager | {"If-None-Match": f'"x", {first.headers["etag"]}'})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (again.headers["etag"], "content-type" in again.headers) == (first.headers["etag"], False)


def test_what_has_changed_is_answered_whole(client: TestClient, manager: dict[str, str]) -> None:
    before = client.get(f"{API}/brands", headers=manager).headers["etag"]
    made = client.post(f"{API}/brands", headers=manager, json={"name": "Aurora"}).json()
    answer = client.get(f"{API}/brands", headers=manager | {"If-None-Match": before})
    assert (answer.status_code, answer.json()["items"][0]["id"], answer.headers["etag"] != before) == (200, made["id"], True)


def test_one_tag_serves_to_ask_again_and_to_change(client: TestClient, manager: dict[str, str]) -> None:
    brand = client.post(f"{API}/brands", headers=manager, json={"name": "Aurora"}).json()["id"]
    seen = client.get(f"{API}/brands/{brand}", headers=manager).headers["etag"]
    changed = client.patch(f"{API}/brands/{brand}", headers=manager | {"If-Match": seen}, json={"name": "Boreal"})
    late = client.patch(f"{API}/brands/{brand}", headers=manager | {"If-Match": seen}, json={"name": "Corona"})
    assert (changed.status_code, late.status_code) == (200, 412)


def test_a_refusal_has_no_tag_and_is_never_304(client: TestClient) -> None:
    answer = client.get(f"{API}/me", headers={"If-None-Match": "*"})
    assert (answer.status_code, "etag" in answer.headers) == (401, False)


def test_a_tag_is_of_the_whole_body_and_a_strong_one_stays() -> None:
    assert (tag('"abc"', b"x"), tag('W/"3"', b"x") != tag('W/"3"', b"y")) == ('"abc"', True)
    assert tag('W/"3"', b"x").startswith('W/"3.')


TAGS = [("*", True), ('"a"', True), ('W/"a"', True), ('"b", W/"a"', True), ("", False), ('"aa"', False)]


@pytest.mark.parametrize(("sent", "known"), TAGS)
def test_a_tag_is_known_whether_weak_or_strong(sent: str, known: bool) -> None:
    assert is_known(sent, 'W/"a"') is known


@pytest.mark.parametrize("path", ["/", "/sign-in", "/health", f"{API}/calls", f"{API}/me", f"{API}/openapi.json", "/nowhere"])
def test_head_answers_as_get_does_without_a_body(client: TestClient, manager: dict[str, str], path: str) -> None:
    fixed = manager | {"X-Request-Id": "mine", "Accept-Encoding": "identity"}  # compressed, a key of a form changes the length
    got, head = client.get(path, headers=fixed), client.head(path, headers=fixed)
    assert (head.status_code, head.content, dict(head.headers)) == (got.status_code, b"", dict(got.headers))


def test_an_address_without_get_refuses_head(client: TestClient) -> None:
    answer = client.head(f"{API}/sign-in")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_the_methods_of_an_address_have_head_beside_get(client: TestClient) -> None:
    assert client.delete(f"{API}/me").headers["allow"] == "GET, HEAD, PUT"

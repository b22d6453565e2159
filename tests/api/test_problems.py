"""Whatever goes wrong is answered by a sentence, never by a traceback."""

import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.app import make_app
from api.bodies import LARGEST
from api.errors import Problem
from campaigns.core import tokens
from campaigns.core.people import Brand
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from tests.factories import someone
from workers.transactions import engine, unit_of_work

API = "/api/v1"


@pytest.fixture
def app(fresh_database: str) -> FastAPI:
    return make_app.__wrapped__()  # one of the test's own: it gets routes that break


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="https://testserver", raise_server_exceptions=False) as client:
        yield client


def manager() -> dict[str, str]:
    with unit_of_work() as session:
        return {"Authorization": f"Bearer {tokens.issue_token(session, someone(session, Role.MANAGER).person, 'test')[1]}"}


def brands() -> int:
    with unit_of_work() as session:
        return session.execute(select(func.count()).select_from(Brand)).scalar_one()


def test_an_address_that_does_not_exist_says_where_the_documentation_is(client: TestClient) -> None:
    answer = client.get(f"{API}/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:callboard:problem:NotServed",
        "title": "NotServed",
        "status": 404,
        "detail": "There is nothing at this address; the documentation is at /docs.",
        "code": "NotServed",
    }


def test_a_method_that_an_address_does_not_take_is_refused_with_those_that_it_does(client: TestClient) -> None:
    answer = client.delete(f"{API}/me")
    assert (answer.status_code, answer.json()["detail"]) == (405, "This address does not accept DELETE.")
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "HEAD", "PUT"}


def test_a_malformed_request_is_told_each_fault_and_its_field(client: TestClient) -> None:
    answer = client.post(f"{API}/brands", json={"sign_off_roles": "legal"}, headers=manager())
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (
        422,
        "application/problem+json",
        {
            "type": "urn:callboard:problem:Malformed",
            "title": "Malformed",
            "status": 422,
            "detail": "The request does not match the documentation. name: This field is required.",
            "code": "Malformed",
            "field": "name",
            "errors": [
                {"field": "name", "message": "This field is required."},
                {"field": "sign_off_roles", "message": "Enter a list."},
            ],
        },
    )


@pytest.mark.parametrize(("body", "status"), [(b"", 422), (b"{", 400), (b"[]", 422), (b"\xff", 400)])
def test_a_body_that_is_not_json_is_refused(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post(f"{API}/brands", content=body, headers=manager() | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"], brands()) == (status, "application/problem+json", 0)
    assert "body" in answer.json()["detail"]


@pytest.mark.parametrize("path", [f"{API}/sign-in", f"{API}/brands", "/webhooks/stripe"])
def test_a_request_that_is_too_large_is_refused(client: TestClient, path: str) -> None:
    answer = client.post(path, content=b" " * (LARGEST + 1), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["detail"] == "This request is too large or has too many parts; send files as an upload, in parts."


def test_a_text_that_no_database_can_hold_is_refused(client: TestClient) -> None:
    answer = client.post(f"{API}/brands", json={"name": "Zap\0pos"}, headers=manager())
    assert (answer.status_code, answer.json()["code"], brands()) == (400, "Unwritable", 0)


def test_a_fault_of_ours_is_in_the_log_under_the_number_that_the_answer_gives(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("a secret of ours")

    with caplog.at_level(logging.ERROR, "callboard.api"):
        answer = client.get("/broken")
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"], problem["code"]) == (500, "application/problem+json", "Broken")
    assert (problem["instance"] in problem["detail"], "secret" in answer.text, "Traceback" in answer.text) == (True, False, False)
    assert [(r.getMessage(), r.exc_info is not None) for r in caplog.records] == [(f"{problem['instance']}: GET /broken", True)]
    assert "content-security-policy" in answer.headers


def test_without_its_database_callboard_says_so_and_asks_to_be_tried_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    settings.cache_clear()
    engine.cache_clear()
    answers = [client.get(path) for path in ("/health", f"{API}/clock")]
    assert [(a.status_code, a.json()["code"], a.headers["retry-after"]) for a in answers] == [(503, "Unavailable", "5")] * 2
    assert "127.0.0.1" not in answers[0].text


def test_a_healthy_process_says_so(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "process": "api", "web_processes": 1}


def test_the_problem_in_the_documentation_is_the_one_that_is_sent(client: TestClient) -> None:
    sent = client.get(f"{API}/me").json()
    assert Problem.model_validate(sent).model_dump(exclude_none=True) == sent

"""Who works for the whole house: seen and appointed by operators alone."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from campaigns.core.db import unit_of_work
from campaigns.core.people import Actor, RoleGrant
from campaigns.core.permissions import Role
from tests.api.caller import caller, token_of
from tests.api.visiting import be, browser, seen, statements
from tests.factories import someone

ONCE = "0" * 32
FORM = {"email": "mara@example.org", "name": "Mara Lindqvist", "role": "manager", "once": ONCE, "_page": "/status/people"}


@pytest.fixture
def odile(fresh_database: str) -> Actor:
    with unit_of_work() as session:
        return someone(session, Role.OPERATOR, "Odile")


@pytest.fixture
def client(odile: Actor) -> Iterator[TestClient]:
    """The operator's browser."""
    with browser() as client:
        yield be(client, odile)


def grants() -> int:
    with unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(RoleGrant)) or 0


def test_an_operator_appoints_someone_who_then_stands_among_the_people_of_the_house(client: TestClient) -> None:
    done = client.post("/status/people", data=FORM)
    assert (done.status_code, done.headers["location"]) == (303, "/status/people")
    page = seen(client.get("/status/people"))
    assert [said in page for said in ("mara@example.org has the role now.", "<b>Mara Lindqvist</b>", "<b>Odile</b>")] == [True] * 3
    table = client.get("/status/people.csv").text.splitlines()
    assert [line.split(",")[:3] for line in table[:2]] == [["Name", "Address", "Role"], ["Mara Lindqvist", "mara@example.org", "manager"]]


def test_a_form_that_was_sent_twice_or_says_no_address_appoints_nobody_more(client: TestClient) -> None:
    assert [client.post("/status/people", data=FORM).status_code for _time in range(2)] == [303, 303]
    before = grants()
    again = client.post("/status/people", data=FORM | {"email": "nobody", "once": "1" * 32})
    assert (again.status_code, 'value="nobody"' in again.text, 'aria-invalid="true"' in again.text, grants()) == (422, True, True, before)


def test_only_an_operator_sees_the_house_and_appoints_to_it(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        others = [someone(session, Role.MANAGER), someone(session, Role.FINANCE)]
        tokens = [token_of(session, who) for who in (odile, *others)]
    before = grants()
    for other in others:
        be(client, other)
        assert [client.get(path).status_code for path in ("/status/people", "/status/people.csv")] == [403, 403]
        assert client.post("/status/people", data=FORM).status_code == 403
    assert grants() == before
    answers = [caller(token).get("/api/v1/roles") for token in tokens]
    assert [answer.status_code for answer in answers] == [200, 403, 403]
    assert [(item["name"], item["role"]) for item in answers[0].json()["items"]][-1] == ("Odile", "operator")


def test_thirty_people_cost_as_many_statements_as_one(client: TestClient) -> None:
    few = statements(lambda: client.get("/status/people"))
    with unit_of_work() as session:
        for _each in range(60):
            someone(session, Role.FINANCE)
    assert (statements(lambda: client.get("/status/people")), 'rel="next"' in client.get("/status/people").text) == (few, True)

"""Who is on staff: seen and appointed by operators alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from campaigns.brief.signatures.rules import choose_few_people
from campaigns.core import clock
from campaigns.core.appointing.actions import begin_due
from campaigns.core.appointing.models import Appointment
from campaigns.core.people import SYSTEM, Actor, RoleGrant
from campaigns.core.permissions import Role
from tests.api.caller import caller, token_of
from tests.api.visiting import be, browser, cells, seen, statements
from tests.factories import someone
from workers.transactions import unit_of_work

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
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in (RoleGrant, Appointment))


def test_an_operator_appoints_someone_whom_another_confirms_and_who_then_stands_among_the_staff(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        finance = someone(session, Role.FINANCE, "Femi")
    done = client.post("/status/people", data=FORM)
    place = done.headers["location"]
    assert (done.status_code, place.startswith("/appointments/")) == (303, True)
    page = seen(client.get(place))
    assert ["mara@example.org gets the role once" in page, "Confirm role" in page, "Another person must confirm this." in page] == [
        True,
        False,
        True,
    ]
    assert "Confirm role" in be(client, finance).get(place).text
    assert client.post(f"{place}/confirm").headers["location"] == place
    assert "Confirmed. The role becomes active on" in client.get(place).text
    with unit_of_work() as session:
        begin_due(session, at=clock.business_now(session) + timedelta(hours=73))
    page = seen(be(client, odile).get("/status/people"))
    assert ["<bdi>Mara Lindqvist</bdi>" in page, "<bdi>Odile</bdi>" in page] == [True, True]
    table = cells(client.get("/status/people.csv"))
    assert [row[:3] for row in table[:2]] == [["Name", "Address", "Role"], ["Mara Lindqvist", "mara@example.org", "manager"]]


def test_status_tells_for_good_who_was_appointed_by_one_alone_and_whether_there_are_people_enough(client: TestClient) -> None:
    client.post("/status/people", data=FORM | {"email": "femi@example.org", "name": "Femi", "role": "finance"})
    with unit_of_work() as session:
        choose_few_people(session, is_few=True, reason="We are three.", by=SYSTEM, at=clock.business_now(session))
        choose_few_people(session, is_few=False, reason="We are ten.", by=SYSTEM, at=clock.business_now(session))
    page = client.get("/status").text
    told = ("among the first two finance members", "We are three.", "We are ten.", "too few", "72 hours", "active from")
    assert [each in page for each in told] == [True] * len(told)


def test_a_form_that_was_sent_twice_or_says_no_address_appoints_nobody_more(client: TestClient) -> None:
    with unit_of_work() as session:
        someone(session, Role.FINANCE, "Femi")
    assert [client.post("/status/people", data=FORM).status_code for _time in range(2)] == [303, 303]
    before = grants()
    again = client.post("/status/people", data=FORM | {"email": "nobody", "once": "1" * 32})
    assert (again.status_code, 'value="nobody"' in again.text, 'aria-invalid="true"' in again.text, grants()) == (422, True, True, before)


def held(who: Actor) -> UUID:
    """The one role that someone holds."""
    with unit_of_work() as session:
        return session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == who.person)).one()


def test_a_role_on_staff_ends_at_once_and_the_last_operator_stays(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        other = someone(session, Role.OPERATOR, "Olga")
        token = token_of(session, other)
    assert caller(token).get("/api/v1/roles").status_code == 200
    asked = client.get("/status/people").text
    assert f'action="/status/people/{held(other)}/end"' in asked
    assert client.post(f"/status/people/{held(other)}/end").headers["location"] == "/status/people"
    assert (caller(token).get("/api/v1/roles").status_code, grants()) == (403, 1)
    refused = client.post(f"/status/people/{held(odile)}/end", data={"_page": "/status/people"})
    told = ["Callboard needs an operator" in refused.text, "<bdi>Odile</bdi>" in refused.text]
    assert (refused.status_code, told, grants()) == (409, [True, True], 1)


def test_of_two_operators_who_end_each_others_role_at_once_one_stays(odile: Actor) -> None:
    with unit_of_work() as session:
        other = someone(session, Role.OPERATOR, "Olga")
        tokens = {who: token_of(session, who) for who in (odile, other)}
    end = lambda by, whose: caller(tokens[by]).delete(f"/api/v1/roles/{held(whose)}").status_code  # noqa: E731
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(end, (odile, other), (other, odile)))
    assert (answers.count(200), grants()) == (1, 1)


def test_only_an_operator_sees_the_staff_and_appoints_to_it(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        others = [someone(session, Role.MANAGER), someone(session, Role.FINANCE)]
        tokens = [token_of(session, who) for who in (odile, *others)]
    before = grants()
    for other in others:
        be(client, other)
        assert [client.get(path).status_code for path in ("/status/people", "/status/people.csv")] == [403, 403]
        assert client.post("/status/people", data=FORM).status_code == 403
        assert client.post(f"/status/people/{held(odile)}/end").status_code == 403
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

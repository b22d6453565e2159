"""What one does with a notice: done with an email, off to a later day, back again; and never rid of what still waits."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from campaigns.brief.queries import written_brief
from campaigns.brief.signing import sign
from campaigns.core import clock
from campaigns.core.asides import PutAside
from campaigns.core.db import unit_of_work
from campaigns.core.people import Actor, Person
from campaigns.needs import needs, put_aside, snoozed
from tests import factories
from tests.api.test_everyone_pages import told
from tests.api.visiting import be, browser, make, statements
from tests.factories import Partnership, person

HERE = {"_page": "/notifications"}


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


@pytest.fixture
def made(client: TestClient) -> Partnership:
    return make(factories.filled_brief)


def today() -> date:
    with unit_of_work() as session:
        return clock.business_now(session).date()


def notices(page: Any) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="notice" value="([^"]+)"', page.text)))


def asides() -> int:
    with unit_of_work() as session:
        return len(session.scalars(select(PutAside)).all())


def test_an_email_that_one_is_done_with_stands_aside_until_it_is_brought_back(client: TestClient) -> None:
    with unit_of_work() as session:
        ana = person(session, "Ana")
    told(ana, 2)
    first, second = notices(be(client, ana).get("/notifications"))
    answer = client.post("/notifications/aside", data=HERE | {"notice": first})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications")
    page = client.get("/notifications")
    assert ("Archived." in page.text, notices(page)) == (True, [second])
    assert notices(client.get("/notifications/aside")) == [first]
    assert client.get("/notifications.csv").text.count("A new way to sign in was added") == 2
    client.post("/notifications/back", data={"_page": "/notifications/aside", "notice": first})
    assert (notices(client.get("/notifications")), notices(client.get("/notifications/aside"))) == ([first, second], [])


def test_what_waits_for_one_is_put_off_to_a_day_and_comes_back_by_itself(client: TestClient, made: Partnership) -> None:
    signer = made.signers["legal"]
    (notice,) = notices(be(client, signer).get("/notifications"))
    assert client.get("/notifications/count").json() == {"needed": 1}
    tomorrow = today() + timedelta(days=1)
    assert f'name="until" value="{tomorrow}"' in client.get("/notifications").text
    client.post("/notifications/aside", data=HERE | {"notice": notice, "until": str(tomorrow)})
    page = client.get("/notifications").text
    assert ("Snoozed until" in page, "Nothing needs your attention" in page) == (True, True)
    assert client.get("/notifications/count").json() == {"needed": 0}
    aside = client.get("/notifications/aside")
    assert (notices(aside), "Snoozed" in aside.text) == ([notice], True)
    with unit_of_work() as session:
        later = clock.business_now(session) + timedelta(days=2)
        assert [need.notice for need in needs(session, by=signer, at=later)] == [notice]


@pytest.mark.parametrize(
    ("days", "status", "code"), [(None, 409, "until it is done"), (0, 400, "from tomorrow to"), (31, 400, "thirty days")]
)
def test_what_still_waits_is_never_hidden_for_good(client: TestClient, made: Partnership, days: int | None, status: int, code: str) -> None:
    (notice,) = notices(be(client, made.signers["legal"]).get("/notifications"))
    until = {} if days is None else {"until": str(today() + timedelta(days=days))}
    answer = client.post("/notifications/aside", data=HERE | {"notice": notice, **until})
    assert (answer.status_code, code in answer.text, asides()) == (status, True, 0)


def test_what_waits_anew_is_shown_although_the_former_was_put_off(client: TestClient, made: Partnership) -> None:
    signer = made.signers["legal"]
    with unit_of_work() as session:
        at = clock.business_now(session)
        (need,) = needs(session, by=signer, at=at)
        assert need.since is not None
        put_aside(session, need.notice, at.date() + timedelta(days=20), by=signer, at=need.since - timedelta(hours=1))
        assert len(needs(session, by=signer, at=at)) == 1
        put_aside(session, need.notice, at.date() + timedelta(days=20), by=signer, at=need.since)
        assert (len(needs(session, by=signer, at=at)), len(snoozed(session, by=signer, at=at))) == (0, 1)


def test_what_is_done_is_gone_from_what_was_put_off(client: TestClient, made: Partnership) -> None:
    signer = made.signers["legal"]
    (notice,) = notices(be(client, signer).get("/notifications"))
    client.post("/notifications/aside", data=HERE | {"notice": notice, "until": str(today() + timedelta(days=1))})
    with unit_of_work() as session:
        at = clock.business_now(session)
        sign(session, made.id, "legal", written_brief(session, made.id).hash, by=signer, at=at)
    assert "The archive is empty" in client.get("/notifications/aside").text


def test_nobody_puts_aside_what_others_were_told(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        ana, ben = person(session, "Ana"), person(session, "Ben")
    told(ana)
    (email,) = notices(be(client, ana).get("/notifications"))
    (need,) = notices(be(client, made.signers["legal"]).get("/notifications"))
    be(client, ben)
    for notice in (email, need, "email x", "nonsense"):
        assert (
            client.post("/notifications/aside", data=HERE | {"notice": notice, "until": str(today() + timedelta(days=1))}).status_code
            == 404
        )
    assert asides() == 0


def test_a_day_begins_where_one_lives(client: TestClient, made: Partnership) -> None:
    signer = made.signers["legal"]
    with unit_of_work() as session:
        session.get_one(Person, signer.person).time_zone = "Pacific/Auckland"
        at = datetime.fromisoformat("2026-11-24T12:00:00+00:00")  # the 25th there
        (need,) = needs(session, by=signer, at=at)
        put_aside(session, need.notice, date(2026, 11, 26), by=signer, at=at)
        assert session.scalars(select(PutAside.until)).one() == datetime.fromisoformat("2026-11-26T07:00:00+13:00")


def test_thirty_notices_cost_as_many_statements_as_one(client: TestClient) -> None:
    with unit_of_work() as session:
        ana = person(session, "Ana")
    told(ana)
    be(client, ana)
    counted = []
    for more in (29, 0):
        for notice in notices(client.get("/notifications"))[:1]:
            client.post("/notifications/aside", data=HERE | {"notice": notice})
        client.get("/help")
        counted.append([statements(lambda path=path: client.get(path)) for path in ("/notifications", "/notifications/aside")])  # type: ignore[misc]  # bound at once
        told(ana, more)
    assert counted[0] == counted[1]


def test_whoever_earns_beside_a_role_finds_their_money_in_the_bar(client: TestClient, made: Partnership) -> None:
    def bar(who: Actor) -> list[str]:
        be(client, who).get("/notifications/count")
        rooms = re.search(r'<nav class="rooms".*?</nav>', client.get("/help").text, re.DOTALL)
        assert rooms is not None
        return re.findall(r'href="([^"]+)"', rooms[0])

    with unit_of_work() as session:
        at = clock.business_now(session)
        call = factories.opened_call(session, at=at)
        call = factories.opened_call(session, at=at)
        curator = factories.curator(session, call, "Cleo")
    assert bar(curator) == ["/desk", "/calls"]
    with unit_of_work() as session:
        factories.taking_part(session, call, curator, at=at)
    assert bar(curator) == ["/desk", "/calls", "/me/money"]

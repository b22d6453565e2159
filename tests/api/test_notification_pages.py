"""What one does with a notification: dismiss an email, snooze it to a later day, bring it back; and never rid of what still waits."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from campaigns.brief.queries import written_brief
from campaigns.brief.signatures.actions import sign
from campaigns.core import clock
from campaigns.core.dismissals import Dismissal
from campaigns.core.people import Actor, Person
from campaigns.oversight.needs import dismiss, needs, snoozed
from tests import factories
from tests.api.test_everyone_pages import told
from tests.api.visiting import be, browser, make, statements
from tests.factories import Partnership, person
from workers.transactions import unit_of_work

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


def notifications(page: Any) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="notification" value="([^"]+)"', page.text)))


def dismissals() -> int:
    with unit_of_work() as session:
        return len(session.scalars(select(Dismissal)).all())


def test_an_email_that_was_dismissed_is_in_the_archive_until_it_is_brought_back(client: TestClient) -> None:
    with unit_of_work() as session:
        ana = person(session, "Ana")
    told(ana, 2)
    first, second = notifications(be(client, ana).get("/notifications"))
    answer = client.post("/notifications/dismissed", data=HERE | {"notification": first})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications")
    page = client.get("/notifications")
    assert ("Archived." in page.text, notifications(page)) == (True, [second])
    assert notifications(client.get("/notifications/dismissed")) == [first]
    assert client.get("/notifications.csv").text.count("A new way to sign in was added") == 2
    client.post("/notifications/back", data={"_page": "/notifications/dismissed", "notification": first})
    assert (notifications(client.get("/notifications")), notifications(client.get("/notifications/dismissed"))) == ([first, second], [])


def test_what_waits_for_one_is_snoozed_to_a_day_and_comes_back_by_itself(client: TestClient, made: Partnership) -> None:
    signer = made.signers["legal"]
    (notification,) = notifications(be(client, signer).get("/notifications"))
    assert client.get("/notifications/count").json() == {"needed": 1}
    tomorrow = today() + timedelta(days=1)
    assert f'name="until" value="{tomorrow}"' in client.get("/notifications").text
    client.post("/notifications/dismissed", data=HERE | {"notification": notification, "until": str(tomorrow)})
    page = client.get("/notifications").text
    assert ("Snoozed until" in page, "Nothing needs your attention" in page) == (True, True)
    assert client.get("/notifications/count").json() == {"needed": 0}
    dismissed = client.get("/notifications/dismissed")
    assert (notifications(dismissed), "Snoozed" in dismissed.text) == ([notification], True)
    with unit_of_work() as session:
        later = clock.business_now(session) + timedelta(days=2)
        assert [need.notification for need in needs(session, by=signer, at=later)] == [notification]


@pytest.mark.parametrize(
    ("days", "status", "code"), [(None, 409, "until it is done"), (0, 400, "from tomorrow to"), (31, 400, "thirty days")]
)
def test_what_still_waits_is_never_hidden_for_good(client: TestClient, made: Partnership, days: int | None, status: int, code: str) -> None:
    (notification,) = notifications(be(client, made.signers["legal"]).get("/notifications"))
    until = {} if days is None else {"until": str(today() + timedelta(days=days))}
    answer = client.post("/notifications/dismissed", data=HERE | {"notification": notification, **until})
    assert (answer.status_code, code in answer.text, dismissals()) == (status, True, 0)


def test_what_waits_anew_is_shown_although_the_former_was_snoozed(client: TestClient, made: Partnership) -> None:
    signer = made.signers["legal"]
    with unit_of_work() as session:
        at = clock.business_now(session)
        (need,) = needs(session, by=signer, at=at)
        assert need.since is not None
        dismiss(session, need.notification, at.date() + timedelta(days=20), by=signer, at=need.since - timedelta(hours=1))
        assert len(needs(session, by=signer, at=at)) == 1
        dismiss(session, need.notification, at.date() + timedelta(days=20), by=signer, at=need.since)
        assert (len(needs(session, by=signer, at=at)), len(snoozed(session, by=signer, at=at))) == (0, 1)


def test_what_is_done_is_gone_from_what_was_snoozed(client: TestClient, made: Partnership) -> None:
    signer = made.signers["legal"]
    (notification,) = notifications(be(client, signer).get("/notifications"))
    client.post("/notifications/dismissed", data=HERE | {"notification": notification, "until": str(today() + timedelta(days=1))})
    with unit_of_work() as session:
        at = clock.business_now(session)
        sign(session, made.id, "legal", written_brief(session, made.id).hash, by=signer, at=at)
    assert "The archive is empty" in client.get("/notifications/dismissed").text


def test_nobody_dismisses_what_others_were_told(client: TestClient, made: Partnership) -> None:
    with unit_of_work() as session:
        ana, ben = person(session, "Ana"), person(session, "Ben")
    told(ana)
    (email,) = notifications(be(client, ana).get("/notifications"))
    (need,) = notifications(be(client, made.signers["legal"]).get("/notifications"))
    be(client, ben)
    for notification in (email, need, "email x", "nonsense"):
        assert (
            client.post(
                "/notifications/dismissed", data=HERE | {"notification": notification, "until": str(today() + timedelta(days=1))}
            ).status_code
            == 404
        )
    assert dismissals() == 0


def test_a_day_begins_where_one_lives(client: TestClient, made: Partnership) -> None:
    signer = made.signers["legal"]
    with unit_of_work() as session:
        session.get_one(Person, signer.person).time_zone = "Pacific/Auckland"
        at = datetime.fromisoformat("2026-11-24T12:00:00+00:00")  # the 25th there
        (need,) = needs(session, by=signer, at=at)
        dismiss(session, need.notification, date(2026, 11, 26), by=signer, at=at)
        assert session.scalars(select(Dismissal.until)).one() == datetime.fromisoformat("2026-11-26T07:00:00+13:00")


def test_thirty_notifications_cost_as_many_statements_as_one(client: TestClient) -> None:
    with unit_of_work() as session:
        ana = person(session, "Ana")
    told(ana)
    be(client, ana)
    counted = []
    for more in (29, 0):
        for notification in notifications(client.get("/notifications"))[:1]:
            client.post("/notifications/dismissed", data=HERE | {"notification": notification})
        client.get("/help")
        counted.append([statements(lambda path=path: client.get(path)) for path in ("/notifications", "/notifications/dismissed")])  # type: ignore[misc]  # bound at once
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

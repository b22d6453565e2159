"""The sandbox: its clock, being anyone, and that neither exists anywhere but at the machine that it runs on."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import COOKIE
from campaigns.core import access, clock
from campaigns.core.attention import keep_count
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.settings import settings
from tests.api.visiting import PAGE, fault, in_one_line, make, seen, statements, value_of
from tests.factories import contributed, opened_call, person, someone
from workers.transactions import unit_of_work

HERE = ("127.0.0.1", 50000)
PATHS = (("GET", "/sandbox"), ("POST", "/sandbox/clock"), ("POST", "/sandbox/be"))


def browser_at(url: str = "https://localhost", client: tuple[str, int] = HERE) -> TestClient:
    return TestClient(make_app(), base_url=url, headers=PAGE, follow_redirects=False, client=client)


@pytest.fixture
def here(fresh_database: str) -> Iterator[TestClient]:
    """A browser on the machine itself, with nobody signed in."""
    with browser_at() as client:
        yield client


def now() -> datetime:
    with unit_of_work() as session:
        return clock.business_now(session)


def ahead() -> timedelta:
    with unit_of_work() as session:
        return clock.offset(session)


def who(client: TestClient) -> UUID | None:
    with unit_of_work() as session:
        secret = client.cookies.get(COOKIE)
        return access.actor_of_session(session, secret).person_id if secret else None


def is_shut(client: TestClient, status: int = 403, headers: Mapping[str, str] | None = None) -> bool:
    """Whether nothing of the sandbox opens for this browser, and nothing came of asking."""
    typed = {"days": "14", "ahead": "0", "role": "operator"}
    answers = [client.request(method, path, data=typed, headers=headers) for method, path in PATHS]
    return all(answer.status_code == status and COOKIE not in answer.cookies for answer in answers) and ahead() == timedelta()


def test_there_is_no_sandbox_from_elsewhere_or_under_another_name(here: TestClient) -> None:
    with unit_of_work() as session:
        someone(session, Role.OPERATOR)
    elsewhere = ("203.0.113.9", 50000)
    names = ("callboard.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.7")
    assert all(is_shut(browser_at(f"https://{name}")) for name in names)
    assert is_shut(browser_at(client=elsewhere))
    assert here.get("/sandbox").status_code == 200


def test_there_is_no_sandbox_beside_a_real_provider_or_behind_a_public_name(here: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work() as session:
        someone(session, Role.OPERATOR)
    real = {"STRIPE_API_KEY": "sk_test_real", "SENDGRID_API_KEY": "SG.real", "CALLBOARD_PUBLIC_URL": "https://callboard.example"}
    for name, value in real.items():
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            settings.cache_clear()
            assert is_shut(here, 403 if name == "CALLBOARD_PUBLIC_URL" else 404), name
    settings.cache_clear()


@pytest.mark.parametrize(
    "said",
    [
        {"Via": "1.1 cache"}, {"Forwarded": "for=203.0.113.9"}, {"X-Forwarded-Host": "callboard.example"}, {"X-Real-IP": "203.0.113.9"},
        {"X-Forwarded-Proto": "https"}, {"Connection": "close"}, {"Referer": "https://callboard.example/me"},
        {"Origin": "https://callboard.example"}, {"Host": "callboard.example"}, {"Host": "203.0.113.1:8400"},
        {"X-Forwarded-Port": "443"}, {"X-Original-Host": "callboard.example"}, {"CF-Ray": "1"}, {"CDN-Loop": "edge"},
    ],
)  # fmt: skip
def test_a_proxy_that_was_told_nothing_of_us_opens_no_sandbox_to_the_world(here: TestClient, said: dict[str, str]) -> None:
    with unit_of_work() as session:
        someone(session, Role.OPERATOR)
    assert is_shut(here, headers=said)


@pytest.mark.parametrize(
    "said",
    [
        {"Connection": ""}, {"Connection": "upgrade"}, {"Host": "localhost:8400"}, {"Host": "localhost:80"}, {"Host": "localhost:none"},
        {"Origin": "https://localhost:9000"}, {"Referer": "https://localhost:9000/calls"}, {"Referer": "https://127.0.0.1/calls"},
    ],
)  # fmt: skip
def test_a_proxy_that_writes_our_own_name_and_keeps_its_line_opens_no_sandbox_as_far_as_it_can_be_seen(
    here: TestClient, said: dict[str, str]
) -> None:
    with unit_of_work() as session:
        someone(session, Role.OPERATOR)
    assert is_shut(here, headers=said)


def test_a_page_of_ours_that_a_link_in_the_mailbox_led_to_has_the_sandboxs_buttons(here: TestClient) -> None:
    page = seen(here.get("/calls", headers={"Referer": "http://localhost:8422/", "Sec-Fetch-Site": "same-site"}))
    assert "Skip ahead two weeks" in page
    assert here.get("/sandbox", headers={"Origin": "https://localhost", "Referer": "https://localhost/calls"}).status_code == 200


def test_whoever_meets_a_shut_sandbox_reads_what_opens_it(here: TestClient) -> None:
    own = settings().public_url
    assert f"The sandbox opens only on the machine that it runs on, at {own}." in browser_at("https://10.0.0.7").get("/sandbox").text
    assert "set CALLBOARD_PUBLIC_URL to the address that the proxy serves" in here.get("/sandbox", headers={"Via": "1.1 cache"}).text


def test_another_site_neither_moves_the_clock_nor_signs_anyone_in(here: TestClient) -> None:
    with unit_of_work() as session:
        someone(session, Role.OPERATOR)
    typed = {"days": "14", "ahead": "0", "role": "operator"}
    answers = [here.post(path, data=typed, headers={"Sec-Fetch-Site": "cross-site"}) for path in ("/sandbox/clock", "/sandbox/be")]
    assert [(answer.status_code, COOKIE in answer.cookies) for answer in answers] == [(403, False)] * 2
    assert ahead() == timedelta()


def test_the_bar_is_on_every_page_and_its_buttons_at_the_machine_only(here: TestClient) -> None:
    away = browser_at("https://callboard.example")
    for path in ("/calls", "/help", "/sign-in", "/sign-in/secret"):
        assert [("<b>Sandbox</b>" in page, "Skip ahead two weeks" in page) for page in (seen(here.get(path)), seen(away.get(path)))] == [
            (True, True),
            (True, False),
        ]


def test_two_weeks_on_from_any_page_and_back_to_it(here: TestClient) -> None:
    page = here.get("/calls").text
    answer = here.post("/sandbox/clock", data={"days": 14, "ahead": value_of(page, "ahead"), "_page": "/calls?q=1"})
    assert (answer.status_code, answer.headers["location"], ahead()) == (303, "/calls?q=1", timedelta(days=14))
    assert "sandbox time" in seen(here.get("/calls"))


def test_a_page_moves_the_clock_once_however_often_it_is_sent(here: TestClient) -> None:
    typed = {"days": 14, "ahead": value_of(here.get("/sandbox").text, "ahead")}
    answers = [here.post("/sandbox/clock", data=typed).status_code for _again in range(3)]
    assert (answers, ahead()) == ([303, 303, 303], timedelta(days=14))
    assert "has not been moved again" in seen(here.get("/sandbox"))


def test_the_clock_goes_on_to_a_moment_in_the_readers_zone(here: TestClient) -> None:
    there = (now() + timedelta(days=3)).replace(microsecond=0)
    here.post("/sandbox/clock", data={"until": f"{there:%Y-%m-%dT%H:%M}", "ahead": 0})
    assert abs(now() - there) < timedelta(minutes=2)


def test_the_clock_never_goes_back_nor_further_than_it_may(here: TestClient) -> None:
    sentence = "Choose a time in the future, within 400 days."
    for days in (-1, 0, 401):
        typed = f"{now() + timedelta(days=days):%Y-%m-%dT%H:%M}"
        answer = here.post("/sandbox/clock", data={"until": typed, "ahead": 0, "_page": "/sandbox"})
        assert (answer.status_code, fault(answer.text, "until"), f'value="{typed}"' in answer.text) == (400, sentence, True)
    assert ahead() == timedelta()


def test_it_leads_to_pages_of_ours_only(here: TestClient) -> None:
    answer = here.post("/sandbox/clock", data={"days": 1, "ahead": 0, "_page": "//evil.example"})
    assert answer.headers["location"] == "/sandbox"


def test_one_is_anyone_in_one_click_and_the_session_before_ends(here: TestClient) -> None:
    with unit_of_work() as session:
        mara, ana = someone(session, Role.MANAGER, "Mara"), person(session, "Ana")
    answer = here.post("/sandbox/be", data={"person": str(mara.person)})
    old = here.cookies[COOKIE]
    assert (answer.headers["location"], who(here)) == ("/", mara.person)
    here.post("/sandbox/be", data={"person": str(ana.person)})
    assert who(here) == ana.person
    assert "You are now Ana." in seen(here.get("/calls"))
    here.cookies.clear()
    here.cookies.set(COOKIE, old)
    assert here.get("/me").status_code == 303


def test_a_role_stands_for_whom_most_waits_for(here: TestClient) -> None:
    with unit_of_work() as session:
        _idle, busy = (someone(session, Role.FINANCE, name) for name in ("Ida", "Bea"))
        keep_count(session, busy.person, 3, earns=False)
    here.post("/sandbox/be", data={"role": "finance"})
    assert who(here) == busy.person


def test_nobody_is_signed_in_as_somebody_who_is_not_there(here: TestClient) -> None:
    tries: tuple[dict[str, str], ...] = ({"role": "curator"}, {"person": str(new_id())}, {})
    assert [(here.post("/sandbox/be", data=typed).status_code, who(here)) for typed in tries] == [(404, None)] * 3


def test_everyone_stands_under_their_role_with_where_they_hold_it(here: TestClient) -> None:
    made = make(opened_call, title="Doors at dusk")
    with unit_of_work() as session:
        contributed(session, made, person(session, "Imani"), at=clock.business_now(session))
        keep_count(session, made.manager.person, 4, earns=False)
    page = seen(here.get("/sandbox"))
    of_roles = re.findall(r'<h3 id="part-\w+">([^<]*)</h3>', page)
    assert of_roles == ["Partnership manager", "Brand client who signs", "Finance", "Artist"]
    assert ("4 waiting" in page, "1 contribution" in page, "Doors at dusk" in page) == (True, True, True)


def test_someone_is_found_by_a_part_of_their_name_and_nobody_by_a_wildcard(here: TestClient) -> None:
    with unit_of_work() as session:
        person(session, "Ploy Srisawat")
        person(session, "Somebody Else")
    found, wild = seen(here.get("/sandbox?q=sris")), seen(here.get("/sandbox?q=%25"))
    assert ("Ploy Srisawat" in found, "Somebody Else" in found, "No results" in wild) == (True, False, True)


def test_a_name_never_runs(here: TestClient) -> None:
    with unit_of_work() as session:
        someone(session, Role.OPERATOR, "<script>alert(1)</script>")
    assert "<script>alert" not in in_one_line(here.get("/sandbox"))


def test_the_clock_goes_on_to_just_after_what_falls_due_next(here: TestClient) -> None:
    make(opened_call, title="Doors at dusk")
    page = seen(here.get("/sandbox"))
    assert "The call closes." in page
    until = re.search(r'name="until" value="(\d[^"]*:00\+00:00|\d[^"]*\+[^"]*)"', page)
    assert until is not None
    here.post("/sandbox/clock", data={"until": until[1], "ahead": 0})
    assert abs(now() - datetime.fromisoformat(until[1])) < timedelta(minutes=1)


def test_thirty_people_cost_as_many_statements_as_one(here: TestClient) -> None:
    def add(count: int) -> None:
        for number in range(count):
            made = make(opened_call, title=f"Doors {number}")
            with unit_of_work() as session:
                someone(session, Role.CURATOR)
                contributed(session, made, person(session), at=clock.business_now(session))

    add(1)
    few = statements(lambda: here.get("/sandbox"))
    add(6)
    assert statements(lambda: here.get("/sandbox")) == few


def test_whoever_is_in_two_places_stands_once_with_both(here: TestClient) -> None:
    with unit_of_work() as session:
        at = clock.business_now(session)
        first = opened_call(session, at=at, title="A first call")
        second = opened_call(session, at=at, title="B second call")
        curator = someone(session, Role.CURATOR, "Chidi", on=Scope(campaign_id=first.id))
        grant_role(session, curator.person, Role.CURATOR, on=Scope(campaign_id=second.id), by=SYSTEM)
    page = seen(here.get("/sandbox?q=chidi"))
    assert "A first call and 1 more" in page

"""Sign-in links guessed, used twice, opened by a mail scanner or too late; sessions planted before a sign-in, or stolen."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient

from api.deps import COOKIE
from campaigns.core import access, clock
from campaigns.core.factors import codes
from campaigns.core.people import Actor
from campaigns.core.settings import settings
from campaigns.core.throttle import Rate
from tests import factories
from tests.api.visiting import be, browser
from workers.transactions import unit_of_work

ME = "/api/v1/me"


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


@pytest.fixture
def ana(fresh_database: str) -> Actor:
    with unit_of_work() as session:
        return factories.person(session, "Ana")


def link_for(who: Actor) -> str:
    with unit_of_work() as session:
        return f"/sign-in/{access.make_link(session, who.person)}"


def is_let_in(client: TestClient, cookie: str) -> bool:
    client.cookies.clear()
    client.cookies.set(COOKIE, cookie)
    status: int = client.get(ME).status_code
    return status == 200


def guess(client: TestClient, number: int) -> int:
    """A guess at a link, at the page or at the API."""
    if number % 2:
        return int(client.post(f"/sign-in/{number:043}").status_code)
    return int(client.post("/api/v1/sign-in/token", json={"secret": f"{number:043}"}).status_code)


def test_who_guesses_at_links_is_stopped_and_a_right_one_is_not_seen_among_the_wrong(
    client: TestClient, ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "LINKS_FROM_ONE_PLACE", Rate(burst=6, every=access.LINKS_FROM_ONE_PLACE.every))
    right = link_for(ana)
    assert [guess(client, number) for number in range(8)] == [401, 303] * 3 + [429, 429]
    assert (client.post(right).status_code, COOKIE in client.cookies) == (429, False)


def test_a_link_has_as_many_values_as_nobody_can_try(ana: Actor) -> None:
    secrets = {link_for(ana).rpartition("/")[2] for _ in range(50)}
    assert (len(secrets), {len(secret) for secret in secrets}) == (50, {43})


def test_a_mail_scanner_that_opens_a_link_however_often_does_not_spend_it(client: TestClient, ana: Actor) -> None:
    link = link_for(ana)
    for method in ("GET", "HEAD", "GET", "OPTIONS"):
        client.request(method, link, headers={"User-Agent": "MailScanner", "Sec-Fetch-Site": "none"})
    # One that runs the page's scripts in a sandbox of its own posts from nowhere.
    assert client.post(link, headers={"Sec-Fetch-Site": "cross-site", "Origin": "null"}).status_code == 403
    assert (client.post(link).headers["location"], client.get(ME).status_code) == ("/", 200)


def test_a_link_lets_nobody_in_twice_whichever_door_it_was_spent_at(client: TestClient, ana: Actor) -> None:
    for spent, tried in (("page", "api"), ("api", "page")):
        link = link_for(ana)
        doors = {
            "page": lambda link=link: client.post(link),
            "api": lambda link=link: client.post("/api/v1/sign-in/token", json={"secret": link.rpartition("/")[2]}),
        }
        assert doors[spent]().status_code in (201, 303)
        client.cookies.clear()
        again = doors[tried]()
        assert (again.status_code in (401, 303), "set-cookie" in again.headers, "secret" in again.text) == (True, False, False)
        assert again.headers.get("location", "/sign-in") == "/sign-in"


def test_a_link_that_came_too_late_lets_nobody_in(client: TestClient, ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    link, later = link_for(ana), clock.process_now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr(clock, "process_now", lambda: later)
    answer = client.post(link)
    assert (answer.headers["location"], COOKIE in client.cookies) == ("/sign-in", False)


@pytest.mark.parametrize("is_somebodys", [False, True], ids=["made up", "a stranger's own"])
def test_a_cookie_planted_before_the_sign_in_is_worth_nothing_after_it(client: TestClient, ana: Actor, is_somebodys: bool) -> None:
    with unit_of_work() as session:
        planted = access.open_session(session, factories.person(session, "Mallory").person) if is_somebodys else "A" * 43
    client.cookies.set(COOKIE, planted)
    given = client.post(link_for(ana)).cookies[COOKIE]
    assert (given != planted, is_let_in(client, given), client.get(ME).json()["name"]) == (True, True, "Ana")
    assert not is_let_in(client, planted)


def test_a_stolen_cookie_opens_nothing_once_its_owner_has_signed_out_or_ended_all_others(client: TestClient, ana: Actor) -> None:
    be(client, ana)
    stolen = client.cookies[COOKIE]
    client.post("/sign-out")
    assert not is_let_in(client, stolen)
    client.cookies.clear()
    with unit_of_work() as session:
        stolen = access.open_session(session, ana.person)
    be(client, ana)
    own = client.cookies[COOKIE]
    assert client.post("/me/sessions/others/end").status_code == 303
    assert (is_let_in(client, own), is_let_in(client, stolen)) == (True, False)


def test_a_cookie_stolen_before_its_owner_proved_themselves_is_no_proven_one(client: TestClient, ana: Actor) -> None:
    client.post(link_for(ana))
    stolen = client.cookies[COOKIE]
    client.post("/me/sign-in/app", data={})
    key = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', client.get("/me/sign-in/app").text)
    assert key is not None
    app = pyotp.TOTP(key[1].replace(" ", ""))
    client.post("/me/sign-in/app/confirm", data={"code": app.at(clock.process_now(), counter_offset=-1), "_page": "/me/sign-in/app"})
    assert client.post("/prove", data={"code": app.now(), "then": "/"}).status_code == 400  # too new to prove anything
    with unit_of_work() as session:
        assert not access.actor_of_session(session, client.cookies[COOKIE]).is_proven
        clock.move_clock(session, timedelta(hours=72, minutes=1))
    assert client.post("/prove", data={"code": app.now(), "then": "/"}).status_code == 303
    proven = client.cookies[COOKIE]
    later = app.at(for_time=clock.process_now(), counter_offset=1)
    assert client.post("/prove", data={"code": later, "then": "/"}).status_code == 303
    proven_again = client.cookies[COOKIE]
    assert [is_let_in(client, cookie) for cookie in (stolen, proven, proven_again)] == [False, False, True]
    with unit_of_work() as session:
        assert access.actor_of_session(session, proven_again).is_proven


@pytest.fixture
def app(ana: Actor) -> pyotp.TOTP:
    """Ana's app, which shows codes that count."""
    with unit_of_work() as session:
        app = pyotp.parse_uri(codes.begin(session, by=ana, at=factories.NOW))
        assert isinstance(app, pyotp.TOTP)
        codes.confirm(session, app.at(clock.process_now(), counter_offset=-1), by=ana, at=factories.NOW)
        clock.move_clock(session, timedelta(days=400))
    return app


@pytest.fixture
def real_money(client: TestClient, app: pyotp.TOTP, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation with a live key."""
    with monkeypatch.context() as patch:
        patch.setattr(clock, "offset", lambda _session: timedelta(days=400))
        patch.setenv("STRIPE_API_KEY", "sk_live_1234")
        settings.cache_clear()
        yield
    settings.cache_clear()


def token_asked(client: TestClient, ana: Actor, **further: str) -> tuple[int, str | None]:
    answer = client.post("/api/v1/sign-in/token", json={"secret": link_for(ana).rpartition("/")[2], **further})
    return answer.status_code, answer.json().get("code")


def test_where_money_is_real_a_stolen_link_alone_is_no_token(client: TestClient, ana: Actor, app: pyotp.TOTP, real_money: None) -> None:
    assert token_asked(client, ana) == (403, "ProofNeeded")
    assert token_asked(client, ana, code="000000") == (400, "WrongProof")
    assert token_asked(client, ana, code=app.now()) == (201, None)


def test_where_money_is_real_codes_are_not_guessed_beside_a_stolen_link(client: TestClient, ana: Actor, real_money: None) -> None:
    assert [token_asked(client, ana, code="000000")[0] for _ in range(10)] == [400] * 8 + [429] * 2


def test_no_answer_but_the_cookie_itself_says_a_sessions_secret(client: TestClient, ana: Actor) -> None:
    be(client, ana)
    secret = client.cookies[COOKIE]
    said = [client.get(path).text for path in ("/me/sessions", "/me", "/me/sign-in", ME, "/api/v1/tokens")]
    assert [page for page in said if secret in page] == []

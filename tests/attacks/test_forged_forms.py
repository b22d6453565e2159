"""A form that another site fills in: refused with or without the cookie, and none of its words ever stands in a form of ours."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import COOKIE
from api.same_origin import FROM_OUTSIDE
from campaigns.core.people import Actor
from tests import factories
from tests.api.caller import token_of
from tests.api.test_bad_input import everything
from tests.api.visiting import PAGE, be, browser
from tests.attacks.routes import changes, filled
from workers.transactions import unit_of_work

API = "/api/v1"
EVIL = "mallory@evil.example"
STRANGE = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
NEIGHBOUR = {"Accept": "text/html", "Sec-Fetch-Site": "same-site", "Origin": "http://localhost:9999"}
SAYS_NOTHING = {"Accept": "text/html"}
FORGED = {
    "email": EVIL,
    "role": "finance",
    "name": f"{EVIL} of ours",
    "once": "0" * 32,
    "_page": "/staff",
    "reason": f"for {EVIL} and us",
}
KINDS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "text/plain;application/json")


@pytest.fixture
def ana(fresh_database: str) -> Actor:
    with unit_of_work() as session:
        return factories.person(session, "Ana")


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


def from_elsewhere(says: dict[str, str], cookie: str | None = None) -> TestClient:
    """A browser in which another site's page asks."""
    cookies = {COOKIE: cookie} if cookie else {}
    return TestClient(make_app(), base_url="https://testserver", headers=says, cookies=cookies, follow_redirects=False)


def changes_by_page() -> list[str]:
    """Where every form goes, but those to which one comes from outside by right."""
    return [path for method, path in changes() if method == "POST" and not path.startswith((API, *FROM_OUTSIDE))]


@pytest.mark.parametrize("says", [STRANGE, NEIGHBOUR, SAYS_NOTHING], ids=["another site", "a neighbour", "nobody knows"])
def test_a_form_of_another_site_is_refused_without_a_cookie_too_and_its_words_are_kept_nowhere(ana: Actor, says: dict[str, str]) -> None:
    other, before = from_elsewhere(says), everything()
    for path in changes_by_page():
        answer = other.post(filled(path), data=FORGED)
        assert (path, answer.status_code, EVIL in answer.text) == (path, 403, False)
    assert everything() == before


def test_a_form_that_a_neighbour_fills_in_beside_our_cookie_comes_back_on_no_page_of_ours(client: TestClient, ana: Actor) -> None:
    be(client, ana)
    other = from_elsewhere(NEIGHBOUR, client.cookies[COOKIE])
    for page in ("/me", "/sign-in", "/notifications"):
        answer = other.post("/me", data=FORGED | {"_page": page})
        assert (page, answer.status_code, EVIL in answer.text, "<form" in answer.text) == (page, 403, False, False)


def test_a_form_of_our_own_page_is_kept_while_one_signs_in_again(client: TestClient) -> None:
    answer = client.post("/me", data={"name": "Ana of the lanterns"})
    assert (answer.status_code, re.search(r'type="hidden" name="name" value="Ana of the lanterns"', answer.text) is not None) == (401, True)


@pytest.mark.parametrize("shown", ["Basic YTpi", "Bearer", "Bearer cb_live_made_up", "Digest x", "bearer  ", ""])
def test_an_authorization_that_is_no_token_of_ours_switches_nothing_off(client: TestClient, ana: Actor, shown: str) -> None:
    be(client, ana)
    for cookie in (None, client.cookies[COOKIE]):
        for says in (STRANGE, NEIGHBOUR, SAYS_NOTHING):
            other, before = from_elsewhere(says | {"Authorization": shown}, cookie), everything()
            for path in ("/me", "/sign-out", "/sign-in", "/me/sessions/others/end"):
                assert (path, other.post(path, data=FORGED).status_code) == (path, 403)
            assert everything() == before


def test_what_ends_no_session_for_a_form_ends_none_for_the_api(client: TestClient, ana: Actor) -> None:
    be(client, ana)
    for says in (STRANGE, SAYS_NOTHING):
        other, before = from_elsewhere(says | {"Authorization": "Basic YTpi"}, client.cookies[COOKIE]), everything()
        answer = other.put(f"{API}/me", json={"name": "Mallory"})
        assert (answer.status_code, answer.json()["code"], everything() == before) == (403, "CrossSite", True)


@pytest.mark.parametrize("kind", [*KINDS, None], ids=[*KINDS, "no kind"])
def test_no_form_passes_as_json_at_the_apis_door(fresh_database: str, kind: str | None) -> None:
    before, body = everything(), b'{"email": "ben@example.org"}'
    for says in (STRANGE, {"Origin": "null"}, {"Sec-Fetch-Site": "none"}):
        answer = from_elsewhere(says | ({"Content-Type": kind} if kind else {})).post(f"{API}/sign-in", content=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "CrossSite")
    plain = from_elsewhere({"Content-Type": kind} if kind else {}).post(f"{API}/sign-in", content=body)
    assert plain.status_code == (403 if kind else 422)
    assert everything() == before


def test_a_program_signs_in_with_json_and_acts_with_its_token_alone(ana: Actor) -> None:
    program = from_elsewhere({})
    assert program.post(f"{API}/sign-in", json={"email": "ben@example.org"}).status_code == 202
    assert program.put(f"{API}/me", json={"name": "Ana"}).status_code == 401
    with unit_of_work() as session:
        bearer = {"Authorization": f"Bearer {token_of(session, ana)}"}
    assert program.put(f"{API}/me", json={"name": "Ana Q."}, headers=bearer).status_code == 200
    assert program.post("/me", data={"name": "Ana", "country": "", "locale": "en", "time_zone": "UTC"}, headers=bearer).status_code == 303


def test_only_providers_and_the_one_click_of_an_email_come_from_outside() -> None:
    outside = sorted(path for _method, path in changes() if path.startswith(FROM_OUTSIDE))
    assert outside == ["/unsubscribe/{token}", "/webhooks/sendgrid", "/webhooks/stripe", "/webhooks/stripe/connect"]
    assert PAGE["Sec-Fetch-Site"] == "same-origin"

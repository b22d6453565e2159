"""What another site can have a signed-in browser do: nothing; nor can an address, or a header, lead anyone to it."""

from collections.abc import Callable, Iterator
from urllib.parse import quote, urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from api.app import make_app
from api.deps import COOKIE
from api.problem_pages import NEXT, own_address
from campaigns.core import access, outbox
from campaigns.core.emails import Email
from campaigns.core.people import Actor
from campaigns.core.settings import settings
from tests import factories
from tests.api.test_bad_input import everything
from tests.api.visiting import PAGE, be
from tests.attacks.routes import changes, filled, routes
from workers.emails.announce import announce
from workers.transactions import unit_of_work

EVIL = "evil.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PROFILE = {"name": "", "country": "", "locale": "en", "time_zone": "UTC"}
OTHER_SITE = {
    "a form of another site": {"Sec-Fetch-Site": "cross-site", "Origin": f"https://{EVIL}"},
    "a neighbour of ours": {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:9999"},
    "an address typed by hand": {"Sec-Fetch-Site": "none"},
    "a sandboxed frame": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "an old browser": {"Origin": f"https://{EVIL}"},
    "an old browser, at our name within theirs": {"Origin": f"http://localhost:8400.{EVIL}"},
    "an old browser that says nothing": {"Referer": "http://localhost:8400/"},
    "two answers": {"Sec-Fetch-Site": "same-origin, cross-site"},
}
NAMED = {
    "its host": {"Host": EVIL},
    "what a proxy would add": {
        "X-Forwarded-Host": EVIL, "X-Forwarded-Proto": EVIL, "Forwarded": f"host={EVIL}", "X-Original-URL": f"//{EVIL}/", "X-Host": EVIL,
    },
}  # fmt: skip
ELSEWHERE = (
    f"//{EVIL}",
    f"///{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"/\t/{EVIL}",
    f"/\n/{EVIL}",
    f"https:{EVIL}",
    f"https://{EVIL}/me",
    f"HTTPS:/{EVIL}",
    f"//{EVIL}/%2e%2e",
    f"%2F%2F{EVIL}",
    f"/%2F/{EVIL}",
    f"/%5C{EVIL}",
    f"/%09/{EVIL}",
    f"/.//{EVIL}",
    f"/;@{EVIL}",
    f"@{EVIL}",
    f".{EVIL}",
    "javascript:alert(1)",
    "data:text/html,x",
    f"/me\r\nSet-Cookie: {COOKIE}=x",
    f"/me\u2028//{EVIL}",
)


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    """A browser on Callboard's own machine, to which even the sandbox is open."""
    at_home = {"base_url": "https://localhost", "client": ("127.0.0.1", 50_000)}
    with TestClient(make_app(), headers=PAGE, follow_redirects=False, **at_home) as client:  # type: ignore[arg-type]
        yield client


@pytest.fixture
def ana(client: TestClient) -> Actor:
    with unit_of_work() as session:
        who = factories.person(session, "Ana")
    be(client, who)
    return who


def leads_here(location: str | None) -> bool:
    """Whether a browser that is sent to this address stays with us, however it mends the address."""
    mended = (location or "/").replace("\\", "/").replace("\t", "").replace("\n", "")
    return urlsplit(urljoin("http://localhost:8400/a/b", mended)).netloc == "localhost:8400"


def from_elsewhere(client: TestClient, says: dict[str, str]) -> TestClient:
    """The same browser as another site's page has it ask."""
    cookies = {COOKIE: client.cookies[COOKIE]}
    return TestClient(make_app(), base_url="https://localhost", cookies=cookies, headers=FORM | says, follow_redirects=False)


def told(client: TestClient, method: str, path: str) -> tuple[int, str]:
    answer = client.request(method, filled(path))
    return answer.status_code, answer.json()["code"]


def test_no_route_changes_anything_at_another_sites_wish(client: TestClient, ana: Actor) -> None:
    other, before = from_elsewhere(client, OTHER_SITE["a form of another site"]), everything()
    answers = {asked: told(other, *asked) for asked in changes()}
    assert len(answers) > 150
    from_outside = {asked: said for asked, said in answers.items() if said != (403, "CrossSite")}
    assert {path: said for (_method, path), said in from_outside.items()} == {
        "/unsubscribe/{token}": (404, "NotFound"),
        "/webhooks/sendgrid": (400, "UnsignedWebhook"),
        "/webhooks/stripe": (400, "UnsignedWebhook"),
        "/webhooks/stripe/connect": (400, "UnsignedWebhook"),
    }
    assert everything() == before


@pytest.mark.parametrize("says", OTHER_SITE.values(), ids=OTHER_SITE)
def test_whatever_a_browser_says_of_another_site_its_cookie_does_not_count(client: TestClient, ana: Actor, says: dict[str, str]) -> None:
    other, before = from_elsewhere(client, says), everything()
    for method, path in (("PUT", "/api/v1/me"), ("POST", "/me"), ("POST", "/sign-out"), ("DELETE", "/api/v1/tokens/{token_id}")):
        assert told(other, method, path) == (403, "CrossSite")
    assert everything() == before


def test_only_our_own_page_begins_a_sign_in(client: TestClient) -> None:
    doors = [path for _method, path in changes() if path.startswith("/sign-in")]
    answers = {path: client.post(filled(path), headers={"Sec-Fetch-Site": "cross-site"}).status_code for path in doors}
    assert answers == dict.fromkeys(doors, 403)
    assert (len(doors), COOKIE in client.cookies) == (4, False)


def test_no_answer_lets_another_site_read_it(client: TestClient, ana: Actor) -> None:
    asked = {"Origin": f"https://{EVIL}", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    for method, path in (("OPTIONS", "/api/v1/me"), ("GET", "/api/v1/me"), ("GET", "/me"), ("OPTIONS", "/api/v1/uploads")):
        headers = client.request(method, path, headers=asked).headers
        assert [name for name in headers if name.startswith("access-control-")] == []
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_no_address_is_ours_that_leads_elsewhere() -> None:
    assert [address for address in ELSEWHERE if not leads_here(own_address(address))] == []
    assert [own_address(address) for address in ("/me", "/calls?country=PE&q=a//b", "/contributions/1#top")] != [None] * 3


def test_no_form_and_no_link_leads_elsewhere(client: TestClient, ana: Actor) -> None:
    ways: list[Callable[[str], Response]] = [
        lambda address: client.post("/me", data=PROFILE | {"_page": address}),
        lambda address: client.get("/prove", params={"then": address}),
        lambda address: client.post("/sandbox/clock", data={"_page": address, "days": "1", "ahead": "-1"}),
        lambda address: client.get(f"/sign-in?next={quote(address)}&back={quote(address)}"),
    ]
    answers = [(address, way(address)) for address in ELSEWHERE for way in ways]
    assert [(address, str(a.url)) for address, a in answers if not leads_here(a.headers.get("location"))] == []
    assert {a.status_code for _address, a in answers} == {200, 303, 404, 422}


def test_no_cookie_sends_anyone_elsewhere_after_the_sign_in(client: TestClient, ana: Actor) -> None:
    for address in ELSEWHERE:
        with unit_of_work() as session:
            link = f"/sign-in/{access.make_link(session, ana.person)}"
        client.cookies.clear()
        answer = client.post(link, headers={"Cookie": f"{NEXT}={quote(quote(address))}"})
        assert (address, answer.status_code, leads_here(answer.headers["location"])) == (address, 303, True)
        assert [cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")] == [COOKIE, NEXT]


def test_a_path_that_looks_like_another_host_leads_nowhere(client: TestClient) -> None:
    for path in (f"//{EVIL}/", f"/%5C{EVIL}", f"//{EVIL}/..;/me", "/me/..//", "/.%2e/me", f"/%2F{EVIL}/%2e%2e"):
        answer = client.get(f"https://localhost{path}")
        assert (path, answer.status_code, answer.headers.get("location")) == (path, 404, None)


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_no_page_and_no_email_names_the_host_that_a_request_named(client: TestClient, ana: Actor, named: dict[str, str]) -> None:
    for method, path in routes():
        if method == "GET":
            answer = client.get(filled(path), headers=named)
            assert (path, EVIL in answer.text, EVIL in str(answer.headers)) == (path, False, False)
    assert client.post("/api/v1/sign-in", json={"email": "ben@example.org"}, headers=named).status_code == 202
    [email] = emails()
    assert (f"{settings().public_url}/sign-in/" in email, EVIL in email) == (True, False)


def emails() -> list[str]:
    """The emails that are enqueued, written."""
    with unit_of_work() as session:
        claimed = outbox.claim(session)
    for one in claimed:
        announce(one)
    with unit_of_work() as session:
        return [email.text for email in session.scalars(select(Email))]

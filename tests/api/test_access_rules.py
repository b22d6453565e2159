"""Who gets through the door, with what, and how often."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.app import make_app
from api.deps import COOKIE
from campaigns.core import access, clock, tokens
from campaigns.core.events import Event
from campaigns.core.idempotency import KeptAnswer
from campaigns.core.people import Actor, Brand, Person
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from campaigns.core.throttle import Rate
from tests import factories
from tests.factories import EVERYWHERE, Partnership, someone
from workers.transactions import unit_of_work

API = "/api/v1"
OWN = {"Sec-Fetch-Site": "same-origin"}
PROFILE = {"name": "Ana Quispe", "country": "PE", "locale": "en", "time_zone": "America/Lima"}


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with TestClient(make_app(), base_url="https://testserver") as client:
        yield client


def new_person(role: Role | None = None) -> Actor:
    with unit_of_work() as session:
        return someone(session, role, on=EVERYWHERE) if role else factories.person(session)


def bearer(who: Actor, *scopes: str) -> dict[str, str]:
    with unit_of_work() as session:
        return {"Authorization": f"Bearer {tokens.issue_token(session, who.person, 'test', frozenset(scopes or '*'))[1]}"}


def browser(client: TestClient, who: Actor) -> None:
    with unit_of_work() as session:
        client.cookies.set(COOKIE, access.open_session(session, who.person))


def link_for(who: Actor) -> str:
    with unit_of_work() as session:
        return access.make_link(session, who.person)


def name_of(who: Actor) -> str:
    with unit_of_work() as session:
        return session.get_one(Person, who.person).name


def count(what: type) -> int:
    with unit_of_work() as session:
        return session.execute(select(func.count()).select_from(what)).scalar_one()


def test_a_browser_signs_in_by_a_click_on_our_page_and_reads_with_its_cookie(client: TestClient) -> None:
    secret = link_for(new_person())
    page = client.get(f"/sign-in/{secret}")
    assert (page.status_code, f'action="/sign-in/{secret}"' in page.text, page.headers["cache-control"]) == (200, True, "no-store")
    signed_in = client.post(f"/sign-in/{secret}", headers=OWN, follow_redirects=False)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
    kept = signed_in.headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(kept.split("; "))
    assert client.get(f"{API}/me").status_code == 200


def test_signing_in_again_ends_the_session_before(client: TestClient) -> None:
    ana = new_person()
    client.post(f"/sign-in/{link_for(ana)}", headers=OWN)
    first = client.cookies[COOKIE]
    client.post(f"/sign-in/{link_for(ana)}", headers=OWN)
    second = client.cookies[COOKIE]
    client.cookies.set(COOKIE, first)
    assert (first != second, client.get(f"{API}/me").status_code) == (True, 401)


def test_signing_out_ends_the_session(client: TestClient) -> None:
    browser(client, new_person())
    cookie = client.cookies[COOKIE]
    assert client.post("/sign-out", headers=OWN, follow_redirects=False).status_code == 303
    client.cookies.set(COOKIE, cookie)
    assert client.get(f"{API}/me").status_code == 401


def test_whoever_signs_out_leaves_nothing_of_what_they_read_in_the_browser(client: TestClient) -> None:
    answer = client.post("/sign-out", headers=OWN, follow_redirects=False)
    assert (answer.status_code, answer.headers["clear-site-data"]) == (303, '"cache", "storage"')


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8400"}, 403),
        ({"Origin": "http://localhost:8400"}, 200),
        ({"Origin": "http://localhost:8401"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_change_by_cookie_counts_only_when_our_own_page_asked_for_it(client: TestClient, headers: dict[str, str], status: int) -> None:
    ana = new_person()
    browser(client, ana)
    answer = client.put(f"{API}/me", json=PROFILE, headers=headers)
    assert (answer.status_code, name_of(ana)) == (status, "Ana Quispe" if status == 200 else "Ana")
    if status == 403:
        assert answer.json()["code"] == "CrossSite"


def test_another_sites_page_cannot_sign_a_browser_in(client: TestClient) -> None:
    secret = link_for(new_person())
    refused = client.post(f"/sign-in/{secret}", headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False)
    assert (refused.status_code, refused.json()["code"], "set-cookie" in refused.headers) == (403, "CrossSite", False)
    assert client.post(f"/sign-in/{secret}", headers=OWN, follow_redirects=False).status_code == 303


def test_with_a_bearer_token_the_cookie_is_not_looked_at(client: TestClient) -> None:
    ana, ben = new_person(), new_person()
    browser(client, ana)
    answer = client.put(f"{API}/me", json=PROFILE, headers=bearer(ben) | {"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json()["id"], name_of(ana)) == (200, str(ben.person), "Ana")
    assert client.get(f"{API}/me", headers={"Authorization": "Bearer cb_live_no_such_token"}).status_code == 401


def test_a_token_acts_and_reads_within_its_scopes_only(client: TestClient) -> None:
    with unit_of_work() as session:
        made = factories.opened_call(session, at=clock.business_now(session))
    narrow, wide = bearer(made.finance, "open_call"), bearer(made.finance)
    asked = ["/payouts/runs", f"/campaigns/{made.id}", f"/campaigns/{made.id}/call", "/me"]
    assert [client.get(API + path, headers=narrow).status_code for path in asked] == [403, 403, 200, 403]
    assert [client.get(API + path, headers=wide).status_code for path in asked] == [200, 200, 200, 200]
    refusal = client.put(f"{API}/me", json=PROFILE, headers=narrow).json()
    said = "This token does not have the scope profile. Create one that has it."
    assert (refusal["code"], refusal["detail"], name_of(made.finance)) == ("ScopeMissing", said, "Femi")


def test_a_token_for_the_profile_reads_no_emails_needs_sessions_or_tokens_and_ends_none(client: TestClient) -> None:
    ana = new_person()
    narrow = bearer(ana, "profile")
    with unit_of_work() as session:
        key = tokens.digest(access.open_session(session, ana.person))
    asked = ["/me", "/me/subscriptions", "/me/emails", "/me/needs", "/sessions", "/tokens"]
    assert [client.get(API + path, headers=narrow).status_code for path in asked] == [200, 200, 403, 403, 403, 403]
    assert client.delete(f"{API}/sessions/{key}", headers=narrow).status_code == 403
    assert [client.get(path, headers=narrow).status_code for path in ("/me", "/me/sessions", "/notifications")] == [403, 403, 403]


def test_a_token_passes_on_no_scope_that_it_has_not_and_none_that_does_not_exist(client: TestClient) -> None:
    ana = new_person()
    narrow = bearer(ana, "account", "open_call", "collaboration")
    asked = [{"name": "script", "scopes": scopes} for scopes in (["open_call"], ["open_call", "payout"], ["*"], ["opencall"], [])]
    answers = [client.post(f"{API}/tokens", json=body, headers=narrow) for body in asked]
    assert [(a.status_code, a.json().get("field")) for a in answers] == [
        (201, None),
        (403, "scopes"),
        (403, "scopes"),
        (403, "scopes"),
        (400, "scopes"),
    ]
    unknown = client.post(f"{API}/tokens", json=asked[3], headers=bearer(ana))
    assert (unknown.status_code, unknown.json()["field"]) == (400, "scopes")
    made = answers[0].json()
    assert (made["scopes"], made["secret"].startswith(f"cb_live_{made['prefix']}_")) == (["open_call"], True)
    listed = client.get(f"{API}/tokens", headers=narrow).json()["items"]
    assert ([t["name"] for t in listed], {t["secret"] for t in listed}) == (["test", "script", "test"], {None})
    assert client.delete(f"{API}/tokens/{made['id']}", headers=narrow).status_code == 204
    assert client.get(f"{API}/me", headers={"Authorization": f"Bearer {made['secret']}"}).status_code == 401


def test_an_address_gets_five_links_at_once_and_then_one_every_three_minutes(client: TestClient) -> None:
    def ask(email: str) -> int:
        return int(client.post(f"{API}/sign-in", json={"email": email}).status_code)

    assert [ask(f"{name}@example.org") for name in ("ana", "Ana", "ANA", "ana", "ana", "aNa", "ben")] == [202] * 5 + [429, 202]
    refused = client.post(f"{API}/sign-in", json={"email": "ana@example.org"})
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("TooMany", "180")
    assert (count(Person), count(Event)) == (2, 6)


def test_one_place_in_the_network_gets_a_hundred_links(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "LINKS_FROM_ONE_PLACE", Rate(burst=3, every=access.LINKS_FROM_ONE_PLACE.every))
    asked = [client.post(f"{API}/sign-in", json={"email": f"{n}@example.org"}).status_code for n in range(4)]
    assert (asked, count(Person)) == ([202, 202, 202, 429], 3)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}])
def test_no_answer_sends_anyone_to_a_host_that_the_request_names(client: TestClient, headers: dict[str, str]) -> None:
    asked = ("/", f"{API}/me/", f"{API}/campaigns/", "/sign-in/", "/docs/")
    places = [client.get(path, headers=headers, follow_redirects=False).headers.get("location") for path in asked]
    assert places == ["/calls", None, None, None, None]


def test_every_answer_carries_the_headers_that_keep_it_in_its_place(client: TestClient) -> None:
    for path in ("/docs", f"{API}/me", "/nowhere", f"{API}/openapi.json"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def brands() -> list[str]:
    with unit_of_work() as session:
        return sorted(session.scalars(select(Brand.name)))


def test_one_key_does_one_deed_and_gets_one_answer_in_every_process(client: TestClient) -> None:
    mara = bearer(new_person(Role.MANAGER)) | {"Idempotency-Key": "k1"}
    first = client.post(f"{API}/brands", json={"name": "Zappos"}, headers=mara)
    with TestClient(make_app(), base_url="https://testserver") as other_process:
        again = other_process.post(f"{API}/brands", json={"name": "Zappos"}, headers=mara)
    assert (first.status_code, again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, 201, first.json(), "true")
    assert brands() == ["Zappos"]


def test_a_key_of_another_request_is_refused_and_somebody_elses_key_is_their_own(client: TestClient) -> None:
    key = {"Idempotency-Key": "k1"}
    mara, max_ = bearer(new_person(Role.MANAGER)) | key, bearer(new_person(Role.MANAGER)) | key
    asked = [("Zappos", mara), ("Other", mara), ("Other", max_)]
    answers = [client.post(f"{API}/brands", json={"name": name}, headers=headers) for name, headers in asked]
    assert [(a.status_code, a.json().get("code")) for a in answers] == [(201, None), (409, "KeyReused"), (201, None)]
    assert brands() == ["Other", "Zappos"]


def test_a_refused_deed_leaves_its_key_free(client: TestClient) -> None:
    mara = bearer(new_person(Role.MANAGER)) | {"Idempotency-Key": "k1"}
    asked = [client.post(f"{API}/brands", json={"name": name}, headers=mara).status_code for name in (" ", "Zappos")]
    assert (asked, brands(), count(KeptAnswer)) == ([400, 201], ["Zappos"], 1)


def test_two_at_once_under_one_key_do_one_deed_and_both_hear_of_it(client: TestClient) -> None:
    mara = bearer(new_person(Role.MANAGER)) | {"Idempotency-Key": "k1"}
    with ThreadPoolExecutor(4) as rivals:
        answers = list(rivals.map(lambda _n: client.post(f"{API}/brands", json={"name": "Zappos"}, headers=mara), range(4)))
    assert ({a.status_code for a in answers}, len({a.json()["id"] for a in answers}), brands()) == ({201}, 1, ["Zappos"])


def waiting_brief() -> Partnership:
    with unit_of_work() as session:
        return factories.filled_brief(session, at=clock.business_now(session))


def test_what_one_may_not_see_is_not_there_byte_for_byte(client: TestClient) -> None:
    made, artist = waiting_brief(), bearer(new_person())
    for ends in ("", "/timeline", "/brief", "/call", "/roles", "/funding", "/plan"):
        asked = artist | {"X-Request-Id": "one"}
        hidden, absent = (client.get(f"{API}/campaigns/{which}{ends}", headers=asked) for which in (made.id, uuid4()))
        assert (hidden.status_code, hidden.content, _lasting(hidden.headers)) == (404, absent.content, _lasting(absent.headers))


def _lasting(headers: object) -> dict[str, str]:
    return dict(headers)  # type: ignore[call-overload, no-any-return]


def test_the_etag_of_a_campaign_changes_with_it(client: TestClient) -> None:
    made = waiting_brief()
    manager = bearer(made.manager)
    before = client.get(f"{API}/campaigns/{made.id}", headers=manager).headers["etag"]
    assert client.post(f"{API}/campaigns/{made.id}/pause", json={"reason": "A week more."}, headers=manager).status_code == 200
    assert client.get(f"{API}/campaigns/{made.id}", headers=manager).headers["etag"] != before


def test_the_own_origin_is_the_public_address_without_its_path(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOARD_PUBLIC_URL", "https://callboard.example/app")
    settings.cache_clear()
    with TestClient(make_app(), base_url="https://testserver") as client:
        browser(client, new_person())
        assert client.get("/docs").headers["strict-transport-security"].startswith("max-age=31536000")
        asked = [client.put(f"{API}/me", json=PROFILE, headers={"Origin": o}).status_code for o in ("https://callboard.example", "null")]
    assert asked == [200, 403]


def test_ids_are_uuids_and_nothing_else(client: TestClient) -> None:
    answer = client.get(f"{API}/campaigns/1", headers=bearer(new_person()))
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "Malformed", "campaign_id")
    assert UUID(client.get(f"{API}/me", headers=bearer(new_person())).json()["id"]).version == 7


@pytest.mark.parametrize(
    ("seen", "status"),
    [('W/"{v}"', 200), ('"{v}"', 200), ("*", 200), ('"9999", W/"{v}"', 200), ('W/"9999"', 412), ('"9999", "9998"', 412), ("", 412)],
)
def test_a_change_is_made_when_the_version_that_the_caller_has_seen_is_the_present_one(client: TestClient, seen: str, status: int) -> None:
    made = waiting_brief()
    manager, path = bearer(made.manager), f"{API}/campaigns/{made.id}/brief"
    before = client.get(path, headers=manager)
    seen = seen.format(v=before.headers["etag"].removeprefix("W/").strip('"'))
    changed = client.patch(path, json={"story": "Another story."}, headers=manager | {"If-Match": seen})
    assert (changed.status_code, client.get(path, headers=manager).json()["story"] == "Another story.") == (status, status == 200)


def test_a_profile_that_changed_since_one_looked_is_not_overwritten(client: TestClient) -> None:
    who, path = bearer(new_person()), f"{API}/me"
    seen = client.get(path, headers=who).headers["etag"]
    first = client.put(path, json={"name": "Ana"}, headers=who | {"If-Match": seen})
    assert (first.status_code, first.headers["etag"] != seen) == (200, True)
    late = client.put(path, json={"name": "Anna"}, headers=who | {"If-Match": seen})
    assert (late.status_code, late.json()["code"], client.get(path, headers=who).json()["name"]) == (412, "StaleVersion", "Ana")
    assert client.put(path, json={"name": "Anna"}, headers=who | {"If-Match": first.headers["etag"]}).status_code == 200
    assert client.put(path, json={"name": "Ana"}, headers=who).status_code == 200

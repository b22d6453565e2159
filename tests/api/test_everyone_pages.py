"""The pages that everyone has: profile, sessions, proofs, notifications, search, help, and what went wrong."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.app import make_app
from campaigns.core import access, clock, tokens
from campaigns.core.access import WebSession
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email
from campaigns.core.events import Event
from campaigns.core.factors.models import CodeApp, Passkey
from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person, Scope
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from notifications.registry import NOTIFICATIONS
from notifications.unsubscribing import subscriptions
from tests import factories
from tests.api.caller import caller, token_of
from tests.api.test_people_and_campaigns import statements
from tests.api.visiting import cells
from tests.authenticator import Device
from tests.factories import person, someone
from workers.emails.announce import write_emails
from workers.transactions import unit_of_work

COOKIE = "__Host-cb"
BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with TestClient(make_app(), base_url="https://testserver", headers=BROWSER, follow_redirects=False) as client:
        yield client


def signed_in(client: TestClient, by: Actor) -> TestClient:
    """The client as this person's browser."""
    with unit_of_work() as session:
        secret = access.open_session(session, by.person, agent=BROWSER["User-Agent"], place="192.0.2.7")
    client.cookies.set(COOKIE, secret, domain="testserver.local", path="/")
    return client


def new(make: Callable[..., Actor], *args: Any) -> Actor:
    with unit_of_work() as session:
        return make(session, *args)


@pytest.fixture
def ana(client: TestClient) -> Actor:
    who = new(person, "Ana")
    signed_in(client, who)
    return who


def stands(by: Actor) -> tuple[str, str | None, str, str]:
    with unit_of_work() as session:
        kept = session.get_one(Person, by.person)
        return kept.name, kept.country, kept.locale, kept.time_zone


PROFILE = {"name": "Ana Quispe", "country": "PE", "locale": "es-MX", "time_zone": "America/Lima", "_page": "/me"}


def test_a_guest_is_led_to_the_door_and_may_read_the_help(client: TestClient) -> None:
    for path in ("/me", "/me/sign-in", "/me/sessions", "/notifications", "/search?q=holiday", "/prove", "/notifications.csv"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert client.get("/help").status_code == 200


def test_a_profile_is_changed_and_read_back(client: TestClient, ana: Actor) -> None:
    answer = client.post("/me", data=PROFILE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert stands(ana) == ("Ana Quispe", "PE", "es-MX", "America/Lima")
    page = client.get("/me")
    assert "Saved." in page.text
    assert '<option value="PE" selected>' in page.text


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("name", "   ", 400), ("name", "x" * 121, 422), ("country", "XX", 400), ("country", "peru", 422),
        ("time_zone", "Mars/Olympus", 400), ("locale", "xx", 400), ("locale", "x" * 17, 422),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_everything_typed_is_kept(client: TestClient, ana: Actor, field: str, value: str, status: int) -> None:
    before = stands(ana)
    answer = client.post("/me", data=PROFILE | {"name": "Typed before"} | {field: value})
    assert (answer.status_code, stands(ana)) == (status, before)
    assert re.search(rf'id="{field}-fault"', answer.text)
    assert field == "name" or 'value="Typed before"' in answer.text


def test_a_language_that_nobody_knows_in_that_country_is_written_as_elsewhere(client: TestClient, ana: Actor) -> None:
    client.post("/me", data=PROFILE | {"locale": "fa-CA"})
    page = client.get("/me")
    assert (page.status_code, 'dir="rtl"' in page.text) == (200, True)


def test_what_is_typed_never_runs(client: TestClient, ana: Actor) -> None:
    evil = '"><script>alert(1)</script>'
    client.post("/me", data=PROFILE | {"name": evil})
    for path in ("/me", "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/notifications"):
        assert "<script>alert" not in client.get(path).text


def test_a_token_is_created_on_a_page_which_shows_it_once(client: TestClient, ana: Actor) -> None:
    assert "Payouts and your own money" in client.get("/me/tokens/new").text
    refused = client.post("/me/tokens", data={"name": "Import script", "_page": "/me/tokens/new"})
    assert (refused.status_code, refused.text.count("A token needs at least one scope.") > 0) == (400, True)
    shown = client.post("/me/tokens", data={"name": "Import script", "scopes": ["payout", "profile"]}).text
    found = re.search(r"cb_live_[0-9a-f]{8}_[\w-]{43}", shown)
    assert found is not None
    listed = client.get("/me/sessions").text
    assert ("Import script" in listed, "Payouts and your own money · Your profile" in listed, found[0] in listed) == (True, True, False)
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {found[0]}"}
    paths = ("/api/v1/me", "/api/v1/me/money", "/api/v1/tokens", "/me/tokens/new")
    assert [client.get(path, headers=bearer).status_code for path in paths] == [200, 200, 403, 403]


def test_no_token_creates_another_on_a_page(client: TestClient, ana: Actor) -> None:
    with unit_of_work() as session:
        bearer = {"Authorization": f"Bearer {tokens.issue_token(session, ana.person, 'all')[1]}"}
    client.cookies.clear()
    assert client.get("/me/tokens/new", headers=bearer).status_code == 403
    assert client.post("/me/tokens", data={"name": "Further", "scopes": ["*"]}, headers=bearer).status_code == 403


def test_one_sees_and_ends_ones_own_browsers_only(client: TestClient, ana: Actor) -> None:
    ben = new(person, "Ben")
    with unit_of_work() as session:
        access.open_session(session, ana.person, agent="Mozilla/5.0 (iPhone) Safari/605", place="198.51.100.9")
        foreign = tokens.digest(access.open_session(session, ben.person, place="203.0.113.5"))
    page = client.get("/me/sessions").text
    assert ("Firefox on Linux" in page, "Safari on iPhone" in page, "203.0.113.5" in page, page.count("This browser")) == (
        True,
        True,
        False,
        1,
    )
    assert client.post(f"/me/sessions/{foreign}/end", data={}).status_code == 404
    assert client.post("/me/sessions/others/end", data={}).headers["location"] == "/me/sessions"
    with unit_of_work() as session:
        assert sorted(session.scalars(select(WebSession.person_id))) == sorted([ana.person, ben.person])
    assert client.get("/me/sessions").status_code == 200


def test_another_site_cannot_end_a_session(client: TestClient, ana: Actor) -> None:
    answer = client.post("/me/sessions/others/end", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def app_added(client: TestClient) -> pyotp.TOTP:
    """An app that the signed-in person has added, with the code of the step before so that the present one is still good."""
    client.post("/me/sign-in/app", data={})
    key = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', client.get("/me/sign-in/app").text)
    assert key is not None
    app = pyotp.TOTP(key[1].replace(" ", ""))
    early = app.at(for_time=clock.process_now(), counter_offset=-1)
    assert client.post("/me/sign-in/app/confirm", data={"code": early, "_page": "/me/sign-in/app"}).headers["location"] == "/me/sign-in"
    return app


def cooled() -> None:
    """What was added to prove oneself with is no longer too new."""
    with unit_of_work() as session:
        for table in (Passkey, CodeApp):
            session.execute(update(table).values(counts_from=None))


def test_a_first_app_is_added_by_picture_or_key_and_proves_who_one_is_once_it_has_cooled(client: TestClient, ana: Actor) -> None:
    app = app_added(client)
    assert "They work from" in client.get("/me/sign-in").text
    later = app.at(for_time=clock.process_now(), counter_offset=1)
    assert client.get("/prove").headers["location"] == "/me/sign-in"
    assert client.post("/prove", data={"code": later}).status_code == 400
    before = client.cookies[COOKIE]
    with unit_of_work() as session:
        assert not access.actor_of_session(session, before).is_proven
        clock.move_clock(session, timedelta(hours=72, minutes=1))
    client.post("/prove", data={"code": later})
    after = client.cookies[COOKIE]
    with unit_of_work() as session:
        assert (after != before, access.actor_of_session(session, after).is_proven) == (True, True)
    assert client.get("/me/sign-in/app").headers["location"] == "/me/sign-in"
    assert "Remove the app" in client.get("/me/sign-in").text


def test_a_passkey_that_is_too_new_signs_in_and_proves_nothing(client: TestClient, ana: Actor) -> None:
    device = Device()
    client.post("/me/sign-in/passkeys", data={"answer": device.create(client.post("/me/sign-in/passkeys/question").text), "name": "New"})
    client.cookies.clear()
    client.post("/sign-in/passkey", data={"answer": device.get(client.post("/sign-in/passkey/question").text)})
    with unit_of_work() as session:
        by = access.actor_of_session(session, client.cookies[COOKIE])
        assert (by.person_id, by.is_proven) == (ana.person, False)


def test_a_wrong_code_stands_beside_its_field(client: TestClient, ana: Actor) -> None:
    client.post("/me/sign-in/app", data={})
    answer = client.post("/me/sign-in/app/confirm", data={"code": "12 34", "_page": "/me/sign-in/app"})
    assert (answer.status_code, 'id="code-fault"' in answer.text, 'value="12 34"' in answer.text) == (400, True, True)


def test_codes_are_not_guessed_however_often_one_tries(client: TestClient, ana: Actor) -> None:
    app = app_added(client)
    cooled()
    answers = [client.post("/prove", data={"code": "000000", "_page": "/prove"}).status_code for _try in range(9)]
    assert answers[-1] == 429
    assert client.post("/prove", data={"code": app.now(), "_page": "/prove"}).status_code == 429


def test_who_has_nothing_to_prove_themselves_with_is_led_to_where_they_get_it(client: TestClient, ana: Actor) -> None:
    assert client.get("/prove").headers["location"] == "/me/sign-in"


def test_a_proof_leads_on_to_pages_of_ours_only(client: TestClient, ana: Actor) -> None:
    app = app_added(client)
    cooled()
    assert client.post("/prove", data={"code": app.now(), "then": "//evil.example"}).headers["location"] == "/"
    later = app.at(for_time=clock.process_now(), counter_offset=1)
    assert client.post("/prove", data={"code": later, "then": "/runs"}).headers["location"] == "/runs"


def test_a_program_cannot_prove_anything_nor_make_itself_a_way_in(client: TestClient, ana: Actor) -> None:
    with unit_of_work() as session:
        token = tokens.issue_token(session, ana.person, "stolen")[1]
    program = {"Authorization": f"Bearer {token}"}
    for path in ("/me/sign-in/app", "/me/sign-in/passkeys/question", "/prove/passkey/question", "/prove", "/me/sign-in/passkeys"):
        assert client.post(path, headers=program, data={"code": "000000", "answer": "{}"}).status_code == 403


def test_a_passkey_is_added_and_then_signs_in(client: TestClient, ana: Actor) -> None:
    device = Device()
    answer = device.create(client.post("/me/sign-in/passkeys/question").text)
    added = client.post("/me/sign-in/passkeys", data={"answer": answer, "name": "My phone", "_page": "/me/sign-in"})
    assert added.headers["location"] == "/me/sign-in"
    assert "My phone" in client.get("/me/sign-in").text
    client.post("/sign-out")
    cooled()
    client.cookies.clear()
    there = client.post("/sign-in/passkey", data={"answer": device.get(client.post("/sign-in/passkey/question").text)})
    assert (there.status_code, there.headers["location"]) == (303, "/")
    with unit_of_work() as session:
        by = access.actor_of_session(session, client.cookies[COOKIE])
        assert (by.person_id, by.is_proven) == (ana.person, True)


def test_whoever_changes_how_they_sign_in_is_offered_to_sign_out_everywhere_else(client: TestClient, ana: Actor) -> None:
    with unit_of_work() as session:
        access.open_session(session, ana.person)
    client.post("/me/sign-in/app")
    page = re.sub(r"\s+", " ", client.get(client.post("/me/sign-in/app/remove").headers["location"]).text)
    assert 'sign out everywhere else: <a href="/me/sessions">' in page
    assert 'action="/me/sessions/others/end"' in client.get("/me/sessions").text


def test_a_passkey_of_nobody_lets_nobody_in(client: TestClient, fresh_database: str) -> None:
    question = client.post("/sign-in/passkey/question").text
    answer = client.post("/sign-in/passkey", data={"answer": Device().get(question), "_page": "/sign-in"})
    assert (answer.status_code, COOKIE in client.cookies, "could not be verified" in answer.text) == (400, False, True)


def test_a_passkey_of_someone_else_cannot_be_removed(client: TestClient, ana: Actor) -> None:
    with unit_of_work() as session:
        ben = person(session, "Ben")
        key = Passkey(person_id=ben.person, name="His", credential_id="x", public_key=b"", sign_count=0, made_at=clock.process_now())
        session.add(key)
    assert client.post(f"/me/sign-in/passkeys/{key.id}/remove", data={}).status_code == 404
    assert "His" not in client.get("/me/sign-in").text


def test_money_is_approved_after_a_proof_and_what_was_typed_waits_for_it(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(client, new(someone, Role.FINANCE, "Femi"))
    app = app_added(client)
    cooled()
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_1234")
    settings.cache_clear()
    with unit_of_work() as session:
        session.get_one(WebSession, tokens.digest(client.cookies[COOKIE])).proven_at = None
    adding = client.post("/me/sign-in/passkeys", data={"_page": "/me/sign-in", "answer": "{}", "name": "typed <b>"})
    assert (adding.status_code, 'name="name" value="typed &lt;b&gt;"' in adding.text, 'href="/prove"' in adding.text) == (403, True, True)
    assert client.post("/me/sign-in/app/remove", data={}).status_code == 403
    assert "one confirmation lasts for half an hour" in client.get("/me/sign-in").text
    client.post("/prove", data={"code": app.now()})
    assert client.post("/me/sign-in/app/remove", data={}).headers["location"] == "/me/sign-in"
    settings.cache_clear()


def told(by: Actor, number: int = 1) -> None:
    """So many emails to this person, one with a secret among them."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        for name, facts in [("access.factor_added", {"kind": "passkey"})] * number + [("access.link_asked", {})]:
            fact = Event(id=new_id(), name=name, facts={"person": str(by.person), **facts}, campaign_id=None)
            for notification in NOTIFICATIONS.values():
                if name in notification.on:
                    write_emails(session, notification, fact, at=at)


def test_what_needs_one_stands_apart_from_what_one_was_told(client: TestClient, ana: Actor) -> None:
    with unit_of_work() as session:
        made = factories.filled_brief(session, at=clock.business_now(session))
    told(made.signers["legal"])
    page = signed_in(client, made.signers["legal"]).get("/notifications").text
    needs, _apart, emails = page.partition("For your information")
    assert f'href="/campaigns/{made.id}/brief/sign"' in needs
    assert "Holiday traditions" in needs
    assert "A new way to sign in was added" in emails
    assert 'href="/me/sign-in"' in emails
    assert "Sign in to Callboard" not in page
    assert "/sign-in/" not in emails


def test_emails_to_others_are_not_shown_and_none_is_said_plainly(client: TestClient, ana: Actor) -> None:
    told(new(person, "Ben"))
    page = client.get("/notifications").text
    assert ("A new way to sign in" in page, "Nothing needs your attention" in page, "Nothing new" in page) == (False, True, True)
    assert cells(client.get("/notifications.csv")) == [["When", "Campaign", "Subject", "Email"]]


def test_emails_come_in_pages_and_as_one_file(client: TestClient, ana: Actor) -> None:
    told(ana, 35)
    first = client.get("/notifications").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = client.get(older[1].replace("&amp;", "&").replace("https://testserver", "")).text
    assert (first.count('class="email"'), second.count('class="email"'), "Needs your attention" in second) == (30, 5, False)
    assert client.get("/notifications.csv").text.count("A new way to sign in was added") == 35


def test_the_bar_shows_what_was_last_counted_and_asks_for_a_count_when_that_is_old(client: TestClient) -> None:
    with unit_of_work() as session:
        made = factories.filled_brief(session, at=clock.business_now(session))
    signed_in(client, made.signers["legal"])
    assert 'data-recount="/notifications/count"' in client.get("/help").text
    assert client.get("/notifications/count").json() == {"needed": 1}
    page = client.get("/help").text
    assert ("data-recount" in page, "<span data-count>1</span>" in page) == (False, True)


def test_search_shows_each_their_own_and_leads_artists_to_the_call(client: TestClient) -> None:
    with unit_of_work() as session:
        at = clock.business_now(session)
        made, hidden = factories.opened_call(session, at=at), factories.filled_brief(session, at=at)
        artist = person(session, "Ana")
    page = signed_in(client, artist).get("/search?q=holiday").text
    assert (f"/calls/{made.id}" in page, f"/campaigns/{made.id}" in page, str(hidden.id) in page) == (True, False, False)
    page = signed_in(client, hidden.manager).get("/search?q=holiday").text
    assert f"/campaigns/{hidden.id}" in page
    assert "Nothing found for “nowhere”" in client.get("/search?q=nowhere").text
    assert "at least two characters" in client.get("/search?q=n").text


def test_thirty_of_each_cost_as_many_statements_as_one(client: TestClient) -> None:
    operator = new(someone, Role.OPERATOR, "Odile")
    signed_in(client, operator)
    sent: list[tuple[int, ...]] = []
    for more in (1, 29):
        told(operator, more)
        with unit_of_work() as session:
            for _number in range(more):
                person(session, "Odile")
                access.open_session(session, operator.person)
                tokens.issue_token(session, operator.person, "test")
        paths = ("/notifications", "/notifications.csv", "/search?q=odile", "/me/sessions", "/me")
        sent.append(tuple(statements(lambda path=path: client.get(path)) for path in paths))  # type: ignore[misc]  # bound at once
    assert sent[0] == sent[1]


def holding(session: Session, role: Role | None) -> Actor:
    """Someone new in this role, which a brand's own people hold for their brand only."""
    if role is None:
        return person(session)
    made = factories.filled_brief(session, at=clock.business_now(session))
    if role is Role.SIGNER:
        return made.signers["legal"]
    if role is Role.BRAND_ADMINISTRATOR:
        return factories.administrator(session, made.brand.id)
    return someone(session, role, on=Scope(brand_id=made.brand.id) if role is Role.APPROVER else Scope())


@pytest.mark.parametrize("role", [None, *[role for role in Role if role not in (Role.ARTIST, Role.MEMBER)]])
def test_help_begins_with_ones_own_work(client: TestClient, role: Role | None) -> None:
    with unit_of_work() as session:
        reader = holding(session, role)
    signed_in(client, reader)
    opened = re.findall(r'<details class="panel help" open><summary><h3>([^<]+)', client.get("/help").text)
    ours = {
        None: "Artists", Role.MANAGER: "Partnership managers", Role.CURATOR: "Curators", Role.SIGNER: "Brands", Role.APPROVER: "Brands",
        Role.BRAND_ADMINISTRATOR: "Brands",
        Role.EDITOR: "Editors and leaders", Role.LEADER: "Editors and leaders", Role.FINANCE: "Finance", Role.OPERATOR: "Operators",
    }  # fmt: skip
    assert opened == [ours[role]]


def test_a_page_that_is_not_there_says_what_to_do(client: TestClient, ana: Actor) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, "Page not found" in answer.text, 'href="/help"' in answer.text) == (404, True, True)


def test_at_the_api_each_sees_their_own(client: TestClient, ana: Actor) -> None:
    told(ana)
    told(new(person, "Ben"))
    emails = client.get("/api/v1/me/emails").json()
    assert ([each["notification"] for each in emails["items"]], emails["next"]) == (["factor_added"], None)
    assert client.get("/api/v1/me/needs").json() == {"items": [], "next": None}
    assert client.get("/api/v1/search", params={"q": "ana"}).json() == {"campaigns": [], "contributions": [], "people": []}
    (here,) = client.get("/api/v1/sessions").json()["items"]
    assert (here["browser"], here["place"]) == ("Firefox on Linux", "192.0.2.7")
    assert client.delete(f"/api/v1/sessions/{here['key']}").status_code == 204
    assert client.get("/api/v1/sessions").status_code == 401
    with unit_of_work() as session:
        assert session.scalars(select(Email.notification).where(Email.recipient_id == ana.person)).all() == [
            "factor_added",
            "sign_in",
        ]


def test_at_the_api_what_waits_comes_in_pages_that_what_is_done_does_not_shift(client: TestClient, ana: Actor) -> None:
    with unit_of_work() as session:
        at = clock.business_now(session)
        made = factories.filled_brief(session, at=at)
        others = [factories.filled_brief(session, at=at) for _number in range(2)]
        session.execute(update(Campaign).where(Campaign.id.in_([each.id for each in others])).values(owner_id=made.manager.person))
        manager = caller(token_of(session, made.manager))

    def read(**asked: str | int) -> Any:
        return manager.get("/api/v1/me/needs", params=asked).json()

    whole = read()
    assert ([need["code"] for need in whole["items"]], whole["next"]) == (["uncovered"] * 3, None)
    first = read(limit=1)
    with unit_of_work() as session:
        session.execute(update(Campaign).where(Campaign.id == first["items"][0]["campaign"]).values(cancelled_at=at))
    second = read(limit=1, after=first["next"])
    last = read(limit=1, after=second["next"])
    assert ([first["items"], second["items"]], last) == (
        [whole["items"][:1], whole["items"][1:2]],
        {"items": whole["items"][2:], "next": None},
    )
    assert manager.get("/api/v1/me/needs", params={"after": "x"}).status_code == 422


def test_at_the_api_ones_browsers_come_in_pages_that_a_used_or_ended_one_does_not_shift(client: TestClient, ana: Actor) -> None:
    with unit_of_work() as session:
        for agent in ("Mozilla/5.0 (iPhone) Safari/605", "curl"):
            access.open_session(session, ana.person, agent=agent)

    def read(**asked: str | int) -> Any:
        return client.get("/api/v1/sessions", params=asked).json()

    whole = read()
    newest, second, oldest = whole["items"]
    first = read(limit=1)
    with unit_of_work() as session:
        session.execute(update(WebSession).where(WebSession.digest == oldest["key"]).values(last_seen_at=clock.process_now()))
        access.end_session(session, newest["key"], by=ana)
    then = [read(limit=1, after=first["next"])]
    then.append(read(after=then[0]["next"]))
    assert (whole["next"], first["items"], oldest["browser"]) == (None, [newest], "Firefox on Linux")
    assert [[each["key"] for each in page["items"]] for page in then] == [[second["key"]], [oldest["key"]]]
    assert (then[0]["next"].partition(".")[2], then[1]["next"]) == (second["key"], None)
    assert client.get("/api/v1/sessions", params={"after": newest["key"]}).status_code == 422


def test_one_chooses_which_of_the_emails_one_gets_that_one_may_do_without(client: TestClient, ana: Actor) -> None:
    def chosen() -> dict[str, bool]:
        with unit_of_work() as session:
            return {kind.value: is_on for kind, is_on in subscriptions(session, by=ana).items()}

    page = client.get("/me").text
    assert [f'name="{kind}" value="yes" checked' in page for kind in ("announcement", "digest")] == [True, True]
    answer = client.post("/me/emails", data={"_page": "/me", "announcement": "yes"})
    assert (answer.status_code, answer.headers["location"], chosen()) == (303, "/me#emails", {"announcement": True, "digest": False})
    assert 'name="digest" value="yes">' in client.get("/me").text
    client.post("/me/emails", data={"_page": "/me", "announcement": "yes", "digest": "yes"})
    assert chosen() == {"announcement": True, "digest": True}


def test_a_program_does_the_same_and_no_email_about_what_waits_can_be_left(client: TestClient) -> None:
    with unit_of_work() as session:
        api, path = caller(token_of(session, person(session, "Ana"))), "/api/v1/me/subscriptions"
    assert api.get(path).json()["items"] == [{"kind": "announcement", "is_on": True}, {"kind": "digest", "is_on": True}]
    for _again in range(2):
        assert api.delete(f"{path}/digest").status_code == 204
    assert api.get(path).json()["items"][1] == {"kind": "digest", "is_on": False}
    assert [api.delete(f"{path}/{kind}").status_code for kind in ("contribution", "sign-in")] == [404, 404]
    assert (api.put(f"{path}/digest").status_code, api.get(path).json()["items"][1]["is_on"]) == (204, True)

"""Which changes count as asked for: a page of ours, or a program that no page can pass itself off as."""

import pytest
from fastapi import Request

from api.same_origin import CrossSite, guard_origin, is_from_own_page
from campaigns.core import tokens
from campaigns.core.settings import settings
from tests.aside import waited_for
from tests.factories import person
from workers.transactions import unit_of_work

OURS, JSON = "http://localhost:8400", {"Content-Type": "application/json"}
API = "/api/v1/campaigns"
Headers = dict[str, str]


def request(headers: Headers, method: str = "POST", path: str = API) -> Request:
    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "path": path, "headers": named, "query_string": b"", "state": {}})


def is_let(asked: Request) -> bool:
    try:
        waited_for(guard_origin(asked))
    except CrossSite:
        return False
    return True


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": OURS}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": OURS}, False),
        ({"Sec-Fetch-Site": "none", "Origin": OURS}, False),
        ({"Sec-Fetch-Site": "", "Origin": OURS}, False),
        ({"Origin": OURS}, True),
        ({"Origin": f"{OURS}0"}, False),
        ({"Origin": "https://localhost:8400"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_page_is_ours_by_what_the_browser_says_of_it(headers: Headers, is_ours: bool) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "a=b"}
    asked = request(form | headers, path="/campaigns")
    assert (is_from_own_page(asked), is_let(asked), asked.state.is_from_own_page) == (is_ours, is_ours, is_ours)


@pytest.mark.parametrize(
    "kind", [None, "", "application/json", "application/json; charset=utf-8", " Application/JSON", "application/offset+octet-stream"]
)
def test_a_program_may_ask_the_api_in_a_kind_that_no_form_can_be(kind: str | None) -> None:
    asked = request({} if kind is None else {"Content-Type": kind})
    assert (is_let(asked), asked.state.is_from_own_page) == (True, False)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain; application/json", "json"]
)
def test_a_kind_that_a_form_can_be_is_no_programs(kind: str) -> None:
    assert is_let(request({"Content-Type": kind})) is False


@pytest.mark.parametrize("mark", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Cookie": "a=b"}])
def test_what_bears_a_browsers_mark_is_no_programs(mark: Headers) -> None:
    assert (is_let(request(JSON)), is_let(request(JSON | mark))) == (True, False)


@pytest.mark.parametrize("path", ["/campaigns", "/", "/api", "/apiary/v1", "/x/api/v1"])
def test_only_the_api_is_for_programs(path: str) -> None:
    assert is_let(request(JSON, path=path)) is False


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_whoever_only_looks_may_come_from_anywhere(method: str) -> None:
    assert is_let(request({"Sec-Fetch-Site": "cross-site", "Cookie": "a=b"}, method)) is True


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "get"])
def test_whoever_changes_something_may_not(method: str) -> None:
    assert is_let(request({"Sec-Fetch-Site": "cross-site", "Cookie": "a=b"}, method)) is False


@pytest.mark.parametrize(
    ("path", "lets"), [("/webhooks/stripe", True), ("/unsubscribe/x", True), ("/webhooks", False), ("/x/webhooks/", False)]
)
def test_what_comes_from_outside_by_right_comes_to_its_own_addresses(path: str, lets: bool) -> None:
    assert is_let(request({"Sec-Fetch-Site": "cross-site"}, path=path)) is lets


def test_a_token_that_works_is_let_in_with_a_browsers_marks_and_one_that_does_not_is_not(fresh_database: str) -> None:
    with unit_of_work() as session:
        secret = tokens.issue_token(session, person(session).person, "script")[1]
    marks = {"Sec-Fetch-Site": "cross-site", "Cookie": "a=b", "Content-Type": "text/plain"}
    asked = [f"Bearer {secret}", f"bearer {secret}", "Bearer none", "Bearer ", f"Basic {secret}", secret]
    assert [is_let(request(marks | {"Authorization": each})) for each in asked] == [True, True, False, False, False, False]


def test_the_own_origin_is_that_of_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOARD_PUBLIC_URL", "https://callboard.example:8443/below")
    settings.cache_clear()
    asked = ("https://callboard.example:8443", "https://callboard.example", "http://callboard.example:8443", OURS)
    assert [is_from_own_page(request({"Origin": each})) for each in asked] == [True, False, False, False]
    monkeypatch.undo()
    settings.cache_clear()

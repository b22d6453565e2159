"""Every text of every form and of the API: nothing comes in that hides, turns round or has no end."""

from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from campaigns.core.ids import new_id
from tests import factories
from tests.api.bodies import TextField, text_fields
from tests.api.caller import caller, token_of
from tests.api.test_bad_input import refusal
from tests.api.visiting import be, browser, fault, seen
from workers.transactions import unit_of_work

TURNED = "Lantern\u202e street"
SENTENCE = "There is an invisible character (U+202E) after “Lantern”: remove it."


@pytest.fixture(scope="module")
def guest() -> TestClient:
    return TestClient(make_app(), base_url="https://testserver", follow_redirects=False)


def told(guest: TestClient, field: TextField) -> tuple[int, str, str]:
    """What a guest is told who writes something into this field that turns round what follows."""
    path = "/".join(str(new_id()) if part.startswith("{") else part for part in field.path.split("/"))
    body = {"data": {field.name: TURNED}} if field.is_form else {"json": {field.name: TURNED}}
    said = guest.request(field.method, path, **body, headers={"Sec-Fetch-Site": "same-origin"} if field.is_form else {}).json()
    return said["status"], said["code"], said.get("field")


def test_no_text_of_any_body_turns_round_what_follows_it(guest: TestClient) -> None:
    fields = text_fields()
    assert {(field.method, field.path, field.name): told(guest, field) for field in fields} == {
        (field.method, field.path, field.name): (400, "Unwritable", field.name) for field in fields
    }


def test_every_text_of_every_body_has_an_end() -> None:
    assert [f"{field.method} {field.path}: {field.name}" for field in text_fields() if not field.is_bounded] == []


def test_a_text_deep_in_a_body_is_looked_at_and_one_too_deep_is_refused() -> None:
    guest = caller()
    said = guest.post("/api/v1/deliverables/x/selection", json={"chosen": {"first": TURNED}}).json()
    assert (said["code"], said["field"]) == ("Unwritable", "chosen.first")
    deep = b"[" * 900 + b'"\\u202e"' + b"]" * 900
    answer = guest.post("/api/v1/deliverables/x/selection", content=deep, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 413, 422}


def test_what_was_typed_is_there_again_with_the_sentence_beside_its_field(fresh_database: str) -> None:
    with browser() as client:
        with unit_of_work() as session:
            ana = factories.person(session, "Ana")
        be(client, ana)
        form = {"_page": "/me", "name": TURNED, "country": "", "locale": "en", "time_zone": "UTC"}
        answer = client.post("/me", data=form)
        assert (answer.status_code, fault(answer.text, "name"), f'value="{TURNED}"' in answer.text) == (400, SENTENCE, True)
        assert 'value="Ana"' in seen(client.get("/me"))


@pytest.mark.parametrize("harm", ["\x00", "\ud800", "\u200b", "a" * 10_000])
def test_a_name_that_cannot_be_kept_is_refused_and_nothing_changes(fresh_database: str, harm: str) -> None:
    with unit_of_work() as session:
        ana = caller(token_of(session, factories.person(session, "Ana")))
    raw = '{"name": "' + harm.encode("unicode_escape").decode().replace("\\x", "\\u00") + '"}'
    status, _code, field, _sentence = refusal(lambda: ana.put("/api/v1/me", content=raw, headers={"Content-Type": "application/json"}))
    assert (status in {400, 422}, field) == (True, "name")


def test_a_search_for_what_cannot_be_written_finds_nothing_and_breaks_nothing(fresh_database: str) -> None:
    with unit_of_work() as session:
        ana = factories.person(session, "Ana")
    with browser() as client:
        be(client, ana)
        for harm in ("\x00", "\u202e", "<script>alert(1)</script>", "%_", "W" * 10_000):
            answer = client.get(f"/search?q={quote(harm)}")
            assert (answer.status_code < 500, "<script>alert" in answer.text) == (True, False)

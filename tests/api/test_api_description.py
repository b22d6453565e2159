"""The API's own description, walked from end to end."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator, FormatChecker

from api.app import make_app
from api.description import refusals
from campaigns.core import tokens
from campaigns.core.permissions import Role
from tests import factories
from tests.factories import someone
from workers.transactions import unit_of_work

SPEC = make_app().openapi()
ANY = "01937a5c-2f4e-7c3a-9b1d-5e6f7a8b9c0d"


class Operation(NamedTuple):
    """One thing that one may ask of the API."""

    method: str
    path: str
    says: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.says["operationId"])

    @property
    def body(self) -> Mapping[str, Any] | None:
        content = self.says.get("requestBody", {}).get("content", {})
        return content.get("application/json")  # type: ignore[no-any-return]

    def ask(self, client: TestClient, headers: Mapping[str, str], **things: str) -> Any:
        """Ask it with the example of its body, of things that do not exist unless they are named."""
        filled = {name: ANY if name.endswith("_id") else example for name, example in self._parameters("path").items()} | things
        needed = dict.fromkeys(self._parameters("header"), "1")
        tus = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"} if "/uploads" in self.path else {}
        body = {"json": self.body["example"]} if self.body else self._form()
        return client.request(self.method, self.path.format(**filled), headers={**needed, **tus, **headers}, **body)

    def _form(self) -> dict[str, Any]:
        """Its form, each field with its example and each file with a small one; empty where it takes none."""
        content = self.says.get("requestBody", {}).get("content", {})
        if "multipart/form-data" not in content:
            return {}
        schema = SPEC["components"]["schemas"][content["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]]
        files = {name for name, field in schema["properties"].items() if "contentMediaType" in field or field.get("format") == "binary"}
        fields = {name: field["examples"][0] for name, field in schema["properties"].items() if name not in files}
        return {"data": fields, "files": dict.fromkeys(files, ("receipt.txt", b"$12.00"))}

    def _parameters(self, place: str) -> dict[str, str]:
        """The parameters that it needs, each with an example."""
        needed = [p for p in self.says.get("parameters", ()) if p["in"] == place and p.get("required")]
        return {p["name"]: p["schema"].get("examples", ["legal"])[0] for p in needed}


OPERATIONS = [Operation(method.upper(), path, says) for path, methods in SPEC["paths"].items() for method, says in methods.items()]
# A token's secret is kept nowhere to be told again, and an upload comes to nothing until it is sent in.
ANEW = {"/api/v1/sign-in/token", "/api/v1/tokens", "/api/v1/uploads"}
each = pytest.mark.parametrize("operation", OPERATIONS, ids=[o.id for o in OPERATIONS])


def test_whatever_creates_something_takes_an_idempotency_key() -> None:
    creating = [operation for operation in OPERATIONS if operation.method == "POST" and "201" in operation.says["responses"]]
    keyed = {o.path for o in creating if "idempotency-key" in {p["name"].lower() for p in o.says.get("parameters", ())}}
    assert (len(keyed) > 20, {o.path for o in creating} - keyed) == (True, ANEW)


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with TestClient(make_app(), base_url="https://testserver") as client:
        yield client


@each
def test_every_operation_says_what_it_does_what_it_answers_and_how_it_refuses(operation: Operation) -> None:
    says = operation.says
    assert (bool(says["summary"]), says["description"].strip()[-1:], len(says["tags"])) == (True, ".", 1)
    assert any(status.startswith("2") for status in says["responses"])
    for refusal in ("4XX", "5XX"):
        assert says["responses"][refusal]["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_every_operation_has_a_readable_name_of_its_own() -> None:
    names = [operation.id for operation in OPERATIONS]
    assert sorted(set(names)) == sorted(names)
    assert [name for name in names if not name.replace("_", "").isalpha() or "api_v1" in name or len(name) > 50] == []


def test_every_code_of_a_refusal_stands_there_with_its_rule() -> None:
    listed = SPEC["components"]["schemas"]["Problem"]["properties"]["code"]["description"]
    assert len(refusals()) > 200
    missing = {
        kind.__name__
        for kind in refusals()
        if f"- `{kind.__name__}` ({kind.status}): {(kind.__doc__ or '?').splitlines()[0]}" not in listed
    }
    assert missing <= {"NotJson"}  # the command line's, which other tests may have imported


def test_every_tag_is_described() -> None:
    assert {tag for operation in OPERATIONS for tag in operation.says["tags"]} == {tag["name"] for tag in SPEC["tags"]}


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.body], ids=[o.id for o in OPERATIONS if o.body])
def test_every_body_has_an_example_of_its_own_form(operation: Operation) -> None:
    assert operation.body is not None
    form = {**operation.body["schema"], "components": SPEC["components"]}
    faults = Draft202012Validator(form, format_checker=FormatChecker()).iter_errors(operation.body["example"])
    assert [fault.message for fault in faults] == []


def test_a_guest_gets_no_further_than_the_door(client: TestClient) -> None:
    answers = {operation.id: operation.ask(client, {}) for operation in OPERATIONS}
    let_in = {name: answer.status_code for name, answer in answers.items() if answer.status_code != 401}
    assert let_in == {
        "sign_in_ask_for_link": 202,
        "clock_show_clock": 200,
        "open_call_list_open_calls": 200,
        "open_call_show_call": 404,
        "open_call_list_questions": 404,
        "open_call_say_what_is_possible": 204,
        "people_confirm_administrator": 404,
        "payout_attach_file": 403,  # a form, which any page may send: it is refused before anybody is asked who they are
    }
    assert {answer.headers["www-authenticate"] for name, answer in answers.items() if name not in let_in} == {"Bearer"}


def test_what_does_not_exist_is_answered_by_a_problem_and_no_example_is_malformed(client: TestClient) -> None:
    token = token_for(Role.MANAGER)
    answers = [(operation, operation.ask(client, token)) for operation in OPERATIONS]
    assert {operation.id: answer.text for operation, answer in answers if answer.status_code == 422 or answer.status_code >= 500} == {}
    refused = [(operation.id, answer) for operation, answer in answers if answer.is_error and operation.method != "HEAD"]
    assert [name for name, answer in refused if answer.headers["content-type"] != "application/problem+json"] == []
    assert [name for name, answer in refused if not is_a_problem(answer)] == []


def is_a_problem(answer: Any) -> bool:
    said = answer.json()
    return bool(said["detail"]) and (said["status"], said["title"]) == (answer.status_code, said["code"])


def test_a_hidden_campaign_is_answered_for_as_one_that_does_not_exist(client: TestClient) -> None:
    with unit_of_work() as session:
        made = factories.filled_brief(session)
    token, differ = token_for(None) | {"X-Request-Id": "one"}, {}
    for operation in (o for o in OPERATIONS if "{campaign_id}" in o.path):
        absent, hidden = operation.ask(client, token), operation.ask(client, token, campaign_id=str(made.id))
        if (hidden.status_code, hidden.content, dict(hidden.headers)) != (404, absent.content, dict(absent.headers)):
            differ[operation.id] = (hidden.text, absent.text)
    assert differ == {}


def token_for(role: Role | None) -> dict[str, str]:
    with unit_of_work() as session:
        who = someone(session, role) if role else factories.person(session)
        return {"Authorization": f"Bearer {tokens.issue_token(session, who.person, 'walk')[1]}"}

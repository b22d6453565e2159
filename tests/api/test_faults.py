"""Every kind of wrong value is answered in our words, with the path of its field."""

import json
import re
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from fastapi import Query
from fastapi.testclient import TestClient
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat

from api import faults
from api.app import make_app

# What Pydantic says of itself.
ITS_WORDS = re.compile("Input should|unable to parse|Field required|Extra inputs|Value error", re.IGNORECASE)
DATED = "Enter a date and a time with its zone, like 2026-11-24T18:00:00-08:00."
ID = "Enter an ID, like 01937a5c-2f4e-7c3a-9b1d-5e6f7a8b9c0d."
NUMBER = "Enter a number, like 12.5."


class Fruit(StrEnum):
    APPLE = "apple"
    PEAR = "pear"


class Inner(BaseModel):
    name: str = Field(max_length=3)


class Wanted(BaseModel):
    """One field of each kind that the API has."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=3)] = "a"
    long: Annotated[str, Field(min_length=2)] = "ab"
    coded: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    count: Annotated[int, Field(ge=1, le=5)] = 1
    positive: Annotated[int, Field(gt=0, lt=9)] = 1
    share: Decimal = Decimal(1)
    exact: FiniteFloat = 1.0
    is_on: bool = True
    id: UUID | None = None
    at: AwareDatetime | None = None
    local: datetime | None = None
    day: date | None = None
    fruit: Fruit = Fruit.APPLE
    choice: Literal["a", "b"] = "a"
    some: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    inner: Inner | None = None
    inners: dict[str, Inner] = {}


WRONG: list[tuple[Any, str, str]] = [
    ({"text": 1}, "text", "Enter a text."),
    ({"text": ""}, "text", "This field is required."),
    ({"text": "abcd"}, "text", "Use at most 3 characters."),
    ({"long": "a"}, "long", "Use at least 2 characters."),
    ({"coded": "1"}, "coded", "This does not have the required format."),
    ({"count": "x"}, "count", "Enter a whole number."),
    ({"count": 1.5}, "count", "Enter a whole number."),
    ({"count": None}, "count", "Enter a whole number."),
    ({"count": 0}, "count", "Enter 1 or more."),
    ({"count": 6}, "count", "Enter 5 or less."),
    ({"positive": 0}, "positive", "Enter a number above 0."),
    ({"positive": 9}, "positive", "Enter a number below 9."),
    ({"share": "x"}, "share", NUMBER),
    ({"share": []}, "share", NUMBER),
    ({"exact": "x"}, "exact", NUMBER),
    ({"exact": "nan"}, "exact", NUMBER),
    ({"is_on": "perhaps"}, "is_on", "Enter true or false."),
    ({"id": "x"}, "id", ID),
    ({"id": 1}, "id", ID),
    ({"at": "soon"}, "at", DATED),
    ({"at": "2026-11-24T18:00:00"}, "at", DATED),
    ({"local": {}}, "local", DATED),
    ({"day": "2026-13-01"}, "day", "Enter a date, like 2026-11-24."),
    ({"fruit": "plum"}, "fruit", "Use one of: apple, pear."),
    ({"choice": "c"}, "choice", "Use one of: a, b."),
    ({"some": "x"}, "some", "Enter a list."),
    ({"some": []}, "some", "Enter at least 1 item."),
    ({"some": [1, 2, 3]}, "some", "Enter at most 2 items."),
    ({"some": [1, "x"]}, "some.1", "Enter a whole number."),
    ({"inner": 1}, "inner", "Enter an object with its fields."),
    ({"inner": {}}, "inner.name", "This field is required."),
    ({"inners": []}, "inners", "Enter an object with its fields."),
    ({"inners": {"x": {"name": "long"}}}, "inners.x.name", "Use at most 3 characters."),
    ({"nothing": 1}, "nothing", "There is no such field."),
    ([], "body", "Enter an object with its fields."),
]


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = make_app.__wrapped__()  # one of the tests' own: it gets a route that takes everything

    @app.post("/api/v1/wanted")
    def take(body: Wanted) -> None:
        """Take one of each."""

    @app.get("/api/v1/wanted/{each}")
    def show(each: UUID, limit: Annotated[int, Query(le=9)] = 1) -> None:
        """Show one."""

    return TestClient(app, base_url="https://testserver")


@pytest.mark.parametrize(("sent", "field", "message"), WRONG, ids=[f"{json.dumps(sent)}" for sent, *_rest in WRONG])
def test_a_wrong_value_is_told_in_our_words_at_its_path(client: TestClient, sent: Any, field: str, message: str) -> None:
    answer = client.post("/api/v1/wanted", json=sent)
    assert (answer.status_code, answer.json()) == (
        422,
        {
            "type": "urn:callboard:problem:Malformed",
            "title": "Malformed",
            "status": 422,
            "detail": f"The request does not match the documentation. {field}: {message}",
            "code": "Malformed",
            "field": field,
            "errors": [{"field": field, "message": message}],
        },
    )
    assert ITS_WORDS.search(answer.text) is None


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"text": }', b"nothing"])
def test_what_is_no_json_is_refused_in_one_way(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/wanted", content=body, headers={"Content-Type": "application/json"})
    sentence = "The request body cannot be read; send JSON in UTF-8."
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (400, "NotServed", sentence)


@pytest.mark.parametrize(
    ("path", "field", "message"),
    [
        ("x", "each", ID),
        (f"{UUID(int=1)}?limit=x", "limit", "Enter a whole number."),
        (f"{UUID(int=1)}?limit=10", "limit", "Enter 9 or less."),
    ],
)
def test_a_wrong_path_or_query_is_told_in_the_same_way(client: TestClient, path: str, field: str, message: str) -> None:
    answer = client.get(f"/api/v1/wanted/{path}")
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": field, "message": message}])


def test_beside_a_form_nobody_is_asked_to_type_a_date() -> None:
    fault = {"type": "datetime_parsing", "loc": ("body", "at")}
    assert faults.sentence_for_person(fault) == "Choose a day and a time."

"""A name or a title that is several lines or reads like an address is refused at every door, with a sentence at its field."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from campaigns.core.people import Actor
from tests.api.caller import caller, token_of
from tests.api.visiting import be, browser, in_one_line
from tests.factories import new_campaign, person
from workers.transactions import unit_of_work

API = "/api/v1"
BAD = ("Ana http://evil.example", "Ana\nevil", "Ana, evil.example/prize", "ana@evil.example")
PROFILE = {"country": "PE", "locale": "en", "time_zone": "UTC"}


@pytest.fixture
def ana(fresh_database: str) -> Actor:
    with unit_of_work() as session:
        return person(session, "Ana")


def api_of(actor: Actor) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, actor))


@pytest.mark.parametrize("typed", BAD)
def test_a_name_over_the_api(ana: Actor, typed: str) -> None:
    api = api_of(ana)
    refused = api.put(f"{API}/me", json=PROFILE | {"name": typed}).json()
    assert (refused["status"], refused["code"], refused["field"]) == (400, "NotAName", "name")
    assert api.get(f"{API}/me").json()["name"] == "Ana"


@pytest.mark.parametrize("typed", BAD)
def test_a_name_in_a_form(ana: Actor, typed: str) -> None:
    with browser() as client:
        be(client, ana)
        answer = client.post("/me", data=PROFILE | {"name": typed, "_page": "/me"})
        assert answer.status_code == 400
        assert "A name or title" in in_one_line(answer)
        assert 'value="Ana"' in client.get("/me").text


def test_what_a_brand_its_sign_off_roles_and_a_campaign_are_called_and_whoever_is_invited(ana: Actor) -> None:
    with unit_of_work() as session:
        made = new_campaign(session)
    api = api_of(made.manager)
    doors: dict[str, Callable[[str], TestClient]] = {
        "brands": lambda typed: api.post(f"{API}/brands", json={"name": typed}),
        "sign_off_roles": lambda typed: api.post(f"{API}/brands", json={"name": "Nike", "sign_off_roles": [typed]}),
        "campaigns": lambda typed: api.post(f"{API}/campaigns", json={"brand": str(made.brand.id), "title": typed}),
        "roles": lambda typed: api.post(
            f"{API}/campaigns/{made.id}/roles", json={"email": "yu@example.org", "role": "curator", "name": typed}
        ),
    }
    for door, knock in doors.items():
        told = {knock(typed[:40]).json()["code"] for typed in BAD}
        assert told == {"NotAName"}, door

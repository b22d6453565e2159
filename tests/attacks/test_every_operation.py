"""Every operation of the API, asked by each role in turn, rightly and wrongly, by schemathesis: its answers are those that it describes.

`ATTACK_EXAMPLES` is how often each is asked, rightly and again wrongly, and has every role ask everything; without it, each role meets
a third of all operations, each day another one. `ATTACK_SEED` is what is drawn and which third it is, see `asked.py`.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from campaigns.core.stages import Stage
from tests.attacks.asked import ACCEPTED, BOUNDED, HELD, OPERATIONS, SEED, SHARDS, STAGES, TUS, asked_of, drawn, things_of, told
from tests.attacks.people import EVERYONE, asking, bearer
from tests.attacks.routes import filled
from tests.browser.test_twice import undone
from tests.browser.town import Town
from tests.described import SPEC

READING = [label for label in OPERATIONS if label.startswith("GET ")]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY")
# What nobody has in the town, and why: no form of a request makes it be there. The walk of the leaks reads each of them.
NOT_THERE = {
    "GET /api/v1/campaigns/{campaign_id}/signatures/{sign_off_role}/difference": "no brief has changed since it was signed",
    "GET /api/v1/uploads/{upload_id}": "every file that was sent has become a contribution's",
    "GET /api/v1/campaigns/{campaign_id}/cancellation": "nobody has asked for one that another has yet to confirm",
    "GET /api/v1/deliverables/{deliverable_id}/package": "no package is made without its flow",
}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with asking() as client:
        yield client


def today(label: str) -> list[str]:
    """Who asks for it today."""
    at = list(OPERATIONS).index(label) + SEED
    return [role for number, role in enumerate(EVERYONE) if (number + at) % SHARDS == 0]


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_role_is_answered_by_every_operation_as_it_is_described(founded_town: Town, client: TestClient, label: str) -> None:
    with undone(founded_town) as connection:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = OPERATIONS[label].as_strategy(generation_mode=mode)

            @drawn
            @BOUNDED
            @given(case=cases, stage=st.sampled_from(STAGES), is_real=st.integers(0, 3).map(bool))
            def ask(case: Case[Any], stage: Stage, is_real: bool) -> None:
                case = asked_of(case, things_of(founded_town, stage) if is_real else {})
                for role in today(label):
                    with connection.begin_nested() as here:
                        answer = told(client, case, bearer(founded_town, role, stage))
                        here.rollback()
                    if answer is not None:
                        case.validate_response(answer, checks=HELD)

            # Of what asks for nothing, nothing can be asked wrongly.
            with suppress(Unsatisfiable):
                ask()


@pytest.mark.parametrize("label", READING)
def test_whoever_may_read_is_refused_for_nothing_that_is_of_its_form(founded_town: Town, client: TestClient, label: str) -> None:
    with undone(founded_town):
        may = next(_who_reads(founded_town, client, label), None)
        if may is None:
            assert label in NOT_THERE
            return

        @drawn
        @BOUNDED
        @given(case=OPERATIONS[label].as_strategy(generation_mode=GenerationMode.POSITIVE))
        def ask(case: Case[Any]) -> None:
            answer = told(client, asked_of(case, things_of(founded_town, may[1])), bearer(founded_town, *may))
            if answer is not None:
                case.validate_response(answer, checks=[*HELD, ACCEPTED])

        ask()


def _who_reads(town: Town, client: TestClient, label: str) -> Iterator[tuple[str, Stage]]:
    path = OPERATIONS[label].path
    for stage in STAGES:
        things = things_of(town, stage)
        if not set(re.findall(r"{(\w+)}", path)) <= things.keys():
            continue
        for role in EVERYONE:
            if client.get(path.format(**things), params={"q": "la"}, headers=bearer(town, role, stage)).status_code == 200:
                yield role, stage


def test_an_operation_lets_in_nobody_without_a_token_unless_its_description_says_so(founded_town: Town, client: TestClient) -> None:
    differ = []
    with undone(founded_town):
        for method, path, said in every_one():
            security = said.get("security", [{}])
            guests = {_is_let_in(client, method, path, shown) for shown in ({}, {"Authorization": "Basic YTpi"})}
            liars = {_is_let_in(client, method, path, {"Authorization": "Bearer cb_live_made_up"})}
            if (guests, liars) != ({{} in security}, {"security" not in said}):
                differ.append((method, path, guests, liars))
    assert differ == []


def every_one() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Method, path, and what is said of each operation."""
    for path, methods in SPEC["paths"].items():
        for method, said in methods.items():
            yield method.upper(), path, said


def _is_let_in(client: TestClient, method: str, path: str, shown: Mapping[str, str]) -> bool:
    status: int = client.request(method, filled(path), headers={**TUS, **shown}).status_code
    return status != 401


def test_an_address_names_every_method_that_it_takes_to_whoever_tries_another(founded_town: Town, client: TestClient) -> None:
    differ = []
    with undone(founded_town):
        for path, methods in SPEC["paths"].items():
            taken = {each.upper() for each in methods} | ({"HEAD"} if "get" in methods else set())
            others = [method for method in METHODS if method not in taken]
            for method in ("TRACE", others[SEED % len(others)]):
                answer = client.request(method, filled(path))
                allowed = set(answer.headers.get("allow", "").split(", "))
                if (answer.status_code, allowed) != (405, taken):
                    differ.append((method, path, answer.status_code, allowed))
    assert differ == []

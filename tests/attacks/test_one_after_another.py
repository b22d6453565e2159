"""What an operation makes is taken by every other that its description leads to: links followed one by one, and by schemathesis at random.

`ATTACK_EXAMPLES` is how many ways are walked at random, `ATTACK_SEED` what is drawn.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import CHECKS
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import APIStateMachine, StepInput, StepOutput

from api.links import MADE
from campaigns.core import db
from campaigns.core.stages import Stage
from tests.attacks.asked import API, EXAMPLES, HELD, SEED, asked_of, things_of, told
from tests.attacks.bodies import whole
from tests.attacks.people import about, asking, bearer
from tests.attacks.routes import filled
from tests.browser.test_twice import undone
from tests.browser.town import Town
from tests.described import SPEC, unlike

BY_ID = {said["operationId"]: (method.upper(), path, said) for path, methods in SPEC["paths"].items() for method, said in methods.items()}
WALKED = settings(
    max_examples=4 * EXAMPLES, stateful_step_count=6, database=None, deadline=None, phases=[Phase.generate], print_blob=False,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
CHECKED = [*HELD, CHECKS.get_one("use_after_free"), CHECKS.get_one("ensure_resource_availability")]
# Whoever makes it in the town, and at what stage of a campaign.
MAKERS: Mapping[str, tuple[str, Stage]] = {
    "sign_in_create_token": ("artist", Stage.OPEN_CALL), "brief_create_campaign": ("manager", Stage.BRIEF),
    "brief_add_deliverable": ("manager", Stage.BRIEF), "people_invite_for_campaign": ("manager", Stage.BRIEF),
    "open_call_contribute": ("artist", Stage.OPEN_CALL), "open_call_ask": ("artist", Stage.OPEN_CALL),
    "people_appoint": ("operator", Stage.PAYOUT), "payout_make_comment": ("artist", Stage.PAYOUT),
    "payout_propose_limits": ("finance", Stage.PAYOUT), "payout_hold": ("finance", Stage.PAYOUT),
}  # fmt: skip
BESIDE: Mapping[str, Mapping[str, Any]] = {
    "sign_in_create_token": {"scopes": ["account"]}, "open_call_contribute": {"text": "Every December we walk.", "upload": None},
    "people_appoint": {"role": "finance", "hat": None}, "people_invite_for_campaign": {"role": "editor", "hat": None},
}  # fmt: skip


# What is not there before a campaign has come so far, which its maker knows from the campaign itself.
NOT_YET = {"payout_list_pools", "open_call_list_questions"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with asking() as client:
        yield client


def body_of(name: str, things: Mapping[str, object]) -> Any:
    """The body of its example, about things that there are."""
    example = whole(BY_ID[name][2]["requestBody"]["content"]["application/json"])
    return about(example, things) | BESIDE.get(name, {})


def test_every_link_leads_to_an_operation_and_gives_it_all_that_its_path_asks_for() -> None:
    differ = []
    for name in MADE:
        assert BY_ID[name][2]["responses"]["201"]["links"]
        for target, link in BY_ID[name][2]["responses"]["201"]["links"].items():
            asked = {each["name"] for each in BY_ID[target][2]["parameters"] if each["in"] == "path"}
            if (link["operationId"], set(link["parameters"])) != (target, asked):
                differ.append((name, target))
    assert differ == []


@pytest.mark.parametrize("name", MAKERS)
def test_whoever_made_something_is_told_of_it_wherever_its_links_lead(founded_town: Town, client: TestClient, name: str) -> None:
    role, stage = MAKERS[name]
    (method, path, said), things = BY_ID[name], things_of(founded_town, stage)
    with undone(founded_town):
        headers = bearer(founded_town, role, stage)
        made = client.request(method, path.format(**things), json=body_of(name, things), headers=headers)
        assert (made.status_code, unlike(method, path, made)) == (201, None), made.text
        for target, link in said["responses"]["201"]["links"].items():
            if BY_ID[target][0] == "GET":
                place = {each: _value(where, things, made.json()) for each, where in link["parameters"].items()}
                answer = client.get(BY_ID[target][1].format(**place), headers=headers)
                is_there = answer.is_success or answer.status_code == 403 or (answer.status_code == 404 and target in NOT_YET)
                assert is_there, (target, answer.text)
                assert (target, unlike("GET", BY_ID[target][1], answer)) == (target, None)


def _value(expression: str, things: Mapping[str, object], made: Any) -> str:
    """What a link's runtime expression stands for."""
    if expression.startswith("$request.path."):
        return str(things[expression.rpartition(".")[2]])
    return str(made[expression.rpartition("/")[2]])


def test_ways_through_the_links_end_in_no_answer_that_is_not_described(founded_town: Town, client: TestClient) -> None:
    with undone(founded_town):
        walking = _walking(founded_town, client)
        walked = seed(SEED)(walking)
        with suppress(Unsatisfiable):
            walked.run(settings=WALKED)
    assert any(source for source, _target, status in walking.followed if status < 300), walking.followed


def _walking(town: Town, client: TestClient) -> Any:
    """The machine that walks, over what the makers make and whatever leads on from it."""
    targets = {target for name in MAKERS for target in BY_ID[name][2]["responses"]["201"]["links"]}
    base: type[APIStateMachine] = API.include(operation_id=sorted({*MAKERS, *targets})).as_state_machine()

    class Walking(base):  # type: ignore[misc, valid-type]
        followed: ClassVar[list[tuple[str, str, int]]] = []

        def setup(self) -> None:
            self.by: dict[str, tuple[str, Stage]] = {}
            self.here = db.engine().begin_nested()

        def teardown(self) -> None:
            self.here.rollback()

        def step(self, input: StepInput) -> StepOutput:  # noqa: A002 - as it is called there
            name, came_by = input.case.operation.definition.raw["operationId"], input.transition
            first = MAKERS.get(name, ("manager", Stage.BRIEF))
            who = self.by[input.case.id] = self.by.get(came_by.parent_id, first) if came_by else first
            self.case = made_whole(input.case, name, things_of(town, who[1])) if not came_by else input.case
            self.headers = bearer(town, *who)
            done: StepOutput = super().step(input)
            if came_by:
                self.followed.append((came_by.id, name, done.response.status_code))
            return done

        def call(self, case: Case, **_how: Any) -> Response:
            answer = told(client, case, self.headers)
            return Response.from_any(answer if answer is not None else client.get(filled("/api/v1/clock")))

        def validate_response(self, response: Response, case: Case, **_how: Any) -> None:
            case.validate_response(response, checks=CHECKED, recorder=getattr(self, "recorder", None))

    return Walking


def made_whole(case: Case, name: str, things: Mapping[str, object]) -> Case:
    """The case, asked about things that there are; what makes something says what makes it."""
    case = asked_of(case, things)
    if name in MAKERS:
        case.body = body_of(name, things)
    return case

"""What an operation makes is taken by every other that its description leads to: links followed one by one, and by schemathesis at random.

`ATTACK_EXAMPLES` is how many ways are walked at random, `ATTACK_SEED` what is drawn, see `asked.py`.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import APIStateMachine, StepInput, StepOutput
from sqlalchemy import Connection

from api.links import MADE
from campaigns.core.stages import Stage
from tests.attacks.asked import API, EXAMPLES, HELD, asked_of, check, drawn, told
from tests.attacks.people import asking
from tests.attacks.routes import filled
from tests.attacks.write import BY_ID, Write
from tests.attacks.writes import WRITES
from tests.browser.test_twice import undone
from tests.browser.town import Town
from tests.described import unlike

WALKED = settings(
    max_examples=8 * EXAMPLES, stateful_step_count=6, database=None, deadline=None, phases=[Phase.generate], print_blob=False,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
CHECKED = [*HELD, check("use_after_free"), check("ensure_resource_availability")]
MAKERS = {name: WRITES[name] for name in MADE}
# Who asks first for something that nobody makes.
READER = Write(stage=Stage.BRIEF)
# What a maker is not shown: claims are decided by curators, who know nobody's name, and a campaign without a deliverable has no pool.
NOT_SHOWN = {
    ("brief_create_campaign", "collaboration_list_open_claims"): 403,
    ("brief_create_campaign", "payout_list_pools"): 404,
    ("brief_add_deliverable", "client_delivery_show_package"): 404,
    ("brief_add_deliverable", "payout_show_assessment"): 404,
}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with asking() as client:
        yield client


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
    write, (method, path, said) = MAKERS[name], BY_ID[name]
    with undone(founded_town):
        things, headers = write.things(founded_town), write.headers(founded_town)
        made = write.ask(client, founded_town, name, things)
        assert (made.status_code, unlike(method, path, made)) == (201, None), made.text
        answers = {}
        for target, link in said["responses"]["201"]["links"].items():
            if BY_ID[target][0] == "GET":
                place = {each: _value(where, things, made.json()) for each, where in link["parameters"].items()}
                answer = client.get(BY_ID[target][1].format(**place), headers=headers)
                answers[target] = (answer.status_code, unlike("GET", BY_ID[target][1], answer))
    assert answers == {target: (NOT_SHOWN.get((name, target), 200), None) for target in answers}


def _value(expression: str, things: Mapping[str, object], made: Any) -> str:
    """What a link's runtime expression stands for."""
    if expression.startswith("$request.path."):
        return str(things[expression.rpartition(".")[2]])
    return str(made[expression.rpartition("/")[2]])


def test_ways_through_the_links_end_in_no_answer_that_is_not_described(founded_town: Town, client: TestClient) -> None:
    with undone(founded_town) as connection:
        walking = _walking(founded_town, client, connection)
        with suppress(Unsatisfiable):
            drawn(walking).run(settings=WALKED)
    assert any(source for source, _target, status in walking.followed if status < 300), walking.followed


class Prepared:
    """What the first requests of one way are about; what must have happened before each of them happens once."""

    def __init__(self, town: Town) -> None:
        self._town, self._things = town, dict[str, Mapping[str, Any]]()

    def ask(self, case: Case[Any], name: str, write: Write) -> None:
        """Have the case ask about things that there are; what makes something says what makes it."""
        if name not in self._things:
            self._things[name] = write.things(self._town)
        asked_of(case, self._things[name])
        if name in MAKERS:
            case.body = write.body_of(name, self._things[name])


def _walking(town: Town, client: TestClient, connection: Connection) -> Any:
    """The machine that walks, over what the makers make and whatever leads on from it."""
    targets = {target for name in MAKERS for target in BY_ID[name][2]["responses"]["201"]["links"]}
    base: type[APIStateMachine] = API.include(operation_id=sorted({*MAKERS, *targets})).as_state_machine()

    class Walking(base):  # type: ignore[misc, valid-type]
        followed: ClassVar[list[tuple[str, str, int]]] = []

        def setup(self) -> None:
            self.by: dict[str, Write] = {}
            self.prepared = Prepared(town)
            self.here = connection.begin_nested()

        def teardown(self) -> None:
            self.here.rollback()

        def step(self, input: StepInput) -> StepOutput:  # noqa: A002 - as it is called there
            name, came_by = input.case.operation.definition.raw["operationId"], input.transition
            write = self.by[input.case.id] = self.by.get(came_by.parent_id, READER) if came_by else MAKERS.get(name, READER)
            if not came_by:
                self.prepared.ask(input.case, name, write)
            self.headers = write.headers(town) | write.sent.get("headers", {})
            done: StepOutput = super().step(input)
            if came_by:
                self.followed.append((came_by.id, name, done.response.status_code))
            return done

        def call(self, case: Case[Any], **_how: Any) -> Response:
            answer = told(client, case, self.headers)
            return Response.from_any(answer if answer is not None else client.get(filled("/api/v1/clock")))

        def validate_response(self, response: Response, case: Case[Any], **_how: Any) -> None:
            case.validate_response(response, checks=CHECKED, recorder=getattr(self, "recorder", None))

    return Walking

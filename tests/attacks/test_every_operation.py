"""Every operation of the API, asked by everyone, rightly and wrongly, by schemathesis: no fault of ours comes of it.

`ATTACK_EXAMPLES` is how often each is asked, rightly and again wrongly, `ATTACK_SEED` what is drawn.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from httpx import Response
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from api.app import make_app
from campaigns.core.stages import Stage
from tests.attacks.people import ROLES, about, asking, bearer
from tests.browser.test_twice import undone
from tests.browser.town import Town

EXAMPLES = int(os.environ.get("ATTACK_EXAMPLES", "2"))
SEED = int(os.environ.get("ATTACK_SEED", "1"))
OPERATIONS = {found.ok().label: found.ok() for found in schemathesis.openapi.from_dict(make_app().openapi()).get_all_operations()}
STAGES = [stage for stage in Stage if stage is not Stage.DONE]
BOUNDED = settings(
    max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False
)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with asking() as client:
        yield client


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_operation_breaks_whoever_asks_it_and_whatever_for(founded_town: Town, client: TestClient, label: str) -> None:
    with undone(founded_town):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = OPERATIONS[label].as_strategy(generation_mode=mode)

            @seed(SEED)
            @BOUNDED
            @given(case=cases, role=st.sampled_from(ROLES), stage=st.sampled_from(STAGES), is_real=st.integers(0, 3).map(bool))
            def ask(case: Case, role: str, stage: Stage, is_real: bool) -> None:
                answer = told(client, founded_town, case, role, stage, is_real)
                assert answer is None or not fault(answer), f"{role} in {stage}: {case.as_curl_command()}\n{answer.text}"

            # Of what asks for nothing, nothing can be asked wrongly.
            with suppress(Unsatisfiable):
                ask()


def fault(answer: Response) -> bool:
    """Whether it is a fault of ours, or a refusal in no form of ours."""
    if answer.status_code >= 500:
        return True
    is_in_form = answer.headers.get("content-type") == "application/problem+json"
    return answer.is_error and bool(answer.content) and not is_in_form


def told(client: TestClient, town: Town, case: Case, role: str, stage: Stage, is_real: bool) -> Response | None:
    """The answer; None where it cannot even be asked over HTTP. If it `is_real`, it is asked of things that there are."""
    things = town.things[stage] if is_real else {}
    case.path_parameters = {name: str(things.get(name, value)) for name, value in (case.path_parameters or {}).items()}
    case.body = about(case.body, things)
    asked = case.as_transport_kwargs(base_url="https://testserver", headers=bearer(town, role, stage))
    try:
        return client.request(**in_httpx(asked))
    except (UnicodeEncodeError, ValueError, TypeError):
        return None


def in_httpx(asked: dict[str, Any]) -> dict[str, Any]:
    """What schemathesis would have `requests` send, as httpx takes it."""
    body, asked["cookies"] = asked.pop("data", None), asked["cookies"] or None
    return asked | ({"content": body} if isinstance(body, str | bytes) else {"data": body} if body else {})

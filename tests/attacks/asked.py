"""The API as schemathesis knows it, and a case of its that is asked by somebody of the town: what is held against each answer.

`ATTACK_SEED` is what is drawn and whom it is asked for; without it, each day draws something else, and a test that fails prints its number.
"""

import os
import sys
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

import schemathesis
from fastapi.testclient import TestClient
from httpx import Response
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis import Case
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.transport import SerializationContext
from schemathesis.transport.serialization import serialize_binary

from api.app import make_app
from campaigns.core.stages import Stage
from tests.attacks.people import about
from tests.browser.town import Town

EXAMPLES = int(os.environ.get("ATTACK_EXAMPLES", "1"))
SEED = int(os.environ.get("ATTACK_SEED", date.today().toordinal()))  # noqa: DTZ011 - any day's number will do
# Without ATTACK_EXAMPLES, each role meets a third of all operations, each day another one.
SHARDS = 1 if "ATTACK_EXAMPLES" in os.environ else 3
STAGES = [stage for stage in Stage if stage is not Stage.DONE]
BOUNDED = settings(
    max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False
)
# What is not of its form is refused; where somebody is refused before it is looked at, in one of these ways as well.
REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "429"]
CONFIG = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}})
# A copy: schemathesis adds links of its own to what it is given, parts of which every description shares.
API = schemathesis.openapi.from_dict(deepcopy(make_app().openapi()), config=CONFIG)
OPERATIONS = {found.ok().label: found.ok() for found in API.get_all_operations() if isinstance(found, Ok)}
BY_OPERATION = {found.definition.raw["operationId"]: found for found in OPERATIONS.values()}
TUS = {"Tus-Resumable": "1.0.0"}
load_all_checks()


def check(name: str) -> CheckFunction:
    """One of schemathesis's own checks that is a function."""
    found = CHECKS.get_one(name)
    assert not isinstance(found, type)
    return found


HELD = [
    check(name)
    for name in (
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
        "response_schema_conformance", "negative_data_rejection",
    )
]  # fmt: skip
ACCEPTED = check("positive_data_acceptance")


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of(_context: SerializationContext, value: Any) -> bytes:
    """The bytes of an upload, in the type that tus gives them, which schemathesis does not know."""
    return serialize_binary(value)


def drawn(test: Any) -> Any:
    """The test, or machine, drawn from the seed, which is printed so that a failure can be had again."""
    sys.stdout.write(f"What is drawn: ATTACK_SEED={SEED}\n")
    return seed(SEED)(test)


def asked_of(case: Case[Any], things: Mapping[str, object]) -> Case[Any]:
    """The case, asked about things that there are; what it says wrongly on purpose stays wrong."""
    is_wrong = case.meta.is_negative_at if case.meta else lambda _place: False
    if not is_wrong(ParameterLocation.PATH):
        case.path_parameters = {name: str(things.get(name, value)) for name, value in (case.path_parameters or {}).items()}
    if not is_wrong(ParameterLocation.BODY):
        case.body = about(case.body, things)
    return case


def things_of(town: Town, stage: Stage) -> Mapping[str, object]:
    """What the campaign of the stage has, by every name under which a path asks for it."""
    things = town.things[stage]
    return things | {"contribution_id": things["contribution_id"]} if "contribution_id" in things else things


def told(client: TestClient, case: Case[Any], headers: Mapping[str, str]) -> Response | None:
    """The answer; None where it cannot even be asked over HTTP."""
    try:
        answer: Response = client.request(**_in_httpx(case.as_transport_kwargs(base_url="https://testserver", headers=dict(headers))))
    except (UnicodeEncodeError, ValueError, TypeError):
        return None
    return answer


def _in_httpx(asked: dict[str, Any]) -> dict[str, Any]:
    """What schemathesis would have `requests` send, as httpx takes it."""
    body, asked["cookies"] = asked.pop("data", None), asked["cookies"] or None
    # What is no text is sent as its text: httpx would look for a file in it.
    parts = [(name, (file, _sendable(part), *kind)) for name, (file, part, *kind) in asked.pop("files", None) or ()]
    asked |= {"files": parts} if parts else {}
    return asked | ({"content": body} if isinstance(body, str | bytes) else {"data": body} if body else {})


def _sendable(part: Any) -> str | bytes:
    return part if isinstance(part, str | bytes) else str(part)

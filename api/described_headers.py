"""The headers of requests and answers in the API's description: said once here, not at each route."""

from collections.abc import Mapping
from typing import Any

from api.answers import LOCATIONS
from api.deps import TAG
from api.door_log import API
from api.request_ids import REQUEST_ID, SANE

Said = dict[str, Any]
HEADERS: Mapping[str, Said] = {
    REQUEST_ID: {
        "description": "The id of this request, as you sent it or as we made it; our log has it as well.",
        "required": True,
        "schema": {"type": "string", "pattern": f"^{SANE.pattern}$"},
    },
    "Location": {
        "description": "The address of what was created, or of the list or the page of facts that it is in.",
        "required": True,
        "schema": {"type": "string"},
    },
    "ETag": {"description": "The answer's version: send it as If-None-Match when you ask again.", "required": True, "schema": TAG},
}
UNCHANGED: Said = {"description": "Nothing has changed since the answer whose ETag you sent."}
IF_NONE_MATCH: Said = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer: if nothing has changed, 304 is answered without a body.",
    "schema": {"type": "string"},
}


def describe_headers(spec: Said) -> None:
    """Say of every operation which headers it takes and answers with."""
    spec["components"]["headers"] = dict(HEADERS)
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            if method == "get" and "application/json" in answers.get("200", {}).get("content", {}):
                operation.setdefault("parameters", []).append(IF_NONE_MATCH)
                _say(answers["200"], "ETag")
                answers["304"] = dict(UNCHANGED)
                _say(answers["304"], "ETag")
            if "201" in answers and path.removeprefix(API) in LOCATIONS:
                _say(answers["201"], "Location")
            for answer in answers.values():
                _say(answer, REQUEST_ID)


def _say(answer: Said, name: str) -> None:
    answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"}} | answer.get("headers", {})

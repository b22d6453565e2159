"""Whether an answer of the API is one that the API's own description (OpenAPI) has: its status, type, headers and form."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
from httpx import Response

from api.app import make_app

SPEC: Mapping[str, Any] = make_app().openapi()
# What an answer says beside its body, each of which must stand in the description where it is said.
TELLING = {
    "allow", "etag", "idempotency-replayed", "location", "retry-after", "tus-resumable", "upload-length", "upload-offset",
    "www-authenticate",
}  # fmt: skip


def unlike(method: str, path: str, answer: Response) -> str | None:
    """How the answer at this path of the description differs from what is described there; None where it does not."""
    said = SPEC["paths"][path][method.lower()]["responses"]
    described = said.get(str(answer.status_code)) or said.get(f"{answer.status_code // 100}XX")
    if described is None:
        return f"{answer.status_code} is not described"
    return _headers_fault(described.get("headers", {}), answer) or _body_fault(method, path, described.get("content", {}), answer)


def _headers_fault(described: Mapping[str, Any], answer: Response) -> str | None:
    missing = [name for name, header in described.items() if header.get("required") and name not in answer.headers]
    untold = TELLING & {name.lower() for name in answer.headers} - {name.lower() for name in described}
    # `Allow` and the version of tus are said by the protocols themselves wherever they apply.
    untold -= {"tus-resumable", "allow"} if answer.is_error else set()
    return f"headers missing {missing}, not described {sorted(untold)}" if missing or untold else None


def _body_fault(method: str, path: str, content: Mapping[str, Any], answer: Response) -> str | None:
    if method == "HEAD" or not (content or answer.content):
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind not in content:
        return f"{kind or 'no type'} is not described"
    key = json.dumps(content[kind]["schema"], sort_keys=True)
    fault = next(_validator(key).iter_errors(answer.json()), None)
    return f"{'.'.join(map(str, fault.instance_path))}: {fault.message}" if fault else None


@lru_cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**json.loads(schema), "components": SPEC["components"]}, validate_formats=True)

"""The API's own description (OpenAPI): readable names, one form of problem, an example of every body."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic.json_schema import models_json_schema

from api.deps import anyone
from api.described_headers import describe_headers
from api.descriptions import describe_names
from api.errors import CODES, Problem
from api.limits import describe_limits
from api.links import link
from api.scopes import named
from campaigns.core.errors import Refusal
from campaigns.core.permissions import EVERYTHING, SCOPES

ABOUT = """
Each brand partnership goes through six stages: brief, open call, collaboration, curation, client delivery, payout.

- **Sign in**: `POST /sign-in`, then exchange the last part of the emailed link at `POST /sign-in/token` for a bearer token.
- **Scopes**: each route names the scope that it needs; a token without it is refused (403). `*` is every scope; the others are
  {scopes}. Revoking a token revokes those made with it.
- **Refusals** are `application/problem+json`: `detail` says what to do, `code` is its name, `field` is where. What you may not see
  does not exist for you (404); what you may see but not do is refused (403). The schema `Problem` lists every code with its rule.
- **Lists** are newest first; pass a page's `next` as `after`.
- **Idempotency-Key** on what creates: for a week, the same key and request get the same answer and act once. Not on tokens,
  whose secret is not stored and cannot be shown again, nor on uploads, which have no effect until they are submitted.
- **ETag and If-Match**: a change that someone made since you loaded the object is not overwritten (412).
- **ETag and If-None-Match**: every GET with JSON names its version; send it when you ask again, and what has not changed is answered
  with 304 and no body. Links to files are made anew each time, so an answer that has some always counts as changed.
- **HEAD** is answered wherever GET is.
- **Location** of an answer with 201 is where you find what was created.
- **X-Request-Id**: send an id of your own (up to 64 letters, digits, dots, hyphens, underscores), or take the one that we answer with;
  our log names it.
- **Rate limits** stand at the operations that have one, in words and as `x-rate-limits`: `burst` at once, and one more every
  `every_seconds`. Whoever asks more often gets 429.
- **Retry-After**, with 429 and 503, is the number of seconds that the sentence of the refusal names.
- **Links** on operations that create something name the operations that take its id, and where the answer has the id.
- **Money** is a whole number of minor units with its currency; **times** include their zone.
""".format(scopes=", ".join(f"`{scope}`" for scope in sorted(SCOPES - {EVERYTHING})))
TAGS = {
    "sign-in": "Sign-in links, and tokens with scopes.",
    "clock": "Business time.",
    "people": "Your own profile, brands, and who has which role.",
    "campaign": "The status of a partnership and what it is waiting for.",
    "brief": "Text, deliverables, signatures, funding, launch.",
    "open_call": "The call, uploads, contributions, screening.",
    "collaboration": "Remixes, lineage, claims of influence.",
    "curation": "Rubric, blind reviews, selection.",
    "client_delivery": "Versions, approvals, the package.",
    "payout": "Points, proposals, comments, payout runs, your own money.",
    "operator": "Whether everything works, and what is stuck.",
}
REFERENCE = "#/components/schemas/{model}"
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
AGAIN = {"Retry-After": {"description": "Seconds to wait before you try again.", "schema": {"type": "integer", "minimum": 0}}}
REFUSED = AGAIN | {
    "WWW-Authenticate": {"description": "With 401: how to authenticate.", "schema": {"const": "Bearer"}},
    "Allow": {"description": "With 405: the methods that this address allows.", "schema": {"type": "string"}},
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused, with the reason.", "content": PROBLEM, "headers": REFUSED},
    "5XX": {"description": "An error on our side.", "content": PROBLEM, "headers": AGAIN},
}
REPLAYED = {"Idempotency-Replayed": {"description": "This is the earlier answer to the same key.", "schema": {"const": "true"}}}
SAMPLES: Mapping[str, Any] = {
    "uuid": "01937a5c-2f4e-7c3a-9b1d-5e6f7a8b9c0d",
    "date-time": "2026-11-24T18:00:00-08:00",
    "date": "2026-11-24",
    "boolean": True,
    "integer": 1,
    "number": 1.0,
    "string": "…",
    "binary": "…",
    "null": None,
}
Schema = Mapping[str, Any]


def operation_id(route: APIRoute) -> str:
    """The stage and the function: `brief_sign`."""
    return f"{route.tags[0]}_{route.name}".replace("-", "_") if route.tags else route.name


class Described(FastAPI):
    """An application whose description has the problems' form and an example of every body."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            spec = super().openapi()
            schemas = spec["components"]["schemas"]
            schemas |= models_json_schema([(Problem, "serialization")], ref_template=REFERENCE)[1]["$defs"]
            schemas["Problem"]["properties"]["code"] |= {
                "description": _rules(),
                "enum": sorted({*CODES, *(k.__name__ for k in refusals())}),
            }
            routes = {each.unique_id: each for each in iter_route_contexts(self.routes) if hasattr(each, "unique_id")}
            for operation in operations(spec):
                operation["summary"] = operation["summary"].capitalize()
                if "security" in operation:
                    _tell_who(operation, routes[operation["operationId"]])
                for body in operation.get("requestBody", {}).get("content", {}).values():
                    body["example"] = example(body["schema"], schemas)
                _tell_of_replays(operation)
                describe_limits(operation)
            describe_names(spec)
            describe_headers(spec)
            link(spec)
        return self.openapi_schema or {}


def _tell_who(operation: dict[str, Any], route: RouteContext) -> None:
    """The scope that a token needs there, and whether a guest may ask as well."""
    scope = named(route.dependencies) or EVERYTHING
    operation["security"] = [{scheme: [scope] for scheme in each} for each in operation["security"]]
    operation["description"] = f"{operation.get('description', '')}\n\nScope of a token: `{scope}`."
    if any(needed.call is anyone for needed in route.dependant.dependencies):
        operation["security"].append({})


def _tell_of_replays(operation: dict[str, Any]) -> None:
    if any(each["name"] == "idempotency-key" for each in operation.get("parameters", ())):
        for status in operation["responses"].keys() & {"201", "202"}:
            operation["responses"][status]["headers"] = dict(REPLAYED)


def refusals(kind: type[Refusal] = Refusal) -> set[type[Refusal]]:
    """Every kind of refusal that the application has: each is a rule."""
    return {each for below in kind.__subclasses__() for each in {below, *refusals(below)}}


def _rules() -> str:
    told = {f"- `{kind.__name__}` ({kind.status}): {(kind.__doc__ or '').splitlines()[0]}" for kind in refusals()}
    return "\n".join(["The name of the refusal:", "", *sorted(told)])


def operations(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every operation of a description."""
    return [operation for path in spec["paths"].values() for operation in path.values()]


def example(schema: Schema, schemas: Mapping[str, Schema]) -> Any:
    """A value of this form, made of the examples that its fields carry; what may be left out and has no example is left out."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return example(schema["anyOf"][0], schemas)
    return _composed(schema, schemas)


def _composed(schema: Schema, schemas: Mapping[str, Schema]) -> Any:
    if schema.get("type") == "array":
        return [example(schema["items"], schemas)]
    if schema.get("type") != "object":
        return SAMPLES[schema.get("format", schema.get("type", "string"))]
    if isinstance(of_each := schema.get("additionalProperties"), Mapping):
        return {SAMPLES[schema.get("propertyNames", {}).get("format", "string")]: example(of_each, schemas)}
    required = schema.get("required", ())
    fields = schema.get("properties", {}).items()
    return {name: example(field, schemas) for name, field in fields if name in required or _says_more(field)}


def _says_more(field: Schema) -> bool:
    return "examples" in field or any("examples" in choice for choice in field.get("anyOf", ()))

"""The body of an operation's example, with something else in each of its texts in turn."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from api.app import make_app

SPEC = make_app().openapi()
Where = tuple[str | int, ...]


def operations() -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Method, path, tag and the JSON that it takes, of every operation that takes some."""
    for path, methods in SPEC["paths"].items():
        for method, says in methods.items():
            taken = says.get("requestBody", {}).get("content", {}).get("application/json")
            if taken:
                yield method.upper(), path, says["tags"][0], taken


def whole(taken: Mapping[str, Any]) -> Any:
    """The example, with a word in every text that it leaves out."""
    return _whole(taken["schema"], deepcopy(taken["example"]))


def with_each(body: Any, attack: str, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    """The body once for each of its free texts, and that text's place: there stands the attack."""
    for place in places(body):
        changed = deepcopy(body)
        _put(changed, place, attack)
        yield place, changed


def places(body: Any, where: Where = ()) -> Iterator[Where]:
    """Where in the body texts are."""
    if isinstance(body, str):
        yield where
    for name, part in body.items() if isinstance(body, dict) else enumerate(body if isinstance(body, list) else ()):
        yield from places(part, (*where, name))


def _put(body: Any, place: Where, attack: str) -> None:
    *way, last = place
    for step in way:
        body = body[step]
    body[last] = attack


def _whole(schema: Mapping[str, Any], value: Any) -> Any:
    schema = _resolved(schema)
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                value[name] = _whole(part, value[name])
            elif _is_text(part):
                value[name] = "word"
    if isinstance(value, list) and "items" in schema:
        return [_whole(schema["items"], each) for each in value]
    return value


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands behind a reference, and beside a null."""
    if "$ref" in schema:
        return _resolved(SPEC["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    parts = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    return _resolved(parts[0]) if len(parts) == 1 else schema


def _is_text(schema: Mapping[str, Any]) -> bool:
    said = _resolved(schema)
    return said.get("type") == "string" and not {"enum", "const", "format", "pattern"} & said.keys()

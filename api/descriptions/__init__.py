"""A sentence for each property, parameter and header of the API, by its name; a model's own `Field(description=…)` goes first."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.descriptions.campaigns import CAMPAIGNS
from api.descriptions.common import ANSWERED, COMMON, PARAMETERS
from api.descriptions.money import MONEY
from api.descriptions.people import PEOPLE

TABLES: tuple[Mapping[str, str], ...] = (COMMON, CAMPAIGNS, PEOPLE, MONEY)
Said = dict[str, Any]


def describe_names(spec: Said) -> None:
    """Give a description to all that has a name and none of its own."""
    for table, name, said in named(spec):
        if "description" not in said and name in table:
            said["description"] = table[name]


def named(spec: Said) -> Iterator[tuple[Mapping[str, str], str, Said]]:
    """Every property, parameter and header of an answer: the table of its sentence, its name, and what is said of it."""
    properties = {name: sentence for table in TABLES for name, sentence in table.items()}
    for schema in spec["components"]["schemas"].values():
        yield from ((properties, name, said) for name, said in schema.get("properties", {}).items())
    for methods in spec["paths"].values():
        for operation in methods.values():
            yield from (({**PARAMETERS, **properties}, said["name"], said) for said in operation.get("parameters", ()))
            headers = (answer.get("headers", {}).items() for answer in operation["responses"].values())
            yield from ((ANSWERED, name, said) for each in headers for name, said in each if "$ref" not in said)

"""Whatever has a name in the API's description has a sentence that says what it is."""

import re

from fastapi import FastAPI

from api.app import make_app
from api.descriptions import TABLES, named
from api.descriptions.common import ANSWERED, PARAMETERS
from api.limits import LIMITS
from campaigns.core.permissions import SCOPES

SPEC = make_app().openapi()
SENTENCE = re.compile(r"[A-Z`].*[.]", re.DOTALL)


def test_every_property_parameter_and_header_is_described() -> None:
    assert {name for _table, name, said in named(SPEC) if not said.get("description")} == set()


def test_every_line_of_the_tables_is_a_sentence_and_is_used() -> None:
    bare = FastAPI.openapi(make_app.__wrapped__())
    written = {(name, table[name]) for table, name, said in named(bare) if "description" not in said and name in table}
    lines = {(name, sentence) for table in (*TABLES, PARAMETERS, ANSWERED) for name, sentence in table.items()}
    assert {sentence for _name, sentence in lines if not SENTENCE.fullmatch(sentence)} == set()
    assert lines - written == set()


def test_no_name_is_in_two_tables_of_properties() -> None:
    names = [name for table in TABLES for name in table]
    assert sorted(set(names)) == sorted(names)


def test_what_a_model_says_of_its_own_field_stands() -> None:
    assert SPEC["components"]["schemas"]["UploadShown"]["properties"]["offset"]["description"] == "Number of bytes stored."


def test_every_scope_stands_in_the_introduction() -> None:
    assert {scope for scope in SCOPES if f"`{scope}`" not in SPEC["info"]["description"]} == set()


def test_an_operation_with_a_limit_says_it_to_people_and_programs() -> None:
    said = {each["operationId"]: each for methods in SPEC["paths"].values() for each in methods.values() if "x-rate-limits" in each}
    assert said.keys() == LIMITS.keys()
    asking = said["sign_in_ask_for_link"]
    assert asking["x-rate-limits"] == [
        {"per": "email address", "burst": 5, "every_seconds": 180},
        {"per": "IP address", "burst": 100, "every_seconds": 6},
    ]
    assert "At most 5 at once for each email address, and one more every 180 seconds; then 429." in asking["description"]


def test_every_code_of_a_problem_is_one_of_an_enumeration() -> None:
    codes = SPEC["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert {"CallClosed", "Malformed", "NotServed", "NotKeepable", "Unavailable", "Broken"} <= set(codes)
    assert sorted(set(codes)) == codes

"""What a client is that a program has generated from the API's description."""

import re

from api.app import make_app
from tests.generated_client import module, operations, written

SPEC = make_app().openapi()
# What a generator makes up where the description gives no name.
MADE_UP = re.compile(r"_type_\d|^body_|response_\d|additional_property|^slice_|_item$")


def models() -> set[str]:
    return {file.stem for file in (written()[0] / "models").glob("*.py")} - {"__init__"}


def test_the_description_becomes_a_client_without_a_warning() -> None:
    assert written()[1] == []


def test_every_operation_is_a_module_that_can_be_imported() -> None:
    assert len(operations()) == sum(len(methods) for methods in SPEC["paths"].values())
    assert {name for name, (made, _said) in operations().items() if not hasattr(made, "sync_detailed")} == set()


def test_no_class_of_it_has_a_name_that_the_generator_had_to_make_up() -> None:
    free = {name for name in models() if "_additional" not in name and MADE_UP.search(name)}
    assert (len(models()) > 250, free) == (True, set())


def test_every_answer_with_json_has_a_type() -> None:
    untyped = {
        said["operationId"]
        for _made, said in operations().values()
        for status, answer in said["responses"].items()
        for kind, content in answer.get("content", {}).items()
        if status.startswith("2") and kind == "application/json" and "$ref" not in content["schema"] and "anyOf" not in content["schema"]
    }
    assert untyped == {"payout_download_inputs"}  # a file, whose form is its version's


def test_every_list_comes_in_the_one_envelope() -> None:
    listing = [
        (said["operationId"], schema)
        for (method, _path), (_made, said) in operations().items()
        if method == "GET" and "after" in {each["name"] for each in said.get("parameters", ())}
        for schema in [SPEC["components"]["schemas"][_named(said)]]
    ]
    assert [name for name, schema in listing if "next" not in schema["properties"]] == []
    # A proposal comes whole, with a page of its lines under their own name.
    assert [name for name, schema in listing if "items" not in schema["properties"]] == ["payout_show_proposal"]
    bare = [said["operationId"] for _made, said in operations().values() if _schema(said).get("type") == "array"]
    assert bare == []


def _schema(said: dict) -> dict:  # type: ignore[type-arg]
    answers = [answer for status, answer in said["responses"].items() if status in {"200", "201", "202"}]
    return dict(answers[0].get("content", {}).get("application/json", {}).get("schema", {})) if answers else {}


def _named(said: dict) -> str:  # type: ignore[type-arg]
    return str(_schema(said)["$ref"]).rpartition("/")[2]


def test_bytes_are_sent_as_the_body_of_an_upload() -> None:
    made, _said = operations()["PATCH", "/api/v1/uploads/{upload_id}"]
    kwargs = made._get_kwargs(upload_id=1, body=module("types").File(payload=b"bytes"), upload_offset=0)
    assert (kwargs["content"], kwargs["headers"]["Content-Type"]) == (b"bytes", "application/offset+octet-stream")

"""What is named in one place and described in another: no name without its words, its address or its deed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.wording import part_name, part_of, role_name
from campaigns.core.permissions import Role
from campaigns.core.stages import Blocker
from campaigns.gates import ACTS, ROLES, act_of

ROOT = Path(__file__).parents[2]
FIELDS = ("code", "message", "waits_for", "since", "action", "due", "params")
TODO = re.compile(r"macro todo\(action\)(.*?)endmacro", re.DOTALL)
NAMED = re.compile(r'"([a-z_]+)": _\(')
# Whom a gate may wait for without anybody holding a role of that name; the manager is whoever runs the campaign.
NO_ROLE = {"manager", "artist", "callboard"}


def blockers(field: str) -> set[str]:
    """Every value that a blocker of the product is given for this field."""
    found = {_value(call, field) for path in (ROOT / "campaigns").rglob("*.py") for call in _calls(path)}
    return {each for each in found if each}


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Blocker":
            yield node


def _value(call: ast.Call, field: str) -> str | None:
    given = dict(zip(FIELDS, call.args, strict=False)) | {each.arg: each.value for each in call.keywords}
    value = given.get(field, ast.Constant(None))
    assert isinstance(value, ast.Constant), f"line {call.lineno}: {field} is no literal"
    assert value.value is None or isinstance(value.value, str)
    return value.value


def test_every_action_of_a_blocker_has_an_address_whoever_may_do_it_and_its_words() -> None:
    todo = TODO.search((ROOT / "api/templates/lifecycle/_gates.html").read_text())
    assert todo is not None
    words = set(NAMED.findall(todo[1]))
    assert len(blockers("action")) > 20
    assert blockers("action") - set(ACTS) == set()
    assert blockers("action") - words == set()


def test_an_action_that_no_table_knows_is_an_error_and_not_a_gate_without_a_door() -> None:
    with pytest.raises(KeyError):
        act_of(Blocker("code", "message", "manager", action="dance"))
    assert act_of(Blocker("code", "message", "callboard")) is None


def test_everyone_whom_a_blocker_waits_for_has_a_name_and_is_known_by_a_role() -> None:
    assert all(role_name(each) for each in blockers("waits_for"))
    assert blockers("waits_for") - set(ROLES) - NO_ROLE == set()


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_its_words(role: Role) -> None:
    assert all(words(role.value) for words in (role_name, part_name, part_of))

"""What is named in one place and described in another: no name without its words, its address or its deed."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pytest

from api.wording import part_name, part_of, role_name
from campaigns.core.blockers import ActionCode, Blocker, BlockerCode, Waited
from campaigns.core.event_names import Emails, EventName
from campaigns.core.lanes import Lane
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.oversight.gates import ACTS, ROLES, act_of

ROOT = Path(__file__).parents[2]
TODO = re.compile(r"macro todo\(action\)(.*?)endmacro", re.DOTALL)
NAMED = re.compile(r'"([a-z_]+)": _\(')
# Whom a gate may wait for without anybody holding a role of that name; the manager is whoever runs the campaign.
NO_ROLE = {Waited.MANAGER, Waited.ARTIST, Waited.CALLBOARD}
Named = TypeVar("Named", bound=StrEnum)


def test_every_action_of_a_blocker_has_an_address_and_its_words() -> None:
    todo = TODO.search((ROOT / "api/templates/lifecycle/_gates.html").read_text())
    assert todo is not None
    assert (set(ACTS), set(ActionCode) - set(NAMED.findall(todo[1]))) == (set(ActionCode), set())


def test_every_blocker_and_every_action_is_used_and_a_blocker_ends_by_no_action_that_its_code_does_not_name() -> None:
    calls = list(blockers())
    given = {BlockerCode.COMPONENT_TAKEN_DOWN, BlockerCode.COMPONENT_UNCONFIRMED, None}
    assert {code for code, _instead in calls} | given == set(BlockerCode) | {None}
    assert {instead for code, instead in calls if instead and code and instead not in code.actions} == set()
    assert {action for code in BlockerCode for action in code.actions} == set(ActionCode)


def blockers() -> Iterator[tuple[BlockerCode | None, ActionCode | None]]:
    """The code of each blocker of the product, None where a function is given it, and what ends it instead of the usual."""
    for path in (ROOT / "campaigns").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Blocker":
                instead = next((each.value for each in call.keywords if each.arg == "instead"), None)
                yield member(call.args[0], BlockerCode), member(instead, ActionCode)


def member(node: ast.expr | None, names: type[Named]) -> Named | None:
    return names[node.attr] if isinstance(node, ast.Attribute) else None


def test_a_blocker_that_no_one_can_end_waits_for_callboard_itself() -> None:
    alone = Blocker(BlockerCode.PACKAGE, "It is being prepared.")
    assert (alone.action, alone.waits_for, act_of(alone)) == (None, Waited.CALLBOARD, None)


def test_everyone_whom_a_blocker_waits_for_has_a_name_and_is_known_by_a_role() -> None:
    assert all(role_name(each) for each in Waited)
    assert set(Waited) - set(ROLES) == NO_ROLE


LACKING = [
    (BlockerCode, ("forgotten",)),
    (BlockerCode, ("forgotten", Stage.BRIEF)),
    (ActionCode, ("forgotten", Waited.MANAGER)),
    (EventName, ("brief.forgotten", Emails.SILENT)),
    (OutboxKind, ("forgotten", Lane.EVENTS)),
]


@pytest.mark.parametrize(("names", "parts"), LACKING)
def test_what_is_declared_without_one_of_its_parts_is_an_error_when_it_is_imported(names: type[StrEnum], parts: tuple[object, ...]) -> None:
    declare = vars(names)["__new_member__"]  # what makes each member of an enum
    with pytest.raises(TypeError):
        declare(names, *parts)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_its_words(role: Role) -> None:
    assert all(words(role.value) for words in (role_name, part_name, part_of))

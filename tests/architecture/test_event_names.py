"""Events: each is recorded somewhere, says what it is, and is emailed exactly where a notification tells of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from campaigns.core.event_names import Emails, EventName
from notifications.registry import NOTIFICATIONS

ROOT = Path(__file__).parents[2]
DECLARED = ROOT / "campaigns/core/event_names.py"
RECORDING = {"record", "record_at_the_door"}


def test_every_event_is_recorded_somewhere() -> None:
    assert {name for path in modules() for name in named(ast.parse(path.read_text()))} == set(EventName)


def test_an_event_is_emailed_exactly_where_a_notification_tells_of_it() -> None:
    told = {name for notification in NOTIFICATIONS.values() for name in notification.on}
    assert {name for name in EventName if name.emails is not Emails.SILENT} == told


def test_what_happens_to_a_campaign_has_a_sentence_in_its_timeline() -> None:
    assert {name for path in modules() for name in of_campaigns(ast.parse(path.read_text())) if name.sentence is None} == set()


def modules() -> Iterator[Path]:
    yield from (path for path in (*(ROOT / "campaigns").rglob("*.py"), *(ROOT / "workers").rglob("*.py")) if path != DECLARED)


def named(node: ast.AST) -> Iterator[EventName]:
    """The events that are named within this."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "EventName":
            yield EventName[each.attr]


def of_campaigns(module: ast.Module) -> Iterator[EventName]:
    """The events that this module records of a campaign, by itself or through a function of its own that does."""
    helpers = {each.name for each in module.body if isinstance(each, ast.FunctionDef) and any(map(has_campaign, calls(each)))}
    for call in calls(module):
        if has_campaign(call) or callee(call) in helpers & {"record", "_record", "_enqueue"}:
            yield from named(call)


def calls(node: ast.AST) -> Iterator[ast.Call]:
    yield from (each for each in ast.walk(node) if isinstance(each, ast.Call))


def has_campaign(call: ast.Call) -> bool:
    return callee(call) in RECORDING and "campaign_id" in {keyword.arg for keyword in call.keywords}


def callee(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""

"""Whatever is to end, replace or delay a function names one that there is."""

from collections.abc import Callable, Sequence
from importlib import import_module
from inspect import signature
from operator import attrgetter
from typing import Any

import pytest

from tests.chaos.points import FAULTS, GUARDS, OUTAGES, POINTS, Outage, Point, Replaced

ALL: Sequence[Point | Replaced | Outage] = (*POINTS, *FAULTS, *GUARDS, *OUTAGES)
NAMED = [(each.name, each.module, each.function) for each in ALL]


def named(module: str, function: str) -> Callable[..., Any]:
    found: Callable[..., Any] = attrgetter(function)(import_module(module))
    return found


@pytest.mark.parametrize(("module", "function"), sorted({(module, function) for _name, module, function in NAMED}))
def test_a_point_is_at_a_function_that_there_is(module: str, function: str) -> None:
    assert callable(named(module, function))


def test_no_name_is_given_twice() -> None:
    names = [name for name, _module, _function in NAMED]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("point", [point for point in POINTS if point.when == "committed"], ids=lambda point: point.name)
def test_a_point_at_a_commit_has_the_session_as_its_first_argument(point: Any) -> None:
    assert next(iter(signature(named(point.module, point.function)).parameters)) == "session"

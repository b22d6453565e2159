"""What a process remembers between requests and transactions: values, no row and no session."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import _lru_cache_wrapper
from itertools import count
from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy.orm import Session

from campaigns.core.db import Base
from campaigns.core.remembered import Remembered

PACKAGES = ("campaigns", "flows", "api", "notifications", "workers", "cli", "sandbox", "demo")
# Programs, which do something as soon as they are imported, and what belongs to no process of ours.
NOT_MODULES = ("__main__", "campaigns.migrations.", "flows.supervise.worker", "flows.supervise.prefect_server", "demo.works")


def modules() -> Iterator[Any]:
    for package in PACKAGES:
        for found in pkgutil.walk_packages([package], f"{package}."):
            if not any(name in found.name for name in NOT_MODULES):
                yield importlib.import_module(found.name)


def cached() -> Mapping[str, Any]:
    """Every function whose answers are kept, by its name."""
    found = {}
    for module in modules():
        for name, each in _within(module):
            function = getattr(each, "__func__", each)
            if isinstance(function, _lru_cache_wrapper) and function.__module__ == module.__name__:
                found[f"{module.__name__}.{name}"] = function
    return found


def _within(module: Any) -> Iterator[tuple[str, Any]]:
    """What stands in a module and in its classes, by name."""
    for name, each in vars(module).items():
        yield name, each
        if isinstance(each, type) and each.__module__ == module.__name__:
            yield from ((f"{name}.{inner}", part) for inner, part in vars(each).items())


def remembered() -> Mapping[str, Any]:
    """The type of what each `Remembered` keeps, by its name."""
    return {
        f"{module.__name__}.{name}": _of_what(each, vars(module))
        for module in modules()
        for name, each in _within(module)
        if isinstance(each, Remembered)
    }


def _of_what(kept: Remembered[Any], names: Mapping[str, Any]) -> Any:
    [hint] = get_args(kept.__orig_class__)  # type: ignore[attr-defined]  # set where the type is given, as everywhere
    return get_type_hints(type("Kept", (), {"__annotations__": {"kept": hint}}), dict(names))["kept"]


def kinds(hint: Any, seen: set[Any]) -> set[type]:
    """The classes that a value of this type may hold: its own, those of its arguments, those of its fields."""
    if hint in seen:
        return set()
    seen.add(hint)
    inner = [*get_args(hint), *(get_type_hints(hint).values() if is_dataclass(hint) and fields(hint) else ())]
    own = {hint} if isinstance(hint, type) else set()
    return own.union(*(kinds(each, seen) for each in inner if not isinstance(each, str)))


def holds(hints: Mapping[str, Any]) -> set[str]:
    # A query names the rows that it asks for, and holds none.
    asked = {name: hint for name, hint in hints.items() if "Select[" not in str(hint)}
    found = set().union(*(kinds(hint, set()) for hint in asked.values()))
    return {each.__name__ for each in found if issubclass(each, Base | Session)}


def test_no_cache_of_a_process_holds_a_session_or_a_row() -> None:
    found = {name: held for name, function in cached().items() if (held := holds(get_type_hints(function.__wrapped__)))}
    assert found == {}


def test_nothing_that_is_remembered_is_a_session_or_a_row() -> None:
    assert {name: held for name, kept in remembered().items() if (held := holds({"return": kept}))} == {}
    assert len(remembered()) >= 3


def test_a_cached_function_of_a_row_or_a_session_would_be_found() -> None:
    def of_a_row(row: "Mapping[str, Base]") -> int:
        return 1

    def of_a_session(session: Session) -> int:
        return 1

    assert [holds(get_type_hints(each)) for each in (of_a_row, of_a_session)] == [{"Base"}, {"Session"}]
    of_rows: list[Remembered[Any]] = [Remembered["Mapping[str, Base]"](1), Remembered[tuple[int, Session]](1)]
    assert [holds({"return": _of_what(each, globals())}) for each in of_rows] == [{"Base"}, {"Session"}]


def test_what_is_remembered_is_computed_once_and_lets_go_of_what_computed_it() -> None:
    remembered, computed = Remembered[int](2), count(1)

    def ask(key: str) -> int:
        return remembered.get(key, lambda: next(computed))

    assert [ask(key) for key in ("a", "a", "b", "a", "c", "b", "a")] == [1, 1, 2, 1, 3, 4, 5]
    with pytest.raises(ZeroDivisionError):
        remembered.get("d", lambda: 1 // 0)
    assert remembered.get("d", lambda: 7) == 7

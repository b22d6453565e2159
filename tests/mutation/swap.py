"""A mutant put into a living process: the code of the one function that differs is exchanged, so that nothing is imported again."""

import gc
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import _lru_cache_wrapper, partial
from types import CodeType, FunctionType
from typing import Any, TypeVar

Kind = TypeVar("Kind")
Living = Mapping[tuple[str, int], Sequence[FunctionType]]


def function_of(code: CodeType) -> str:
    """The function or method at whose call this code runs, be it its own or that of something within it."""
    return code.co_qualname.partition(".<locals>")[0]


def changed_function(source: str, mutated: str, path: str) -> tuple[CodeType, CodeType] | None:
    """The only function that differs, as it was and as it is; None where what differs is done on import."""
    return _changed(compile(source, path, "exec"), compile(mutated, path, "exec"))


def _changed(old: CodeType, new: CodeType) -> tuple[CodeType, CodeType] | None:
    """Within a module or a class, whose body is run on import."""
    before, after = _codes(old), _codes(new)
    if len(before) != len(after) or _itself(old) != _itself(new):
        return None
    different = [(a, b) for a, b in zip(before, after, strict=True) if _whole(a) != _whole(b)]
    if len(different) != 1:
        return None
    a, b = different[0]
    if not _is_a_function(a):
        return _changed(a, b)
    return (a, b) if len(a.co_freevars) == len(b.co_freevars) else None


def _is_a_function(code: CodeType) -> bool:
    """Neither a class's body nor what is nameless and done on import."""
    return bool(code.co_flags & inspect.CO_OPTIMIZED) and not code.co_name.startswith("<")


def _codes(code: CodeType) -> list[CodeType]:
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def _itself(code: CodeType) -> tuple[object, ...]:
    """What this code does, wherever it stands, without what is only defined in it."""
    constants = [repr(const) for const in code.co_consts if not isinstance(const, CodeType)]
    return code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_cellvars, constants


def _whole(code: CodeType) -> tuple[object, ...]:
    return _itself(code), [_whole(each) for each in _codes(code)]


def living_functions(path: str) -> Living:
    """The functions of this file that there are, by their name and line."""
    found: dict[tuple[str, int], list[FunctionType]] = {}
    for each in _all(FunctionType):
        if each.__code__.co_filename == path:
            found.setdefault((each.__code__.co_qualname, each.__code__.co_firstlineno), []).append(each)
    return found


def unnoted(living: Living) -> set[str]:
    """The functions of which no call can be noted, by name: a door has no room for what they reach outside of themselves."""
    codes = [function.__code__ for functions in living.values() for function in functions]
    return {function_of(code) for code in codes if code.co_freevars}


@contextmanager
def calls_noted(living: Living) -> Iterator[set[str]]:
    """The functions that are called meanwhile, by name: each has a door before it, which notes the call and hands it on."""
    called, whole = set[str](), {function: function.__code__ for functions in living.values() for function in functions}
    for function, code in whole.items():
        if not code.co_freevars:
            twin = FunctionType(code, function.__globals__, function.__name__, function.__defaults__)
            twin.__kwdefaults__ = function.__kwdefaults__
            function.__code__ = _door(function, partial(_note, called, function_of(code), twin))
    yield called
    for function, code in whole.items():
        function.__code__ = code


def _note(called: set[str], name: str, twin: FunctionType, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    called.add(name)
    return twin(*given, **named)


def _door(function: FunctionType, hand_on: Callable[..., Any]) -> CodeType:
    name = f"__door_{id(function)}__"
    function.__globals__[name] = hand_on
    [door] = _codes(compile(f"def door(*given, **named): return {name}(given, named)", "door", "exec"))
    return door


def caches_of(module: str) -> list["_lru_cache_wrapper[object]"]:
    """What functions of this module remember."""
    return [each for each in _all(_lru_cache_wrapper) if getattr(each, "__module__", "") == module]


def _all(kind: type[Kind]) -> Iterator[Kind]:
    return (each for each in gc.get_objects() if isinstance(each, kind))

"""Stripe's form encoding: `a[b][0][c]=1` becomes `{"a": {"b": [{"c": "1"}]}}`, every leaf a string, or a file of a form in parts."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import Body, InvalidParameter

DEEPEST = 6
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


@dataclass(frozen=True)
class File:
    """A file in a form: what its sender calls it, and its bytes."""

    name: str
    content: bytes

    def __str__(self) -> str:
        """What tells it from others, where a request is compared with an earlier one."""
        return f"{self.name} {hashlib.sha256(self.content).hexdigest()}"


Fields = Sequence[tuple[str, str | File]]


def parsed(form: str | Fields) -> Body:
    """The nested parameters of a form, a query string, or the fields of a form in parts.

    Raises InvalidParameter for a name whose brackets do not close or that is both a value and a container.
    """
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True) if isinstance(form, str) else form:
        _place(tree, _steps(name), value, name)
    return {name: _listed(child) for name, child in tree.items()}


def _steps(name: str) -> list[str]:
    found = NAME.fullmatch(name)
    if not found or name.count("[") > DEEPEST:
        raise InvalidParameter(f"Invalid parameter name: {name}", code="parameter_unknown", param=name)
    return [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]


def _place(tree: dict[str, Any], steps: list[str], value: str | File, name: str) -> None:
    node = tree
    for step in steps[:-1]:
        node = node.setdefault(step or str(len(node)), {})
        if not isinstance(node, dict):
            raise InvalidParameter(f"Invalid object: {name}", param=name)
    leaf = steps[-1] or str(len(node))
    if isinstance(node.get(leaf), dict):
        raise InvalidParameter(f"Invalid object: {name}", param=name)
    node[leaf] = value


def _listed(node: Any) -> Any:
    """A container whose names are 0, 1, 2 … is a list, in that order."""
    if not isinstance(node, dict):
        return node
    children = {name: _listed(child) for name, child in node.items()}
    if children and set(children) == {str(number) for number in range(len(children))}:
        return [children[str(number)] for number in range(len(children))]
    return children

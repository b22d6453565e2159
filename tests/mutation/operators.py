"""What is changed in a line: some of cosmic-ray's operators, and a few of our own for what our guards are made of."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

import cosmic_ray.plugins
import parso
from cosmic_ray.operators.boolean_replacer import AddNot
from cosmic_ray.operators.operator import Operator
from parso.python.tree import Keyword

CORE = (
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_GtE", "LtE_Gt", "Gt_LtE", "GtE_Lt")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_FloorDiv", "FloorDiv_Mul", "Div_Mul", "Mod_Mul")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("BitOr_BitAnd", "BitAnd_BitOr")),
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_Delete_Invert",
    "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "NumberReplacer",
    "ZeroIterationForLoop",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
)
Span = tuple[tuple[int, int], tuple[int, int]]


class Ours(Operator):
    """An operator that has nothing to be told."""

    @classmethod
    def examples(cls) -> Iterable[Any]:
        return ()


class Negate(AddNot):
    """Negates a condition, unless that is a comparison or a negation: those have operators of their own."""

    simple: ClassVar = {"comparison", "not_test"}

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        found = super().mutation_positions(node)
        condition = node.children[2 if node.type == "test" else 1] if getattr(node, "children", None) and len(node.children) > 1 else None
        yield from (() if getattr(condition, "type", None) in self.simple else found)


class DropElement(Ours):
    """Leaves one element of a set, list or tuple out, one entry of a dictionary, or one condition of several."""

    conditions: ClassVar = {"where", "filter", "and_", "or_", "exists"}
    displays: ClassVar = {"testlist_comp", "dictorsetmaker", "arglist"}

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        for element in self._elements(node):
            yield element[0].start_pos, element[-1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        gone = self._elements(node)[index]
        at = node.children.index(gone[0])
        is_last = at + len(gone) >= len(node.children)
        node.children[at : at + len(gone) + (not is_last)] = []
        if is_last and at > 1:
            del node.children[at - 1]
        if len(node.children) == 1 and node.type == "testlist_comp":
            node.children.append(parso.parse(",").children[0])  # a tuple of one
        return node

    def _elements(self, node: Any) -> Sequence[Sequence[Any]]:
        if node.type not in self.displays or any(child.type in {"sync_comp_for", "comp_for"} for child in node.children):
            return []
        if node.type == "arglist" and not self._is_conditions(node):
            return []
        parts: list[list[Any]] = [[]]
        for child in node.children:
            if child.type == "operator" and child.value == ",":
                parts.append([])
            else:
                parts[-1].append(child)
        parts = [part for part in parts if part]
        return parts if len(parts) > 1 else []

    def _is_conditions(self, node: Any) -> bool:
        before = node.parent.get_previous_sibling()
        name = before.children[-1] if before is not None and before.type == "trailer" else before
        return name is not None and getattr(name, "value", None) in self.conditions


class DropOperand(Ours):
    """Leaves one side of `and`, `or`, `|` or `&` out."""

    kinds: ClassVar = {"and_test", "or_test", "expr", "and_expr"}

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type in self.kinds:
            for operand in node.children[::2]:
                yield operand.start_pos, operand.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        at, prefix = index * 2, node.get_first_leaf().prefix
        node.children[at : at + 2] = []
        if at and at == len(node.children):
            del node.children[at - 1]
        node.get_first_leaf().prefix = prefix
        return node


class DropCall(Ours):
    """Leaves a statement out that only calls something, and an assignment to a place that exists: `x.y += 1`, `x[y] = 1`."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type == "simple_stmt" and self._is_deed(node.children[0]):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, _index: int) -> Any:
        leaf = node.get_first_leaf()
        node.children[0] = Keyword("pass", leaf.start_pos, leaf.prefix)
        return node

    @staticmethod
    def _is_deed(statement: Any) -> bool:
        if statement.type == "expr_stmt":
            return statement.children[0].type in {"atom_expr", "power", "testlist_star_expr"}
        return statement.type in {"atom_expr", "power"} and statement.children[-1].type == "trailer"


class OtherWord(Ours):
    """Says the opposite: of a null, of what is in a list, of the larger, of every, of newest first."""

    words: ClassVar = {
        "is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_", "is_distinct_from": "is_not_distinct_from",
        "is_not_distinct_from": "is_distinct_from", "min": "max", "max": "min", "any": "all", "all": "any", "desc": "asc", "in": "not in",
    }  # fmt: skip

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type in {"name", "keyword"} and node.value in self.words and self._is_said(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, _index: int) -> Any:
        node.value = self.words[node.value]
        return node

    @staticmethod
    def _is_said(node: Any) -> bool:
        if node.value == "in":
            return bool(node.parent.type == "comparison")
        if node.value in {"any", "all"} and node.parent.type == "trailer":
            return False
        after = node.parent.get_next_sibling() if node.parent.type == "trailer" else node.get_next_sibling()
        return after is not None and after.type == "trailer" and after.children[0].value == "("


def operators() -> Iterator[tuple[str, Operator]]:
    """Each operator by its name."""
    for name in CORE:
        yield name, cosmic_ray.plugins.get_operator(f"core/{name}")()
    for kind in (Negate, DropElement, DropOperand, DropCall, OtherWord):
        yield kind.__name__, kind()

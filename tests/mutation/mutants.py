"""The mutants of a source: each has one thing changed that the interpreter accepts and that is not only a hint about types."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

from tests.mutation.operators import operators


@dataclass(frozen=True, slots=True)
class Mutant:
    """A source with one change: in which function or constant, on which line, what stood there and what stands there now."""

    operator: str
    within: str
    line: int
    old: str
    new: str
    source: str


def mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant that differs from the source and from those before it; columns of tables are left to the migrations' check."""
    tree = ast.parse(source)
    seen, places, lines = {_meaning(tree)}, _Places(tree), source.splitlines(keepends=True)
    for first, last in places.parts:
        part = "".join(lines[first - 1 : last])
        for name, line, mutated_part in _mutated(part):
            mutated = "".join([*lines[: first - 1], mutated_part, *lines[last:]])
            if _is_length_of_a_secret(name, lines[first + line - 2]) or places.is_a_column(first + line - 1):
                continue
            if (meaning := _meaning_of(mutated)) and meaning not in seen:
                seen.add(meaning)
                yield Mutant(name, places.name_of(first + line - 1), first + line - 1, *_changed(source, mutated), mutated)


def _mutated(part: str) -> Iterator[tuple[str, int, str]]:
    """Each way in which one function, class or statement can be changed: the operator, the line within it, and what it becomes."""
    for name, operator in operators():
        spans = [start for node in ast_nodes(get_ast(part)) for start, _end in operator.mutation_positions(node)]
        for occurrence, (line, _column) in enumerate(spans):
            mutated = mutate_code(part, operator, occurrence)
            if mutated is not None:
                yield name, line, mutated


def _meaning_of(source: str) -> str | None:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return None
    return _meaning(ast.parse(source))


def _meaning(tree: ast.Module) -> str:
    """The program without its hints about types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    return ast.dump(tree)


def _changed(source: str, mutated: str) -> tuple[str, str]:
    """The lines that differ, before and after, each as one line."""
    before, after = source.splitlines(), mutated.splitlines()
    first = next(n for n, (a, b) in enumerate(zip([*before, ""], [*after, ""], strict=False)) if a != b)
    last = next(n for n, (a, b) in enumerate(zip(["", *before][::-1], ["", *after][::-1], strict=False)) if a != b)
    return _one_line(before[first : len(before) - last]), _one_line(after[first : len(after) - last])


def _one_line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _is_length_of_a_secret(operator: str, line: str) -> bool:
    """Whether a secret would only be a byte longer or shorter, which no test could tell."""
    return operator == "NumberReplacer" and "secrets.token_" in line


def _is_about_names(node: ast.stmt) -> bool:
    """Whether a statement only says what there is to import."""
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "__all__"
    return isinstance(node, ast.Import | ast.ImportFrom)


class _Places:
    """Where a line is: in which function or class, and whether among the columns of a table."""

    def __init__(self, tree: ast.Module) -> None:
        self._named: list[tuple[int, int, str]] = []
        self._columns: set[int] = set()
        self.parts = [(node.lineno, node.end_lineno or node.lineno) for node in tree.body if not _is_about_names(node)]
        self._take(tree.body, "")

    def _take(self, body: list[ast.stmt], outer: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                self._named.append((node.lineno, node.end_lineno or node.lineno, f"{outer}{node.name}"))
                if isinstance(node, ast.ClassDef):
                    self._take(node.body, f"{outer}{node.name}.")
                    if any(isinstance(base, ast.Name) and base.id == "Base" for base in node.bases):
                        self._columns |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))

    def is_a_column(self, line: int) -> bool:
        return line in self._columns

    def name_of(self, line: int) -> str:
        around = [name for first, last, name in self._named if first <= line <= last]
        return max(around, key=len) if around else ""

"""The figures as they are kept, bench/figures.json, and as they are shown: a table here, and the one in docs/figures.md.

Each stands with the day and the commit that it was taken on, under the machine that took it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.figure import BENCH, Figure
from tests.bench.figures import NAMES
from tests.bench.provenance import provenance

KEPT = BENCH / "figures.json"
PAGE = Path(__file__).parents[2] / "docs/figures.md"
BEGIN, END = "<!-- figures: made by `python -m tests.bench --write` -->", "<!-- end of figures -->"
HEAD = "| | measured | beside it | wanted | taken |\n|---|---|---|---|---|"
Kept = Mapping[str, Mapping[str, Any]]


def kept() -> dict[str, dict[str, Any]]:
    """What was measured so far, by name."""
    return json.loads(KEPT.read_text()) if KEPT.exists() else {}


def keep(name: str, figure: Figure) -> None:
    """Put the figure in the place of an earlier one, with its moment, commit and machine."""
    BENCH.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(kept() | {name: asdict(figure) | provenance()}, indent=1, ensure_ascii=False) + "\n")


def line(figure: Figure) -> str:
    """A line of the table in the terminal; what is not as wanted is marked."""
    marked = " <" if figure.holds is False else ""
    return f"{figure.what}\n    {figure.measured}{f'; {figure.beside}' if figure.beside else ''}{_wanted(figure.wanted)}{marked}"


def _wanted(wanted: str) -> str:
    return f" (wanted: {wanted})" if wanted else ""


def tables(figures: Kept) -> str:
    """A table for each machine, in the order of the figures."""
    ordered = [figures[name] for name in NAMES if name in figures]
    machines = dict.fromkeys(figure["machine"] for figure in ordered)
    return "\n\n".join(_table(each, [figure for figure in ordered if figure["machine"] == each]) for each in machines)


def _table(on: str, figures: Sequence[Mapping[str, Any]]) -> str:
    rows = [f"| {f['what']} | {f['measured']}{_mark(f['holds'])} | {f['beside']} | {f['wanted']} | {_taken(f)} |" for f in figures]
    short = [f"- {f['what']}: {f['why']}" for f in figures if f["holds"] is False and f["why"]]
    return "\n".join([f"On {on}:\n", HEAD, *rows, *(["\nWhat is not as wanted, and why:\n", *short] if short else [])])


def _taken(figure: Mapping[str, Any]) -> str:
    """The day, and the commit; one that was kept before commits were has none."""
    return ", ".join(told for told in (figure["at"].partition("T")[0], figure["commit"]) if told)


def _mark(holds: bool | None) -> str:
    return {True: " ✓", False: " ✗", None: ""}[holds]


def write_page() -> None:
    """Put the tables between the marks in docs/figures.md."""
    before, _begin, rest = PAGE.read_text().partition(BEGIN)
    _old, _end, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables(kept())}\n\n{END}{after}")

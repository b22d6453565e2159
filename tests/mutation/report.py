"""What became of the mutants: kept line by line, told as a table, and each survivor beside the reason why it may."""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from tests.mutation.targets import TARGETS

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".callboard" / "mutation"
REASONS = Path(__file__).with_name("survivors.toml")
PAGE = ROOT / "docs" / "mutation.md"
BEGIN, END = "<!-- figures: made by `python -m tests.mutation --report` -->", "<!-- end of figures -->"
NOTICED = ("killed", "too long")


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mutant."""

    module: str
    operator: str
    within: str
    line: int
    old: str
    new: str
    fate: str
    seconds: float

    @property
    def is_noticed(self) -> bool:
        return self.fate in NOTICED

    @property
    def key(self) -> list[str]:
        """By which it is known again though the lines move."""
        return [self.within, self.old, self.new]

    @property
    def change(self) -> str:
        """What differs, with the words around it that it is in."""
        old, new = self.old.split(" "), self.new.split(" ")
        first = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        shorter = min(len(old), len(new)) - first
        last = next((n for n, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b or n >= shorter), shorter)
        first, last = max(0, first - 1), max(0, last - 1)  # one word of what is around it
        return f"{' '.join(old[first : len(old) - last])} → {' '.join(new[first : len(new) - last]) or 'nothing'}"


def file_of(module: str) -> Path:
    """Where a module's fates are kept."""
    return KEPT / f"{module.replace('/', '.')}.jsonl"


def fates(module: str) -> list[Fate]:
    """What was found the last time; nothing where it was never tried."""
    return fates_in(file_of(module))


def fates_in(file: Path) -> list[Fate]:
    """What stands in a file."""
    return [Fate(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


def keep(file: Path, found: Sequence[Fate]) -> None:
    """Keep what was found, in the order of the lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(fate)) for fate in sorted(found, key=lambda fate: fate.line)]
    file.write_text("".join(f"{line}\n" for line in lines))


def reasons() -> Mapping[tuple[str, str, str], str]:
    """Why a survivor may survive, by its module, its function and its change."""
    listed = tomllib.loads(REASONS.read_text())["survivor"]
    return {(each["module"], each["within"], change): each["because"] for each in listed for change in each["changes"]}


def unexplained(found: Sequence[Fate]) -> list[Fate]:
    """The survivors that nobody has given a reason for."""
    known = reasons()
    return [fate for fate in found if not fate.is_noticed and (fate.module, fate.within, fate.change) not in known]


def line(module: str, found: Sequence[Fate]) -> str:
    """A module's line of the table."""
    survived = [fate for fate in found if not fate.is_noticed]
    return f"| `{module}` | {len(found)} | {len(found) - len(survived)} | {len(survived)} |"


def write_page() -> None:
    """Put the table and the survivors into docs/mutation.md."""
    before, rest = PAGE.read_text().split(BEGIN)
    _old, after = rest.split(END)
    page = "\n".join(_page())
    PAGE.write_text(f"{before}{BEGIN}\n{page}\n{END}{after}")


def _day(module: str) -> date:
    """When a module was tried the last time."""
    return datetime.fromtimestamp(file_of(module).stat().st_mtime, UTC).date()


def _page() -> Iterator[str]:
    tried = {module: found for module in TARGETS if (found := fates(module))}
    if tried:
        yield f"The newest of these were tried on {max(map(_day, tried))}.\n"
    yield "| module | mutants | noticed | survived |\n|---|---:|---:|---:|"
    for module, found in tried.items():
        yield line(module, found)
    everything = [fate for found in tried.values() for fate in found]
    yield f"{line('all of them', everything)}\n".replace("`", "")
    if untried := [f"`{module}`" for module in TARGETS if module not in tried]:
        yield f"Named, but not tried yet: {', '.join(untried)}."
    for module, found in tried.items():
        yield from _survivors(module, found)


def _survivors(module: str, found: Sequence[Fate]) -> Iterator[str]:
    known, by_reason = reasons(), dict[tuple[str, str], set[str]]()
    for fate in found:
        if not fate.is_noticed:
            because = known.get((module, fate.within, fate.change), "**No reason is given yet.**")
            by_reason.setdefault((fate.within, because), set()).add(fate.change)
    if by_reason:
        yield f"\n### {module}\n"
    for (within, because), changes in by_reason.items():
        yield f"- {within or 'constants'}: {', '.join(f'`{change}`' for change in sorted(changes))}. {because}"

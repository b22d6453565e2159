"""The table of who is told what: `matrix.txt`, lines for each way into the application, one for each state in which its answers differ."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.leaks.readers import READERS

TABLE = Path(__file__).with_name("matrix.txt")
ASKED_IN = "in"
# Whether everyone is asked at every line, which takes half as long again.
WHOLE = os.environ.get("CALLBOARD_LEAKS") == "whole"


@dataclass(frozen=True, slots=True)
class Line:
    """One way into the application, in which place's campaign it is tried, and what each reader is told: a status, or "in".

    `asked` are those who try it there: in the way's first line everyone, in a further line whoever is told something else there or reads.
    """

    name: str
    place: str
    told: Mapping[str, str]
    asked: tuple[str, ...] = READERS
    is_first: bool = True

    def refuses(self, reader: str) -> bool:
        """Whether this reader is not to get their way."""
        return self.told[reader] == ASKED_IN or self.told[reader] >= "400"

    @property
    def told_of_nothing(self) -> set[str]:
        """Two of those for whom there is nothing here: the nearest to it in the order of the columns, and the farthest; of first lines."""
        nothing = [reader for reader in READERS if self.told[reader] == "404" and self.is_first]
        return {*nothing[:1], *nothing[-1:]}

    def after(self, first: "Line") -> "Line":
        """This line, which is a further one of the way that `first` is the first line of."""
        reads = {reader for reader in READERS if self.name.startswith("GET") and self.told[reader] == "200"}
        asked = READERS if WHOLE else tuple(r for r in READERS if r in reads or self.told[r] != first.told[r])
        return replace(self, asked=asked, is_first=False)


def lines() -> list[Line]:
    """Every line of the table."""
    written = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    first: dict[str, Line] = {}
    found = [_line(*words) for words in written]
    return [line if first.setdefault(line.name, line) is line else line.after(first[line.name]) for line in found]


def _line(method: str, path: str, place: str, *told: str) -> Line:
    return Line(f"{method} {path}", place, dict(zip(READERS, told, strict=True)))

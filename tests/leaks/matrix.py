"""The table of who is told what: `matrix.txt`, a line for each way into the application and a column for each reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.leaks.readers import READERS

TABLE = Path(__file__).with_name("matrix.txt")
ASKED_IN = "in"


@dataclass(frozen=True, slots=True)
class Line:
    """One way into the application, in which place's campaign it is tried, and what each reader is told: a status, or "in"."""

    name: str
    place: str
    told: Mapping[str, str]

    def refuses(self, reader: str) -> bool:
        """Whether this reader is not to get their way."""
        return self.told[reader] == ASKED_IN or self.told[reader] >= "400"

    @property
    def told_of_nothing(self) -> set[str]:
        """Two of those for whom there is nothing here: the nearest to it in the order of the columns, and the farthest."""
        nothing = [reader for reader in READERS if self.told[reader] == "404"]
        return {*nothing[:1], *nothing[-1:]}


def lines() -> list[Line]:
    """Every line of the table."""
    written = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return [_line(*words) for words in written]


def _line(method: str, path: str, place: str, *told: str) -> Line:
    return Line(f"{method} {path}", place, dict(zip(READERS, told, strict=True)))

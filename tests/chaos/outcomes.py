"""What came of each guard when it was taken out: kept in bench/guards.json, each with its day, commit and machine, and shown as a table."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.figure import BENCH
from tests.bench.provenance import provenance

KEPT = BENCH / "guards.json"
NOT_YET = "not taken out yet"
# Which row it was in that run says nothing to a reader.
AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(tr|re|in|acct|evt)_\w+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a guard's scenario did with the guard and without it; `harm` is how the one begins that it does without."""

    name: str
    harm: str
    with_it: Sequence[str]
    without: Sequence[str]

    def harms(self) -> Iterator[str]:
        """Whatever does not hold: that all is well with it, and that the harm is named without it."""
        yield from (f"with {self.name}: {each}" for each in self.with_it)
        if not any(each.startswith(self.harm) for each in self.without):
            yield f"without {self.name} nothing is found to be wrong"

    def keep(self) -> None:
        """Put it in the place of an earlier one of the same guard."""
        found = {"without": sorted(set(self.without)), "with": sorted(set(self.with_it))}
        BENCH.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(kept() | {self.name: found | provenance()}, indent=1, ensure_ascii=False) + "\n")


def kept() -> dict[str, Any]:
    """The newest outcome of each guard that was ever taken out."""
    return json.loads(KEPT.read_text()) if KEPT.exists() else {}


def table(outcomes: Mapping[str, Any], names: Sequence[str]) -> str:
    """These guards as they are shown."""
    rows = (_row(name, outcomes[name]) if name in outcomes else f"| {name} | {NOT_YET} | | |" for name in names)
    return "\n".join(["| | without it | with it | taken |", "|---|---|---|---|", *rows])


def _row(name: str, found: Mapping[str, Any]) -> str:
    taken = ", ".join(filter(None, (found["at"].partition("T")[0], found["commit"])))
    return f"| {name} | {_said(found['without'])} | {_said(found['with'])} | {taken} |"


def _said(harms: Sequence[str]) -> str:
    """Each kind of harm once, in a cell of a table."""
    kinds = dict.fromkeys(" ".join(AN_ID.sub("…", each).split()).replace("|", "/") for each in harms)
    return "; ".join(kinds) or "nothing"

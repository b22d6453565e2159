"""What the bench reads: a line of reads.txt for each route that only reads, and by which roles; the routes are the application's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from campaigns.core.stages import Stage
from tests.leaks import matrix, routes

TABLE = Path(__file__).with_name("reads.txt")
NOWHERE = "-"
# What the roles of the matrix are called in the town, as far as somebody in it has them and no other.
SEATS = {
    "operator": "operator", "manager": "manager", "finance": "finance", "client": "administrator", "signer": "legal",
    "approver": "approver", "editor": "editor", "curator": "curator", "artist": "artist", "guest": "guest",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """Something to read, in the campaign of `stage`, by `who`, and what the answer is."""

    path: str
    who: str
    stage: Stage
    status: int

    @property
    def route(self) -> str:
        return self.path.partition("?")[0]

    @property
    def kind(self) -> str:
        """API, file or page."""
        if self.route.startswith("/api/"):
            return "API"
        is_file = self.route.endswith((".csv", ".pdf", "{name}")) or self.route.startswith(("/files/", "/static/"))
        return "file" if is_file else "page"


def reads() -> list[Read]:
    """All of them, in the order of the table."""
    return [
        Read(path, who, Stage(stage), int(status))
        for path, stage, status, people in (line.split() for line in _lines() if f" {NOWHERE} " not in line)
        for who in people.split(",")
    ]


def unmeasured() -> dict[str, str]:
    """The routes that are not measured, and why."""
    return {line.split()[0]: line.partition(f" {NOWHERE} ")[2] for line in _lines() if f" {NOWHERE} " in line}


def readers() -> Mapping[str, set[str]]:
    """By each route that only reads: who of SEATS may read it in some campaign, as the matrix of the tests of leaks has it."""
    found: dict[str, set[str]] = {way.path: set() for way in routes.ways() if way.method == "GET"}
    for line in matrix.lines():
        method, path = line.name.split()
        if method == "GET" and path in found:
            found[path] |= {SEATS[reader] for reader, told in line.told.items() if reader in SEATS and told == "200"}
    return found


def _lines() -> Iterator[str]:
    return (line for line in TABLE.read_text().splitlines() if line and not line.startswith("#"))

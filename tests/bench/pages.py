"""Every route that only reads, before a crowd, by each role that may read it: how long the server takes, what it computes and sends.

`python -m tests.bench.pages` writes bench/pages.json and prints a table, each figure beside its limit. What a route answers is as reads.txt
has it, or nothing is measured.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import psycopg

from tests.bench.crowd import Crowd, gathered
from tests.bench.figure import BENCH, percentile
from tests.bench.fillings import address_of, filled
from tests.bench.provenance import provenance
from tests.bench.reads import Read, reads
from tests.bench.serving import Client, Server, serving
from workers.transactions import unit_of_work

WARM = 5
TIMES = 100
# What takes long, such as an export of everything, is read fewer times: until so many seconds have gone by, and at least so often.
PATIENCE, FEW = 5.0, 5
LIMITS = {"p50": 30.0, "p99": 100.0}
WORST = 10


@dataclass(frozen=True)
class Figure:
    """One thing read by one role: milliseconds from question to answer, and what one answer cost."""

    page: str
    who: str
    kind: str
    status: int
    p50: float
    p95: float
    p99: float
    statements: float
    database_ms: float
    cpu_ms: float
    kilobytes: float

    @property
    def is_slow(self) -> bool:
        """Over a limit; an export has none, for it sends everything."""
        return self.kind != "file" and (self.p50 > LIMITS["p50"] or self.p99 > LIMITS["p99"])


class Readers:
    """Those who read in the crowd: a browser session for each, and what stands in the places of a path."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd, self._secrets = crowd, dict[str, str]()
        with unit_of_work() as session:
            self._things = {stage: filled(session, things, UUID(crowd.seats[f"artist {stage}"])) for stage, things in crowd.things.items()}

    def address(self, read: Read) -> str:
        return address_of(read.path, self._things[read.stage.value])

    def client(self, read: Read, server: Server) -> Client:
        return Client(server, self.secret(read))

    def secret(self, read: Read) -> str | None:
        """A session of whoever has this role there; the same one each time, for a person has only so many."""
        if read.who == "guest":
            return None
        person = self._crowd.seats[f"{read.who} {read.stage.value}"]
        if person not in self._secrets:
            self._secrets[person] = self._crowd.secret(read.who, read.stage)
        return self._secrets[person]


def refusals(wanted: Sequence[Read], readers: Readers, server: Server) -> list[str]:
    """What is answered otherwise than it must be."""
    found = ((read, readers.client(read, server).get(readers.address(read))[0]) for read in wanted)
    return [f"{read.path} as {read.who} in {read.stage}: {status}, not {read.status}" for read, status in found if status != read.status]


def measured(read: Read, readers: Readers, server: Server, times: int, counter: "psycopg.Connection[tuple[float, float]]") -> Figure:
    """What is read up to `times` times by one client that has been there before."""
    path, client = readers.address(read), readers.client(read, server)
    _read(client, path, WARM)
    counter.execute("select pg_stat_statements_reset()")
    cpu = server.cpu_seconds()
    answers = _read(client, path, times)
    computed = server.cpu_seconds() - cpu
    if wrong := {status for _took, status, _size in answers} - {read.status}:
        raise AssertionError(f"{read.path} as {read.who} answered {wrong} while it was measured.")
    counted = counter.execute(
        "select coalesce(sum(calls), 0), coalesce(sum(total_exec_time), 0) from pg_stat_statements s "
        "join pg_database d on d.oid = s.dbid where d.datname = 'crowd'"
    ).fetchone()
    assert counted is not None
    took, times = sorted(took for took, _status, _size in answers), len(answers)
    return Figure(
        read.path, read.who, read.kind, read.status, took[len(took) // 2], percentile(took, 95), took[math.ceil(len(took) * 0.99) - 1],
        round(float(counted[0]) / times, 1), round(float(counted[1]) / times, 2), round(computed / times * 1000, 1),
        round(answers[-1][2] / 1024, 1),
    )  # fmt: skip


def _read(client: Client, path: str, times: int) -> Sequence[tuple[float, int, int]]:
    """Milliseconds, status and size of each answer; `times` of them, fewer where that would take long."""
    answers: list[tuple[float, int, int]] = []
    end = time.perf_counter() + PATIENCE
    while len(answers) < times and (len(answers) < FEW or time.perf_counter() < end):
        began = time.perf_counter()
        status, size = client.get(path)
        answers.append((round((time.perf_counter() - began) * 1000, 2), status, size))
    return answers


def figures(crowd: Crowd, wanted: Sequence[Read], times: int) -> Iterator[Figure]:
    """Each one's figure, one after the other, each printed as it comes; none where anything is answered otherwise than it must be."""
    counting = crowd.environment["DATABASE_URL"].replace("/crowd?", "/postgres?")
    readers = Readers(crowd)
    with serving(crowd.environment) as server, psycopg.connect(counting, autocommit=True) as counter:
        if wrong := refusals(wanted, readers, server):
            raise AssertionError("\n".join(["Not answered as they must be:", *wrong]))
        counter.execute("create extension if not exists pg_stat_statements")
        for read in wanted:
            figure = measured(read, readers, server, times, counter)
            print(row(figure), flush=True)
            yield figure


HEAD = f"{'page':62} {'who':14} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'stmts':>6} {'db ms':>8} {'cpu ms':>7} {'kB':>7}"


def row(figure: Figure) -> str:
    """A line of the table; what is over its limit is marked."""
    marked = " <" if figure.is_slow else ""
    return (
        f"{figure.page:62} {figure.who:14} {figure.p50:8.1f} {figure.p95:8.1f} {figure.p99:8.1f} {figure.statements:6.1f} "
        f"{figure.database_ms:8.2f} {figure.cpu_ms:7.1f} {figure.kilobytes:7.1f}{marked}"
    )


def by_kind(found: Sequence[Figure]) -> Mapping[str, tuple[float, float]]:
    """Of pages, API and files: the medians of each, in the middle and of all but one in twenty."""
    kinds = {kind: [figure.p50 for figure in found if figure.kind == kind] for kind in ("page", "API", "file")}
    return {kind: (percentile(took, 50), percentile(took, 95)) for kind, took in kinds.items() if took}


def worst(found: Sequence[Figure]) -> list[Figure]:
    """The slowest, each route once."""
    slowest: dict[str, Figure] = {}
    for figure in sorted(found, key=lambda figure: -figure.p50):
        slowest.setdefault(figure.page, figure)
    return list(slowest.values())[:WORST]


def main() -> None:
    """Measure what is asked for, or all."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", default="", help="only what has this in its path")
    asked.add_argument("--times", type=int, default=TIMES)
    given = asked.parse_args()
    wanted = [read for read in reads() if given.only in read.path]
    with gathered(BENCH / "crowd") as crowd:
        print(f"The crowd was made in {crowd.seconds:.0f} s. Limits: p50 {LIMITS['p50']:.0f} ms, p99 {LIMITS['p99']:.0f} ms.\n{HEAD}")
        found = list(figures(crowd, wanted, given.times))
    if not given.only:
        told = {"limits": LIMITS, **provenance(), "crowd_seconds": crowd.seconds, "pages": [asdict(figure) for figure in found]}
        (BENCH / "pages.json").write_text(json.dumps(told, indent=1))
    print(f"{len(found)} read, {sum(figure.is_slow for figure in found)} over a limit. The slowest:", *map(row, worst(found)), sep="\n")


if __name__ == "__main__":
    main()

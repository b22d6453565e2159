"""Pages and API before 100,000 contributions and people, asked by 1, 8 and 32 clients at once, each in its own order."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle

import psycopg

from tests.bench.crowd import Crowd, gathered
from tests.bench.figure import BENCH, Figure, percentile
from tests.bench.pages import LIMITS, Readers
from tests.bench.reads import Read, reads
from tests.bench.serving import Client, Server, serving

CLIENTS = (1, 8, 32)
SECONDS = 20.0
WARM = 10
OK = 200
WHY = "It is one web process on one core: what several clients ask at once waits for it. The slowest are the board and what needs somebody."
# What most people look at most of the time.
ROUND = (
    "/calls", "/board", "/campaigns/{campaign_id}", "/me/money", "/search?q=lantern+street",
    "/api/v1/campaigns", "/api/v1/calls", "/api/v1/campaigns/{campaign_id}/contributions", "/api/v1/campaigns/{campaign_id}/screening",
    "/api/v1/campaigns/{campaign_id}/timeline", "/api/v1/deliverables/{deliverable_id}/reviews", "/api/v1/me/contributions",
    "/api/v1/me/reviews", "/api/v1/me/needs", "/api/v1/me/emails", "/api/v1/me/earnings", "/api/v1/search?q=lantern",
    "/api/v1/payouts/runs",
    "/api/v1/ledger/accounts", "/api/v1/proposals/{proposal_id}", "/api/v1/proposals/{proposal_id}/comments", "/api/v1/status",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The milliseconds of every answer, how many came a second, and the queries of one on average."""

    took: list[float]
    per_second: float
    queries: float

    @property
    def p50(self) -> float:
        return percentile(self.took, 50)

    @property
    def p99(self) -> float:
        return percentile(self.took, 99)


def measure(scale: float) -> Figure:
    with gathered(BENCH / "crowd") as crowd, serving(crowd.environment) as server:
        counting = crowd.environment["DATABASE_URL"].replace("/crowd?", "/postgres?")
        with psycopg.connect(counting, autocommit=True) as counter:
            counter.execute("create extension if not exists pg_stat_statements")
            found = {count: asked_by(count, crowd, server, SECONDS * scale, counter) for count in CLIENTS}
    rates = " / ".join(f"{asked.per_second:.0f}" for asked in found.values())
    return Figure(
        "Pages and API before 100,000 contributions and people, asked by 1, 8 and 32 clients at once, one web process",
        "; ".join(f"{count}: p50 {asked.p50:.0f}, p99 {asked.p99:.0f} ms" for count, asked in found.items()),
        f"{rates} answers a second, {found[1].queries:.1f} queries each",
        f"1 client: p50 ≤ {LIMITS['p50']:.0f}, p99 ≤ {LIMITS['p99']:.0f} ms",
        found[1].p50 <= LIMITS["p50"] and found[1].p99 <= LIMITS["p99"],
        {f"{name}_{count}": getattr(asked, name) for count, asked in found.items() for name in ("p50", "p99", "per_second", "queries")},
        WHY,
    )


def asked_by(count: int, crowd: Crowd, server: Server, lasting: float, counter: "psycopg.Connection[tuple[float]]") -> Asked:
    """So many clients at once for a while."""
    readers = Readers(crowd)
    clients = [Visitor(number, readers, server) for number in range(count)]
    counter.execute("select pg_stat_statements_reset()")
    with ThreadPoolExecutor(count) as hands:
        took = [one for each in hands.map(lambda client: client.go_round(lasting), clients) for one in each]
    counted = counter.execute(
        "select coalesce(sum(calls), 0) from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = 'crowd'"
    ).fetchone()
    assert counted is not None
    return Asked(took, len(took) / lasting, float(counted[0]) / (len(took) + WARM * count))


class Visitor:
    """One client with one connection, who is somebody else at each stop, in an order of its own."""

    def __init__(self, number: int, readers: Readers, server: Server) -> None:
        wanted = [_by_one_of_its_readers(path) for path in ROUND]
        self._client, self._stops = Client(server, None), list[tuple[str | None, str]]()
        for read in random.Random(number).sample(wanted, len(wanted)):
            self._stops.append((readers.secret(read), readers.address(read)))

    def go_round(self, lasting: float) -> list[float]:
        """Ask stop after stop, the first few to warm up, until the time is over; the milliseconds of each answer."""
        for secret, path in self._stops[:WARM]:
            self._ask(secret, path)
        took, end = [], time.perf_counter() + lasting
        for secret, path in cycle(self._stops):
            began = time.perf_counter()
            if began > end:
                break
            self._ask(secret, path)
            took.append((time.perf_counter() - began) * 1000)
        return took

    def _ask(self, secret: str | None, path: str) -> None:
        self._client.secret = secret
        status, _size = self._client.get(path)
        assert status == OK, f"{path}: {status}"


def _by_one_of_its_readers(path: str) -> Read:
    """What is read there, by the last of those who are answered and not led elsewhere."""
    return [read for read in reads() if (read.path, read.status) == (path, OK)][-1]

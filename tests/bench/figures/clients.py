"""Pages and API before 100,000 works and people, asked by 1, 8 and 32 clients at once, each in its own order."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle

import psycopg

from tests.bench.crowd import Crowd, gathered
from tests.bench.figure import BENCH, Figure, percentile
from tests.bench.pages import LIMITS, LISTS
from tests.bench.serving import Client, Server, serving
from tests.browser.tour import PAY, Stop

CLIENTS = (1, 8, 32)
SECONDS = 20.0
WARM = 10
ROUND = (
    *LISTS,
    Stop("/calls", "artist"),
    Stop("/board", "manager"),
    Stop("/campaigns/{campaign_id}", "manager"),
    Stop("/me/money", "artist", PAY),
)


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
        "Pages and API before 100,000 works and people, asked by 1, 8 and 32 clients at once, one web process",
        "; ".join(f"{count}: p50 {asked.p50:.0f}, p99 {asked.p99:.0f} ms" for count, asked in found.items()),
        f"{rates} answers a second, {found[1].queries:.1f} queries each",
        f"1 client: p50 ≤ {LIMITS['p50']:.0f}, p99 ≤ {LIMITS['p99']:.0f} ms",
        found[1].p50 <= LIMITS["p50"] and found[1].p99 <= LIMITS["p99"],
        {f"{name}_{count}": getattr(asked, name) for count, asked in found.items() for name in ("p50", "p99", "per_second", "queries")},
    )


def asked_by(count: int, crowd: Crowd, server: Server, lasting: float, counter: "psycopg.Connection[tuple[float]]") -> Asked:
    """So many clients at once for a while."""
    clients = [Visitor(number, crowd, server) for number in range(count)]
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

    def __init__(self, number: int, crowd: Crowd, server: Server) -> None:
        self._client, self._stops = Client(server, None), list[tuple[str | None, str]]()
        for stop in random.Random(number).sample(ROUND, len(ROUND)):
            secret = None if stop.who == "guest" else crowd.secret(stop.who, stop.stage)
            self._stops.append((secret, stop.path.format(**crowd.things[stop.stage.value])))

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
        assert status == 200, f"{path}: {status}"

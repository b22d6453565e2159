"""Every page and list, before a crowd: how long the server takes for one client, how many statements, how much computing, how many bytes.

`python -m tests.bench.pages` writes bench/pages.json and prints a table, each figure beside its limit.
"""

import argparse
import json
import math
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from tests.bench.crowd import Crowd, gathered
from tests.bench.serving import Client, Server, serving
from tests.browser.tour import BUILD, JUDGE, PAY, TOUR, Stop

BENCH = Path(__file__).parents[2] / "bench"
WARM = 5
TIMES = 100
LIMITS = {"p50": 30.0, "p99": 100.0}
API = "/api/v1"
# The lists behind the pages.
LISTS = (
    Stop(f"{API}/campaigns", "manager"),
    Stop(f"{API}/calls"),
    Stop(f"{API}/campaigns/{{campaign_id}}/contributions", "artist", BUILD),
    Stop(f"{API}/campaigns/{{campaign_id}}/screening", "manager"),
    Stop(f"{API}/campaigns/{{campaign_id}}/timeline", "manager"),
    Stop(f"{API}/campaigns/{{campaign_id}}/letters", "manager", PAY),
    Stop(f"{API}/campaigns/{{campaign_id}}/influence-claims", "curator", BUILD),
    Stop(f"{API}/campaigns/{{campaign_id}}/coverage", "manager", JUDGE),
    Stop(f"{API}/deliverables/{{track_id}}/reviews", "manager", JUDGE),
    Stop(f"{API}/works/{{work_id}}/lineage", "artist", BUILD),
    Stop(f"{API}/works/{{work_id}}/sources", "artist", BUILD),
    Stop(f"{API}/me/contributions", "artist"),
    Stop(f"{API}/me/reviews", "curator", JUDGE),
    Stop(f"{API}/me/needs", "manager"),
    Stop(f"{API}/me/letters", "manager"),
    Stop(f"{API}/me/earnings", "artist", PAY),
    Stop(f"{API}/search?q=lantern", "artist"),
    Stop(f"{API}/search?q=lantern", "manager"),
    Stop(f"{API}/payouts/runs", "finance", PAY),
    Stop(f"{API}/payouts/runs/{{run_id}}", "finance", PAY),
    Stop(f"{API}/ledger/accounts", "finance", PAY),
    Stop(f"{API}/ledger/accounts/payee/USD", "finance", PAY),
    Stop(f"{API}/proposals/{{proposal_id}}", "artist", PAY),
    Stop(f"{API}/proposals/{{proposal_id}}/comments", "artist", PAY),
    Stop(f"{API}/status", "operator"),
    Stop("/search?q=lantern+street", "manager"),
    Stop("/search?q=ana+bauer", "manager"),
    Stop("/board?whose=everyone", "manager"),
    Stop("/board?stage=payout", "manager"),
)


@dataclass(frozen=True)
class Figure:
    """One page as it was served: milliseconds from question to answer, and what one answer cost."""

    page: str
    who: str
    status: int
    p50: float
    p99: float
    statements: float
    database_ms: float
    cpu_ms: float
    kilobytes: float

    @property
    def is_slow(self) -> bool:
        return self.p50 > LIMITS["p50"] or self.p99 > LIMITS["p99"]


def measured(stop: Stop, crowd: Crowd, server: Server, times: int, counter: "psycopg.Connection[tuple[float, float]]") -> Figure:
    """The figure of one stop, asked `times` times by one client that has been there before."""
    path = stop.path.format(**crowd.things[stop.stage.value], secret="any")
    client = Client(server, None if stop.who == "guest" else crowd.secret(stop.who, stop.stage))
    for _warm in range(WARM):
        status, size = client.get(path)
    counter.execute("select pg_stat_statements_reset()")
    cpu, took = server.cpu_seconds(), sorted(_milliseconds(lambda: client.get(path)) for _time in range(times))
    computed = server.cpu_seconds() - cpu
    counted = counter.execute(
        "select coalesce(sum(calls), 0), coalesce(sum(total_exec_time), 0) from pg_stat_statements s "
        "join pg_database d on d.oid = s.dbid where d.datname = 'crowd'"
    ).fetchone()
    assert counted is not None
    return Figure(
        stop.path, stop.who, status, took[len(took) // 2], took[math.ceil(len(took) * 0.99) - 1],
        round(float(counted[0]) / times, 1), round(float(counted[1]) / times, 2), round(computed / times * 1000, 1), round(size / 1024, 1),
    )  # fmt: skip


def _milliseconds(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return round((time.perf_counter() - began) * 1000, 2)


def figures(crowd: Crowd, stops: Sequence[Stop], times: int) -> Iterator[Figure]:
    """Each stop's figure, one after the other, each printed as it comes."""
    counting = crowd.environment["DATABASE_URL"].replace("/crowd?", "/postgres?")
    with serving(crowd.environment) as server, psycopg.connect(counting, autocommit=True) as counter:
        counter.execute("create extension if not exists pg_stat_statements")
        for stop in stops:
            figure = measured(stop, crowd, server, times, counter)
            print(row(figure), flush=True)
            yield figure


HEAD = f"{'page':62} {'who':12} {'p50 ms':>8} {'p99 ms':>8} {'stmts':>6} {'db ms':>8} {'cpu ms':>7} {'kB':>7}"


def row(figure: Figure) -> str:
    """A line of the table; what is over its limit is marked, and so is what was not served."""
    marked = " <" if figure.is_slow else ""
    refused = f" {figure.status}" if figure.status != 200 else ""
    return (
        f"{figure.page:62} {figure.who:12} {figure.p50:8.1f} {figure.p99:8.1f} {figure.statements:6.1f} {figure.database_ms:8.2f} "
        f"{figure.cpu_ms:7.1f} {figure.kilobytes:7.1f}{marked}{refused}"
    )


def main() -> None:
    """Measure what is asked for, or all."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="", help="only pages whose path contains this")
    asked.add_argument("--times", type=int, default=TIMES)
    given = asked.parse_args()
    stops = [stop for stop in (*TOUR, *LISTS) if given.only in stop.path]
    with gathered(BENCH / "crowd") as crowd:
        print(f"The crowd was made in {crowd.seconds:.0f} s. Limits: p50 {LIMITS['p50']:.0f} ms, p99 {LIMITS['p99']:.0f} ms.\n{HEAD}")
        found = list(figures(crowd, stops, given.times))
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version(), "crowd_seconds": crowd.seconds}
    report = {"limits": LIMITS, **machine, "pages": [asdict(figure) for figure in found]}
    if not given.only:
        (BENCH / "pages.json").write_text(json.dumps(report, indent=1))
    slow = [figure.page for figure in found if figure.is_slow]
    print(f"{len(found)} pages, {len(slow)} over a limit" + (f": {', '.join(slow)}" if slow else "."))


if __name__ == "__main__":
    main()

"""How long the first reader waits: a web process that has just started, on a PostgreSQL and files that nothing is remembered of."""

import time

from tests.bench.cold import HOME, gathered_cold
from tests.bench.crowd import gathered
from tests.bench.figure import Figure, percentile
from tests.bench.pages import Readers
from tests.bench.reads import Read, reads
from tests.bench.serving import Client, serving

WANTED = 1000.0
# One of each kind, each read by whom it is for; each has an installation of its own that has just started.
FIRST = (
    ("/calls", "guest"), ("/calls/{campaign_id}", "guest"), ("/calls/{campaign_id}/contributions", "artist"),
    ("/contributions/{contribution_id}/lineage", "artist"),
    ("/me/contributions", "artist"), ("/me/money", "artist"), ("/proposals/{proposal_id}", "artist"), ("/board", "manager"),
    ("/campaigns/{campaign_id}", "manager"), ("/campaigns/{campaign_id}/screening", "manager"), ("/desk", "curator"),
    ("/runs/{run_id}", "finance"), ("/ledger", "finance"), ("/status", "operator"), ("/search?q=lantern+street", "manager"),
    ("/api/v1/calls", "guest"), ("/api/v1/campaigns/{campaign_id}/contributions", "artist"), ("/api/v1/me/needs", "manager"),
)  # fmt: skip


def measure(scale: float) -> Figure:
    known = {(read.path, read.who): read for read in reads() if read.status == 200}
    wanted = [known[each] for each in FIRST[: max(2, int(len(FIRST) * scale))]]
    with gathered(HOME) as crowd:
        readers = Readers(crowd)
        for read in wanted:
            readers.secret(read)
    took = {read: asked_first_and_again(read, readers) for read in wanted}
    first, again = ([each[place] for each in took.values()] for place in (0, 1))
    slowest = max(took, key=lambda read: took[read][0])
    p50, most = percentile(first, 50), max(first)
    return Figure(
        f"The first reader of each of {len(wanted)} pages and API reads, just after everything has started, nothing in any memory",
        f"p50 {p50:.0f} ms, slowest {most:.0f} ms ({slowest.path})",
        f"the second reader: p50 {percentile(again, 50):.0f} ms, slowest {max(again):.0f} ms",
        f"slowest ≤ {WANTED:.0f} ms",
        most <= WANTED,
        {"p50": p50, "most": most, "again_p50": percentile(again, 50)} | {f"{r.path} as {r.who}": ms[0] for r, ms in took.items()},
    )


def asked_first_and_again(read: Read, readers: Readers) -> tuple[float, float]:
    """The milliseconds of the first answer that the processes give to anybody, and of the second."""
    with gathered_cold() as crowd, serving(crowd.environment) as server:
        client, address = readers.client(read, server), readers.address(read)
        return _milliseconds(client, address, read), _milliseconds(client, address, read)


def _milliseconds(client: Client, address: str, read: Read) -> float:
    began = time.perf_counter()
    status, _size = client.get(address)
    took = (time.perf_counter() - began) * 1000
    assert status == read.status, f"{read.path} as {read.who}: {status}"
    return took

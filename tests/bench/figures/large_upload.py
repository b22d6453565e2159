"""A recording of nearly 2 GB, sent in over the resumable protocol and accepted as a contribution, beside servers that store the same bytes
only."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import httpx

from campaigns.brief.licenses import NEWEST_LICENCE
from campaigns.core import clock
from tests import factories
from tests.api.caller import token_of
from tests.attacks.server import Server, serving
from tests.bench import tus
from tests.bench.databases import migrated, running
from tests.bench.figure import Figure, seconds
from tests.bench.sounds import size_of
from workers.transactions import unit_of_work

MEGABYTES = 2040
FLAT_MEGABYTES = 24


def measure(scale: float) -> Figure:
    megabytes = int(MEGABYTES * scale)
    with TemporaryDirectory() as folder:
        took, grown = ours(Path(folder), size_of(megabytes))
    with TemporaryDirectory() as folder:
        node = tus.node_seconds(Path(folder), size_of(megabytes))
    with TemporaryDirectory() as folder:
        tusd = tus.tusd_seconds(Path(folder), size_of(megabytes))
    beside = f"tusd {megabytes / tusd:.0f} MB/s" if tusd else "tusd: not at hand (PATH)"
    return Figure(
        f"An upload of {megabytes:,} MB: received, hashed, looked at and accepted as a contribution",
        f"{took:.0f} s, {megabytes / took:.0f} MB/s; the web process grows by {grown:.0f} MB",
        f"received and stored only: @tus/server on Node {megabytes / node:.0f} MB/s; {beside}",
        f"flat memory: < {FLAT_MEGABYTES} MB",
        grown < FLAT_MEGABYTES,
        {"seconds": took, "grown_megabytes": grown, "node_seconds": node} | ({"tusd_seconds": tusd} if tusd else {}),
    )


def ours(folder: Path, size: int) -> tuple[float, float]:
    """The seconds until the work is there, and the megabytes by which the web process grew meanwhile."""
    with running() as cluster, migrated(cluster):
        with unit_of_work() as session:
            campaign = factories.opened_call(session, at=clock.business_now(session)).id
            token = token_of(session, factories.person(session, "Ana"))
        with (
            serving(folder) as server,
            httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=tus.LONGEST) as client,
        ):
            before, grew = server.megabytes, Growth(server)
            took = seconds(lambda: sent_in(client, campaign, size, grew))
            return took, grew.most - before


class Growth:
    """The most that a process holds whenever it is looked at."""

    def __init__(self, server: Server) -> None:
        self._server, self.most = server, 0.0

    def __call__(self) -> None:
        self.most = max(self.most, self._server.megabytes)


def sent_in(client: httpx.Client, campaign: UUID, size: int, grew: Growth) -> None:
    """Upload it and send it in; the work is there afterwards."""
    at = tus.sent(client, "/api/v1/uploads", size, grew)
    entry = {"title": "Lantern street", "upload": at.rpartition("/")[2], "licence_version": NEWEST_LICENCE}
    made = client.post(f"/api/v1/campaigns/{campaign}/contributions", json=entry, headers={"Idempotency-Key": "bench"})
    assert made.status_code == 201, made.text
    grew()
    there = client.get(f"/api/v1/contributions/{made.json()['id']}")
    assert (there.status_code, there.json()["title"]) == (200, "Lantern street")

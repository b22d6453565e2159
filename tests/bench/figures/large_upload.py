"""One upload of nearly 2 GB over the resumable protocol: how fast it comes in, and what the web process holds meanwhile."""

from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from campaigns.core.db import unit_of_work
from tests import factories
from tests.api.caller import token_of
from tests.attacks.endless import MEGABYTE, sent_whole
from tests.attacks.server import serving
from tests.bench.databases import migrated, running
from tests.bench.figure import Figure, seconds

MEGABYTES = 2040
FLAT_MEGABYTES = 24
LONGEST = 1800.0


def measure(scale: float) -> Figure:
    megabytes, said = int(MEGABYTES * scale), dict[str, float]()
    with running() as cluster, migrated(cluster), TemporaryDirectory() as folder:
        with unit_of_work() as session:
            token = token_of(session, factories.person(session, "Ana"))
        with (
            serving(Path(folder)) as server,
            httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=LONGEST) as client,
        ):

            def send() -> None:
                status, state, said["grown"] = sent_whole(server, client, megabytes * MEGABYTE)
                assert (status, state) == (400, "refused")  # nothing but zeros, which is looked at once all of it is there

            took = seconds(send)
    return Figure(
        f"An upload of {megabytes:,} MB",
        f"{took:.0f} s, {megabytes / took:.0f} MB/s; the web process grows by {said['grown']:.0f} MB",
        "received, hashed and looked at",
        f"flat memory: < {FLAT_MEGABYTES} MB",
        said["grown"] < FLAT_MEGABYTES,
        {"seconds": took, "grown_megabytes": said["grown"]},
    )

"""The split of 100,000 works and 250,000 edges beside scipy's float power iteration on the same graph, both from memory."""

import gc
import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.payout.split import split
from tests.bench.environment import ask_peer
from tests.bench.figure import Figure, computed_seconds
from tests.bench.lineages import POOL, drawn, inputs_of

WORKS, EDGES = 100_000, 250_000
MOST = 3
ROUNDS, TIMES = 4, 3
WHY = (
    "every step is floored in whole millionths, work by work in the order of the lineage, in plain Python; the peer multiplies floats in C "
    "and is exact to no cent. A pool is split once for a proposal, in a task of its own."
)


def measure(scale: float) -> Figure:
    columns = drawn(int(WORKS * scale), int(EDGES * scale))
    inputs = inputs_of(columns)
    assert sum(line.amount for line in split(inputs).lines) == POOL
    gc.collect()
    gc.freeze()  # what is only here for the bench is no work for the split
    ours, theirs = [], []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lineage.json"
        file.write_text(json.dumps(asdict(columns)))
        for _round in range(ROUNDS):
            ours += [computed_seconds(lambda: split(inputs)) for _time in range(TIMES)]
            theirs += ask_peer("power_iteration", str(file), str(TIMES))["seconds"]
    own, peer = min(ours), min(theirs)
    return Figure(
        f"The split of {len(columns.makers):,} works and {len(columns.works):,} edges, to the cent",
        f"{own:.2f} s, {own / peer:.1f} ×",
        f"scipy's power iteration in floats: {peer:.2f} s",
        f"≤ {MOST} × scipy",
        own <= MOST * peer,
        {"seconds": own, "scipy_seconds": peer},
        WHY,
    )

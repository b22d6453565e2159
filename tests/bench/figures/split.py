"""The split of 100,000 contributions and 250,000 edges beside scipy's float power iteration on the same graph, both from memory.

Both must come to the same: else there is no figure.
"""

import gc
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.payout.split import Split, split
from tests.bench.environment import ask_peer
from tests.bench.figure import Figure, computed_seconds
from tests.bench.lineages import POOL, credit_of, drawn, inputs_of

CONTRIBUTIONS, EDGES = 100_000, 250_000
MOST = 3
ROUNDS, TIMES = 4, 3
# Every step is floored in millionths of a cent, and what everybody builds on is come to by thousands of paths.
APART = 0.01
WHY = (
    "The split rounds every step down to whole millionths, one contribution at a time, in plain Python. The peer multiplies floating-point "
    "numbers in C and is not exact to the cent. A pool is split once for each proposal, in a task of its own."
)


def measure(scale: float) -> Figure:
    columns = drawn(int(CONTRIBUTIONS * scale), int(EDGES * scale))
    inputs = inputs_of(columns)
    whole = split(inputs)
    gc.collect()
    gc.freeze()  # what is only here for the bench is no contribution for the split
    ours, theirs, credit = list[float](), list[float](), list[float]()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lineage.json"
        file.write_text(json.dumps(asdict(columns)))
        for _round in range(ROUNDS):
            ours += [computed_seconds(lambda: split(inputs)) for _time in range(TIMES)]
            peer_said = ask_peer("power_iteration", str(file), str(TIMES), of="science")
            theirs, credit = theirs + peer_said["seconds"], peer_said["credit"]
    apart = agreed(whole, credit)
    own, peer = min(ours), min(theirs)
    return Figure(
        f"The split of {len(columns.makers):,} contributions and {len(columns.contributions):,} edges, to the cent",
        f"{own:.2f} s, {own / peer:.1f} ×",
        f"scipy's power iteration in floats: {peer:.2f} s; nobody's credit differs by more than {apart:.6f} of a cent",
        f"≤ {MOST} × scipy",
        own <= MOST * peer,
        {"seconds": own, "scipy_seconds": peer, "apart_cents": apart},
        WHY,
    )


def agreed(whole: Split, shares: Sequence[float]) -> float:
    """The most by which anybody's credit is another one than the peer's, in cents; refuses what is further apart than rounding explains."""
    credit, amounts = credit_of(whole, len(shares))
    assert sum(amounts) == POOL, f"{sum(amounts)} of {POOL} are given"
    apart = max(abs(own - share * POOL) for own, share in zip(credit, shares, strict=True))
    cents = max(abs(amount - share * POOL) for amount, share in zip(amounts, shares, strict=True))
    assert apart <= APART, f"Somebody's credit is {apart} cents apart from the peer's."
    assert cents <= 1, f"Somebody's amount is {cents} cents apart from the peer's credit."
    return apart

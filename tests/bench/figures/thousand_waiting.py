"""A thousand campaigns that wait for people: the processes that they hold, and what it costs to look at all of them."""

import time

from flows.rounds import Rounds
from flows.sweep_campaigns import sweep_campaigns
from tests.bench.figure import Figure, computed_seconds, percentile, seconds
from tests.bench.sleepers import asleep
from tests.bench.stacks import proportional_megabytes, stood_up
from tests.flows.engine_room import brand_new
from tests.installation import traces

CAMPAIGNS = 1000
SWEEPS = 10
SETTLED = 10.0


def measure(scale: float) -> Figure:
    with stood_up() as up:
        campaigns = asleep(brand_new, max(5, int(CAMPAIGNS * scale)))
        time.sleep(SETTLED)
        pids = up.processes()
        held = sum(1 for pid in pids if b"flows.supervise.flow_run" in traces(pid))
        megabytes = proportional_megabytes(pids)
        sweep = percentile([seconds(sweep_campaigns) for _sweep in range(SWEEPS)], 50)
        computed = computed_seconds(sweep_campaigns)
        of_all = percentile([seconds(lambda: sweep_campaigns(Rounds())) for _sweep in range(SWEEPS)], 50)
    return Figure(
        f"{len(campaigns):,} campaigns waiting for people",
        f"{held} processes held; a sweep takes {sweep:.2f} s, a look at all {of_all:.2f} s",
        f"{megabytes:.0f} MB in all, every two seconds a sweep",
        "no process held",
        held == 0,
        {"processes": held, "sweep_seconds": sweep, "sweep_computing_seconds": computed, "all_seconds": of_all, "megabytes": megabytes},
    )

"""What an installation holds in memory while nothing happens, part by part."""

import time

from tests.bench.figure import Figure
from tests.bench.stacks import proportional_megabytes, stood_up

SETTLED = 20.0


def measure(scale: float) -> Figure:
    with stood_up() as up:
        time.sleep(SETTLED * scale)
        parts = {name: proportional_megabytes([pid]) for name, pid in up.state["programs"].items()}
        whole = proportional_megabytes(up.processes())
    largest = sorted(parts, key=lambda name: -parts[name])[:4]
    return Figure(
        "Memory at rest, all of `callboard up`",
        f"{whole:.0f} MB",
        ", ".join(f"{name} {parts[name]:.0f}" for name in largest),
        numbers={"megabytes": whole} | parts,
    )

"""`make demo ONCE=1` where it has run before: from the command to the whole assignment carried through, and everything stopped."""

import os

from tests.bench.clones import CLONE, cloned_anew, make
from tests.bench.figure import Figure, seconds
from tests.installation import PORTS
from tests.ports import free_ports


def measure(scale: float) -> Figure:
    if not CLONE.exists():
        cloned_anew()
    environment = dict(os.environ) | dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    make("demo", "ONCE=1", **environment)
    took = seconds(lambda: make("demo", "ONCE=1", **environment))
    return Figure("The demo, warm, `make demo ONCE=1`", f"{took:.0f} s", "one assignment through all six stages", numbers={"seconds": took})

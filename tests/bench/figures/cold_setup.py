"""`make setup` in a fresh clone: everything that is needed, fetched and installed."""

from tests.bench.clones import cloned_anew, make
from tests.bench.figure import Figure, seconds


def measure(scale: float) -> Figure:
    cloned_anew()
    took = seconds(lambda: make("setup"))
    return Figure("Set-up from a fresh clone, `make setup`", f"{took:.0f} s", "packages fetched from an index", numbers={"seconds": took})

"""One file for each figure: `measure(scale)` takes it, on a `scale` of 1 as it is published, on less to try the bench itself."""

from typing import Protocol

from tests.bench.figure import Figure

# In the order of the table.
NAMES = (
    "split",
    "posting",
    "run_creation",
    "claim_and_finish",
    "emails",
    "lanes",
    "memory_in_rows",
    "gate_to_task",
    "forty_at_once",
    "thousand_waiting",
    "pages",
    "first_reader",
    "clients",
    "attack",
    "large_upload",
    "cold_setup",
    "warm_demo",
    "memory_at_rest",
)


class Measures(Protocol):
    """A figure's module."""

    def measure(self, scale: float) -> Figure: ...

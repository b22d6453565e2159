"""A figure: one thing measured, beside its peer or limit in the same run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"


@dataclass(frozen=True)
class Figure:
    """What was measured, in words for a table, and the raw numbers; `holds` says whether it is what was wanted, None where nothing was.

    `why` is what a reader is to know where it does not hold.
    """

    what: str
    measured: str
    beside: str = ""
    wanted: str = ""
    holds: bool | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    why: str = ""


def seconds(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def computed_seconds(deed: Callable[[], object]) -> float:
    """How long this process computes for the deed, whatever else the machine does."""
    began = time.process_time()
    deed()
    return time.process_time() - began


def percentile(found: Sequence[float], percent: int) -> float:
    """The value that so many of a hundred do not exceed."""
    return sorted(found)[min(len(found) - 1, len(found) * percent // 100)]

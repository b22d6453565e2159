"""The shape of the plan from today to go-live: each stage from the gate before it to its own. Positions are percent of the width."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.brief.queries import PlannedGate
from campaigns.core.stages import Stage

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEAST_WIDTH = 0.6


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that a stage has, in whole days, up to its gate."""

    gate: str
    ends: datetime
    days: int
    x: float
    width: float
    is_past: bool


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """Each stretch in its order, and where today lies."""

    stretches: Sequence[Stretch]
    today: float


def plan_picture(gates: Sequence[PlannedGate], began: datetime, *, at: datetime) -> PlanPicture | None:
    """The picture of these gates, which come from go-live backwards; nothing while no date is written."""
    ahead = [gate for gate in reversed(gates) if gate.gate != Stage.BRIEF]
    if not ahead:
        return None
    first = min(began, at, ahead[0].planned_at)
    whole = max(at, first + HOUR, *(gate.planned_at for gate in ahead)) - first
    starts = [began, *(gate.planned_at for gate in ahead)]
    stretches = [_stretch(gate, start, first, whole, at) for gate, start in zip(ahead, starts, strict=False)]
    return PlanPicture(stretches, _percent(at - first, whole))


def _stretch(gate: PlannedGate, start: datetime, first: datetime, whole: timedelta, at: datetime) -> Stretch:
    start = min(start, gate.planned_at)
    span = gate.planned_at - start
    width = max(_percent(span, whole), LEAST_WIDTH)
    return Stretch(gate.gate, gate.planned_at, span // DAY, _percent(start - first, whole), width, gate.planned_at <= at)


def _percent(span: timedelta, whole: timedelta) -> float:
    return round(100 * (span / whole), 2)

"""The shapes of two pictures: a campaign's way against its dates, and how its contributions came in. Positions are percent of the width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from campaigns.brief.queries import GO_LIVE
from campaigns.core.campaign import Campaign, Deliverable, StageVisit
from campaigns.core.stages import ENDS, Stage

WIDTH, HEIGHT = 100, 24
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Band:
    """A stage from one moment to another."""

    stage: Stage
    began: datetime
    ended: datetime
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Way:
    """One deliverable's visits; or the plan, which has no title."""

    title: str | None
    bands: Sequence[Band]


@dataclass(frozen=True, slots=True)
class Against:
    """The plan, the way of each deliverable so far, and where today and go-live lie."""

    ways: Sequence[Way]
    today: float
    go_live: float | None


@dataclass(frozen=True, slots=True)
class _Scale:
    began: datetime
    ended: datetime

    def x(self, at: datetime) -> float:
        return round(100 * ((at - self.began) / (self.ended - self.began)), 2)

    def band(self, stage: Stage, began: datetime, ended: datetime) -> Band:
        return Band(stage, began, ended, self.x(began), max(round(self.x(ended) - self.x(began), 2), 0.4))


def against_its_dates(
    campaign: Campaign, deliverables: Sequence[Deliverable], visits: Sequence[StageVisit], dates: Mapping[str, datetime], *, at: datetime
) -> Against:
    """The picture of where the campaign has been, beside where it was to be."""
    # A way that has ended is drawn to its end, and no further.
    until = campaign.done_at or campaign.cancelled_at or at
    scale = _Scale(campaign.created_at, max(until, *dates.values(), campaign.created_at + HOUR))
    plan = Way(None, _planned(campaign, dates, scale))
    ways = [
        Way(deliverable.title, _been([v for v in visits if v.deliverable_id == deliverable.id], until, scale))
        for deliverable in deliverables
    ]
    return Against([plan, *ways], scale.x(until), scale.x(dates[GO_LIVE]) if GO_LIVE in dates else None)


def _planned(campaign: Campaign, dates: Mapping[str, datetime], scale: _Scale) -> list[Band]:
    began, bands = campaign.created_at, []
    if campaign.launched_at:
        bands, began = [scale.band(Stage.BRIEF, began, campaign.launched_at)], campaign.launched_at
    for gate in (Stage.OPEN_CALL, Stage.COLLABORATION, Stage.CURATION, Stage.CLIENT_DELIVERY):
        if gate in dates and dates[gate] > began:
            bands.append(scale.band(gate, began, dates[gate]))
            began = dates[gate]
    return bands


def _been(visits: Sequence[StageVisit], until: datetime, scale: _Scale) -> list[Band]:
    ends = [*(visit.entered_at for visit in visits[1:]), until]
    return [scale.band(v.stage, v.entered_at, max(v.entered_at, end)) for v, end in zip(visits, ends, strict=False) if v.stage not in ENDS]


def sparkline(arrived: Mapping[date, int], *, at: datetime) -> str:
    """The points of a line that rises from nothing with every contribution, day by day from the first to today."""
    if not arrived:
        return ""
    first, last = min(arrived), max(at.astimezone(UTC).date(), *arrived)
    days, total = (last - first).days + 1, sum(arrived.values())
    counts = accumulate((arrived.get(first + timedelta(days=number), 0) for number in range(days)), initial=0)
    return " ".join(f"{WIDTH * n / days:.1f},{HEIGHT - 2 - (HEIGHT - 4) * count / total:.1f}" for n, count in enumerate(counts))

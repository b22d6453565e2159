"""The pictures of the board and the campaign page, by their numbers."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.lifecycle.pictures import against_its_dates, sparkline
from campaigns.core.campaign import Campaign, Deliverable, StageVisit
from campaigns.core.stages import Stage

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DELIVERABLE = Deliverable(id=UUID(int=1), title="Film")


def visit(number: int, stage: Stage, day: int) -> StageVisit:
    return StageVisit(deliverable_id=DELIVERABLE.id, number=number, stage=stage, entered_at=BEGAN + day * DAY)


def test_the_line_rises_from_nothing_to_all_contributions_and_stays_there_until_today() -> None:
    arrived = {BEGAN.date(): 1, (BEGAN + DAY).date(): 3}
    assert sparkline(arrived, at=BEGAN + 3 * DAY) == "0.0,22.0 25.0,17.0 50.0,2.0 75.0,2.0 100.0,2.0"
    assert sparkline({BEGAN.date(): 5}, at=BEGAN) == "0.0,22.0 100.0,2.0"
    assert sparkline({}, at=BEGAN) == ""


def test_each_visit_lasts_until_the_next_and_the_last_until_today() -> None:
    campaign = Campaign(created_at=BEGAN, launched_at=BEGAN + 2 * DAY)
    visits = [visit(1, Stage.BRIEF, 0), visit(2, Stage.OPEN_CALL, 2), visit(3, Stage.COLLABORATION, 6)]
    dates = {"open_call": BEGAN + 5 * DAY, "go_live": BEGAN + 10 * DAY}
    shown = against_its_dates(campaign, [DELIVERABLE], visits, dates, at=BEGAN + 8 * DAY)
    plan, way = shown.ways
    assert [(band.stage, band.x, band.width) for band in plan.bands] == [("brief", 0, 20), ("open_call", 20, 30)]
    assert [(band.stage, band.x, band.width) for band in way.bands] == [("brief", 0, 20), ("open_call", 20, 40), ("collaboration", 60, 20)]
    assert (plan.title, way.title, shown.today, shown.go_live) == (None, "Film", 80, 100)


def test_what_has_ended_is_drawn_to_its_end_and_a_campaign_of_this_minute_too() -> None:
    campaign = Campaign(created_at=BEGAN, cancelled_at=BEGAN + 4 * DAY)
    ended = [visit(1, Stage.BRIEF, 0), visit(2, Stage.CANCELLED, 4)]
    shown = against_its_dates(campaign, [DELIVERABLE], ended, {}, at=BEGAN + 30 * DAY)
    assert [(band.stage, band.width) for band in shown.ways[1].bands] == [("brief", 100)]
    fresh = against_its_dates(Campaign(created_at=BEGAN), [], [], {}, at=BEGAN)
    assert (fresh.today, fresh.go_live, len(fresh.ways)) == (0, None, 1)

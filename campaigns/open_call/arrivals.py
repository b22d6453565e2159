"""How many works came to a call, day by day."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.core.db import given
from campaigns.open_call.models import DailyContributionCount


def arrivals(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, dict[date, int]]:
    """Of each of these campaigns, the days (UTC) on which works came and how many, in one query."""
    found: dict[UUID, dict[date, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    for campaign_id, day, works in session.execute(_by_day(), {"ids": list(campaign_ids)}):
        found[campaign_id][day] = works
    return found


@lru_cache
def _by_day() -> Select[UUID, date, int]:
    query = select(DailyContributionCount.campaign_id, DailyContributionCount.day, DailyContributionCount.works)
    return query.where(given(DailyContributionCount.campaign_id)).order_by(DailyContributionCount.day)

"""How many works came to a call, day by day."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.db import one_of
from campaigns.open_call.models import Arrival


def arrivals(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, dict[date, int]]:
    """Of each of these campaigns, the days (UTC) on which works came and how many, in one query."""
    found: dict[UUID, dict[date, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    for arrival in session.scalars(select(Arrival).where(one_of(Arrival.campaign_id, campaign_ids)).order_by(Arrival.day)):
        found[arrival.campaign_id][arrival.day] = arrival.works
    return found

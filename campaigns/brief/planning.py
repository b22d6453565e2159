"""The dates that a brief usually has, planned back from its go-live."""

from collections.abc import Mapping
from datetime import datetime, timedelta

# Room for the brand to publish, ten days with a round of changes, a week to judge, a week of remixes.
DAYS_BEFORE_GO_LIVE: Mapping[str, int] = {
    "delivery_due_at": 4,
    "curation_due_at": 14,
    "collaboration_closes_at": 21,
    "call_closes_at": 28,
}


def planned_back(go_live_at: datetime) -> dict[str, datetime]:
    """The usual date of each gate, at the same time of the day as go-live in its zone."""
    return {name: go_live_at - timedelta(days=days) for name, days in DAYS_BEFORE_GO_LIVE.items()}

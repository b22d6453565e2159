"""The time that something dangerous takes to count, so that others can stop it: a money role, a first factor, a payout destination."""

from datetime import datetime, timedelta

from campaigns.core.settings import settings


def cooling_time() -> timedelta:
    """How long something new cools in this installation, in business time."""
    return timedelta(hours=settings().cooling_hours)


def cooling_ends(since: datetime) -> datetime:
    """From when on something counts that is new since `since`; both in business time."""
    return since + cooling_time()


def has_cooled(since: datetime, at: datetime) -> bool:
    """Whether what is new since `since` counts at `at`; both in business time."""
    return at >= cooling_ends(since)

"""Times that people type: as a clock on the wall of the campaign's zone shows them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from api.forms import ReasonForm


class ExtensionPageForm(ReasonForm):
    """A later close, as it is written in the campaign's zone."""

    closes_at: datetime


def local(at: datetime | None, zone: str) -> str:
    """The value of a datetime-local field for `at`."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if at else ""


def in_zone(typed: datetime, zone: str) -> datetime:
    """What was typed, in the zone unless it names one of its own."""
    return typed.replace(tzinfo=ZoneInfo(zone)) if typed.tzinfo is None else typed

"""Moments of sound and film, as people write them: 1:04.2 is a minute, four seconds and two tenths."""

import re

from campaigns.core.errors import Invalid
from campaigns.core.words import _

WRITTEN = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?")


class NotAMoment(Invalid):
    """The time is not written as minutes and seconds."""


def milliseconds(written: str) -> int | None:
    """The moment in milliseconds, None where nothing is written; raises NotAMoment."""
    if not written.strip():
        return None
    found = WRITTEN.fullmatch(written.strip())
    if found is None:
        raise NotAMoment(_("Enter the time as minutes and seconds: 1:04.2."), field="moment")
    hours, minutes, seconds, part = (found[1] or 0, found[2] or 0, found[3], found[4] or "")
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(part.ljust(3, "0"))

"""Every email with sample facts, as its readers would see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.core.campaign import Campaign
from notifications.notice import Notice
from notifications.notices import NOTICES
from notifications.render import Reader, Written, link, write

TITLE = "Holiday traditions, retold"
READER = "Ada Okafor"
TIME_ZONE = "Europe/Paris"
UNSUBSCRIBE = "/unsubscribe/sample"


@dataclass(frozen=True, slots=True)
class Preview:
    """One email, filled with its notice's sample."""

    notice: str
    stage: str
    subject: str
    text: str
    html: str


def previews(locale: str = "en") -> list[Preview]:
    """Every email in `locale`, in the order in which the notices are declared."""
    written = ((notice, sample_of(notice, locale)) for notice in NOTICES.values())
    return [Preview(notice.name, notice.stage, email.subject, email.text, email.html) for notice, email in written]


def sample_of(notice: Notice, locale: str = "en") -> Written:
    """The email that the notice writes with its sample."""
    params: Mapping[str, Any] = {name: value for name, value in notice.sample.items() if name != "path"}
    campaign = Campaign(number=7, title=TITLE) if notice.stage != "access" else None
    unsubscribe = link(UNSUBSCRIBE) if notice.announcement or notice.digest else None
    reader = Reader(READER, locale, TIME_ZONE)
    return write(notice, params, path=notice.sample.get("path"), reader=reader, campaign=campaign, unsubscribe=unsubscribe)

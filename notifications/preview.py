"""Every email with sample facts, as its readers would see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.core.campaign import Campaign
from notifications.notification import Notification
from notifications.registry import NOTIFICATIONS
from notifications.render import Recipient, Written, link, write

TITLE = "Holiday traditions, retold"
READER = "Ada Okafor"
TIME_ZONE = "Europe/Paris"
UNSUBSCRIBE = "/unsubscribe/sample"


@dataclass(frozen=True, slots=True)
class Preview:
    """One email, filled with its notification's sample."""

    notification: str
    stage: str
    subject: str
    text: str
    html: str


def previews(locale: str = "en") -> list[Preview]:
    """Every email in `locale`, in the order in which the notifications are declared."""
    written = ((notification, sample_of(notification, locale)) for notification in NOTIFICATIONS.values())
    return [Preview(notification.name, notification.stage, email.subject, email.text, email.html) for notification, email in written]


def sample_of(notification: Notification, locale: str = "en") -> Written:
    """The email that the notification writes with its sample."""
    params: Mapping[str, Any] = {name: value for name, value in notification.sample.items() if name != "path"}
    campaign = Campaign(number=7, title=TITLE) if notification.stage != "access" else None
    unsubscribe = link(UNSUBSCRIBE) if notification.announcement or notification.digest else None
    reader = Recipient(READER, locale, TIME_ZONE)
    return write(notification, params, path=notification.sample.get("path"), reader=reader, campaign=campaign, unsubscribe=unsubscribe)

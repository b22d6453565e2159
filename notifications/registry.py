"""Every notification: importing this module fills the registry."""

from notifications import (
    access,
    appointing,
    brand,
    brief,
    cancelling,
    client_delivery,
    collaboration,
    contained,
    curation,
    disputes,
    left_open,
    lifecycle,
    open_call,
    payout,
    strangers,
)
from notifications.notification import NOTIFICATIONS, Notification

__all__ = ["MODULES", "NOTIFICATIONS", "notifications_of"]

MODULES = (
    brief,
    open_call,
    collaboration,
    curation,
    client_delivery,
    contained,
    payout,
    disputes,
    left_open,
    lifecycle,
    cancelling,
    access,
    appointing,
    brand,
    strangers,
)


def notifications_of(event_name: str) -> list[Notification]:
    """The notifications that tell of such a fact."""
    return [notification for notification in NOTIFICATIONS.values() if event_name in notification.on]

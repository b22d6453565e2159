"""Every notice: importing this module fills the registry."""

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
from notifications.notice import NOTICES, Notice

__all__ = ["MODULES", "NOTICES", "notices_of"]

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


def notices_of(event_name: str) -> list[Notice]:
    """The notices that tell of such a fact."""
    return [notice for notice in NOTICES.values() if event_name in notice.on]

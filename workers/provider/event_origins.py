"""The two sides of Stripe that we hear: the platform's own events, and those of the accounts that are connected to it.

Stripe's endpoints hear one or the other, each at an address of its own: what Stripe shows of an endpoint does not say which it hears.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

PATH = "/webhooks/stripe"


class EventOrigin(StrEnum):
    """Whose events an endpoint hears."""

    PLATFORM = "platform"
    CONNECT = "connect"

    @property
    def path(self) -> str:
        """Where we listen for them."""
        return PATH if self is EventOrigin.PLATFORM else f"{PATH}/connect"

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "EventOrigin":
        """Whose event this is: those of a connected account name it, thin ones as their context, and no other does."""
        return cls.CONNECT if event.get("account") or event.get("context") else cls.PLATFORM

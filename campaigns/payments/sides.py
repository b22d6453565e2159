"""The two sides of Stripe that we hear: the platform's own events, and those of the accounts that are connected to it.

Stripe's endpoints hear one or the other, each at an address of its own: what Stripe shows of an endpoint does not say which it hears.
"""

from collections.abc import Mapping, Sequence
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


# What an endpoint has to hear so that nothing is missed which one of us looks into (`provider_events.on`).
HEARD: Mapping[EventOrigin, Sequence[str]] = {
    EventOrigin.PLATFORM: (
        "balance.available",
        "charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated", "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "invoice.finalized", "invoice.marked_uncollectible", "invoice.overpaid", "invoice.paid", "invoice.updated", "invoice.voided",
        "radar.early_fraud_warning.created", "radar.early_fraud_warning.updated",
        "refund.created", "refund.failed", "refund.updated",
        "topup.canceled", "topup.failed", "topup.reversed", "topup.succeeded",
        "transfer.created", "transfer.reversed", "transfer.updated",
    ),
    EventOrigin.CONNECT: (
        "account.updated",
        "payout.canceled", "payout.created", "payout.failed", "payout.paid", "payout.reconciliation_completed", "payout.updated",
    ),
}  # fmt: skip

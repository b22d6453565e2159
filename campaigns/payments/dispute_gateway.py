"""The part of the door to the provider about payments that a customer's bank questions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from campaigns.payments.gateway import BalanceMovement


@dataclass(frozen=True, slots=True)
class DisputeAtStripe:
    """A dispute as the provider has it, with every movement on our balance that it has brought so far.

    `due_by` is None where the bank takes no answer; `submissions` is how often evidence was handed in, `payment_intent` what was paid.
    """

    id: str
    charge: str
    payment_intent: str | None
    amount: int
    currency: str
    reason: str
    status: str
    due_by: datetime | None
    submissions: int
    opened_at: datetime
    movements: Sequence["BalanceMovement"] = ()


@dataclass(frozen=True, slots=True)
class WarningAtStripe:
    """A bank's early word that a payment may be fraud; `is_actionable` while the payment is neither disputed nor fully refunded."""

    id: str
    charge: str
    payment_intent: str | None
    kind: str
    is_actionable: bool
    warned_at: datetime


class DisputeDoor(Protocol):
    """What a provider does for us about disputes. Every call may raise a GatewayError."""

    def fetch_dispute(self, dispute_id: str) -> DisputeAtStripe:
        """The dispute as it stands."""

    def disputes_since(self, at: datetime) -> Iterator[DisputeAtStripe]:
        """Every dispute opened at `at` or later."""

    def hand_in_evidence(self, dispute_id: str, evidence: Mapping[str, str], *, key: str) -> DisputeAtStripe:
        """Hand the evidence in to the customer's bank, which takes it once; of a file it is the id."""

    def send_evidence_file(self, name: str, content: bytes, *, key: str) -> str:
        """Send a file that evidence may then name; returns the provider's id of it."""

    def accept_dispute(self, dispute_id: str, *, key: str) -> DisputeAtStripe:
        """Let the customer's bank have it, for good."""

    def fetch_fraud_warning(self, warning_id: str) -> WarningAtStripe:
        """The warning as it stands."""

    def invoice_paid_by(self, payment_intent: str) -> str | None:
        """The invoice that a payment was credited to."""

"""The part of the door to the provider about balances, and what goes from a payee's account to their bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProviderBankPayout:
    """What went from a payee's account to their bank as the provider has it: pending, in_transit, paid, failed or canceled.

    `transfers` are those of ours that it contains, `resent` the payouts that had come back and that it contains again.
    """

    id: str
    status: str
    amount: int
    currency: str
    made_at: datetime
    arrives_at: datetime
    failure: str | None
    transfers: Sequence[str] = ()
    resent: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ProviderBalance:
    """Our balance with the provider in one currency, in minor units; `reserved` is kept back, `by_source` what is available of each kind.

    A transfer takes from one kind (card, bank_account, fpx) alone.
    """

    available: int
    pending: int
    reserved: int = 0
    by_source: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """By how much a payee's account is below zero in one currency, in minor units: since when, and by a movement of which kind."""

    currency: str
    amount: int
    since: datetime
    cause: str


class BalanceDoor(Protocol):
    """What a provider does for us about balances. Every call may raise a GatewayError."""

    def fetch_bank_payout(self, account_id: str, payout_id: str) -> ProviderBankPayout:
        """A payout of a payee's account as it stands, with what it contains."""

    def bank_payouts_since(self, account_id: str, at: datetime) -> Sequence[str]:
        """The ids of a payee's account's payouts made at `at` or later, the oldest first."""

    def balance(self) -> Mapping[str, ProviderBalance]:
        """Our balance by currency."""

    def fetch_shortfalls(self, account_id: str) -> Sequence[Shortfall]:
        """In which currencies a payee's account is below zero."""

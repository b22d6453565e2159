"""Money out: what a provider does for us about payees' accounts, transfers, payouts, top-ups and our balance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from campaigns.payments.balance_gateway import BalanceDoor
from campaigns.payments.gateway import BalanceMovement, EventFeed
from campaigns.payments.routes import Reach


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """A payee's account with the provider: whether transfers may go to it, and what the provider asks for, or will ask for, by `due_by`.

    `destination` tells one bank account or card behind it from another, without saying which it is; `pays_out` whether money goes on there.
    """

    id: str
    country: str
    transfers: str
    due: Sequence[str]
    disabled_reason: str | None
    metadata: Mapping[str, str]
    destination: str | None = None
    pays_out: bool = True
    due_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """A transfer to a payee's account, frozen: the same order is sent again, word for word, until its fate is known."""

    amount: int
    currency: str
    destination: str
    group: str
    metadata: Mapping[str, str]
    source_type: str = "card"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as the provider has it; `reversed_amount` is what came back."""

    id: str
    amount: int
    currency: str
    destination: str
    group: str | None
    metadata: Mapping[str, str]
    created_at: datetime
    reversed_amount: int = 0


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """Money on its way from our bank as the provider has it: pending, succeeded, failed, canceled, or reversed after it was there."""

    id: str
    status: str
    amount: int
    currency: str
    expected_at: datetime | None
    failure: str | None
    metadata: Mapping[str, str]


class MoneyOut(BalanceDoor, EventFeed, Protocol):
    """What a provider does for us about money out.

    Every call may raise a GatewayError; what creates takes the idempotency key of a committed message.
    """

    def create_account(self, country: str, email: str, agreement: str, *, key: str, metadata: Mapping[str, str]) -> ConnectedAccount:
        """An account to which a payee's money can be transferred."""

    def fetch_account(self, account_id: str) -> ConnectedAccount:
        """The account as it stands."""

    def account_link(self, account_id: str, *, refresh_url: str, return_url: str) -> str:
        """A link, good once and for minutes, on which the payee tells the provider who they are."""

    def transfer(self, order: TransferOrder, *, key: str) -> Transfer:
        """Send money from our available balance to a payee's account."""

    def fetch_transfer(self, transfer_id: str) -> Transfer:
        """The transfer as it stands."""

    def transfers_in(self, group: str) -> Sequence[Transfer]:
        """Every transfer of a group."""

    def transfers_since(self, at: datetime) -> Iterator[Transfer]:
        """Every transfer made at `at` or later."""

    def reverse_transfer(self, transfer_id: str, amount: int, *, key: str) -> None:
        """Take back part or all of a transfer, as far as the payee's account covers it."""

    def top_up(self, amount: int, currency: str, *, key: str, metadata: Mapping[str, str]) -> ToppedUp:
        """Draw money from our bank onto our balance."""

    def fetch_top_up(self, top_up_id: str) -> ToppedUp:
        """The top-up as it stands."""

    def top_ups_since(self, at: datetime) -> Iterator[ToppedUp]:
        """Every top-up made at `at` or later."""

    def movements_since(self, at: datetime) -> Iterator[BalanceMovement]:
        """Every movement on our balance made at `at` or later."""

    def fetch_movement(self, movement_id: str) -> BalanceMovement:
        """The movement as it stands."""

    def fetch_reach(self) -> Reach:
        """Our platform's country, and to which countries money may be sent from it."""

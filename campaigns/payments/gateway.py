"""The door to the provider: what we ask of it, in our words, and what can come of asking."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from campaigns.payments.balance_gateway import BalanceDoor
from campaigns.payments.dispute_gateway import DisputeDoor
from campaigns.payments.routes import Reach


@dataclass(frozen=True, slots=True)
class Converted:
    """What a movement of another currency was before the provider changed it: `amount` without sign, `rate` as the provider says it.

    Where it says none the rate `is_ours`: what both amounts make. `charge` is whose money it is: a refund is held against the charge that
    it gives back.
    """

    amount: int
    currency: str
    rate: Decimal
    charge: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class BalanceMovement:
    """One movement on our balance with the provider: `net` is `amount` less `fee`, all minor units, below zero when it went out.

    `converted` where it was paid, or given back, in a currency in which we have no balance.
    """

    id: str
    kind: str
    source: str | None
    amount: int
    fee: int
    net: int
    currency: str
    created_at: datetime
    available_at: datetime
    is_available: bool
    converted: Converted | None = None

    @property
    def presented(self) -> int:
        """What was paid or given back, without sign, in the currency in which it was."""
        return self.converted.amount if self.converted else abs(self.amount)

    @property
    def presented_in(self) -> str:
        """The currency in which it was paid or given back."""
        return self.converted.currency if self.converted else self.currency


@dataclass(frozen=True, slots=True)
class InvoiceOrder:
    """What a brand is to be billed; `footer` stands below the sums on the provider's page, and `country` is the customer's."""

    customer: str
    amount: int
    currency: str
    description: str
    due_days: int
    po_number: str | None = None
    footer: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    country: str | None = None


@dataclass(frozen=True, slots=True)
class InvoicePayment:
    """A payment that an invoice was credited with; `charge` is what a refund names."""

    id: str
    amount: int
    charge: str
    movement: BalanceMovement


@dataclass(frozen=True, slots=True)
class ProviderInvoice:
    """An invoice: draft, open, paid, uncollectible or void, less what was `credited`; `by_card_only` if no bank transfer can pay it."""

    id: str
    number: str | None
    status: str
    currency: str
    amount_due: int
    amount_paid: int
    amount_remaining: int
    url: str | None
    metadata: Mapping[str, str]
    payments: Sequence[InvoicePayment] = ()
    credited: int = 0
    by_card_only: bool = False


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """Money on its way back to whoever paid: pending, requires_action, succeeded, failed or canceled.

    `destination` is what it goes to: card, customer_cash_balance, us_bank_transfer …; None where the provider does not say. `asked_of` is
    whom it asked for a bank account by email, `asked_until` when it gives up. `charge` is None where it goes out of a cash balance.
    `movement` is there once it left our balance, `came_back` once what had failed is on it again.
    """

    id: str
    status: str
    amount: int
    currency: str
    charge: str | None
    metadata: Mapping[str, str]
    movement: BalanceMovement | None = None
    came_back: BalanceMovement | None = None
    destination: str | None = None
    asked_of: str | None = None
    asked_at: datetime | None = None
    asked_until: datetime | None = None


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


class Gateway(DisputeDoor, BalanceDoor, Protocol):
    """What a provider does for us. Every call may raise a GatewayError; what creates takes the idempotency key of a committed message."""

    def create_customer(self, name: str, email: str, *, key: str, metadata: Mapping[str, str]) -> str:
        """A customer to bill; returns the provider's id."""

    def create_invoice(self, order: InvoiceOrder, *, key: str) -> ProviderInvoice:
        """Draw up, finalise and send an invoice."""

    def fetch_invoice(self, invoice_id: str) -> ProviderInvoice:
        """The invoice with all that was paid on it."""

    def void_invoice(self, invoice_id: str, *, key: str) -> ProviderInvoice:
        """Withdraw an invoice on which nothing has been paid."""

    def credit_invoice(self, invoice_id: str, amount: int, *, key: str) -> None:
        """Have an open invoice ask for `amount` less; one that then asks for nothing is paid."""

    def refund(self, charge: str, amount: int, *, ask: str | None = None, key: str, metadata: Mapping[str, str]) -> ProviderRefund:
        """Give back part or all of a charge; `ask` is whom to ask for a bank account, where it takes one."""

    def refund_cash(
        self, customer: str, amount: int, currency: str, *, ask: str | None = None, key: str, metadata: Mapping[str, str]
    ) -> ProviderRefund:
        """Give back part or all of what a customer has on their cash balance; without `ask` the customer is asked where to."""

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """The refund as it stands."""

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

    def events_since(
        self, since: datetime, until: datetime | None = None, *, account: str = "", names: Sequence[str] = ()
    ) -> Iterator[Mapping[str, Any]]:
        """Each event of ours, or of a payee's account, since then, newest first; the provider keeps them for 30 days."""

    def fetch_movement(self, movement_id: str) -> BalanceMovement:
        """The movement as it stands."""

    def fetch_reach(self) -> Reach:
        """Our platform's country, and to which countries money may be sent from it."""


@lru_cache
def gateway() -> Gateway:
    """The configured provider: Stripe, or the simulator that speaks its protocol at another address."""
    from campaigns.payments.stripe_gateway import StripeGateway  # it is built on the words of this module

    return StripeGateway.configured()

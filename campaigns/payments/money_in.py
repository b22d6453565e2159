"""Money in: what a provider does for us about invoices, what is paid on them, refunds and disputes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from campaigns.payments.dispute_gateway import DisputeDoor
from campaigns.payments.gateway import BalanceMovement, EventFeed


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


class MoneyIn(DisputeDoor, EventFeed, Protocol):
    """What a provider does for us about money in.

    Every call may raise a GatewayError; what creates takes the idempotency key of a committed message.
    """

    def create_customer(self, name: str, email: str, *, key: str, metadata: Mapping[str, str]) -> str:
        """A customer to bill; returns the provider's id."""

    def create_invoice(self, order: InvoiceOrder, *, key: str) -> ProviderInvoice:
        """Draw up, finalize and send an invoice."""

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

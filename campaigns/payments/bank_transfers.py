"""By which kind of bank transfer a customer can pay an invoice: dated facts, kept as data.

Stripe has them in five currencies, each in its own area (https://docs.stripe.com/payments/bank-transfers), and no other kind on an invoice:
`payment_settings.payment_method_options.customer_balance.bank_transfer` in https://docs.stripe.com/api/invoices/create.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.payments.money_in import InvoiceOrder


@dataclass(frozen=True, slots=True)
class BankTransfer:
    """One kind: its currency, where its customers are, and the capability that the platform's account has for it."""

    type: str
    currency: str
    countries: frozenset[str]
    capability: str


EU = "eu_bank_transfer"
# The countries of SEPA that pay in euro by transfer; https://www.europeanpaymentscouncil.eu, list of SEPA scheme countries.
SEPA = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA".split()  # noqa: SIM905
)
KINDS = (
    BankTransfer("us_bank_transfer", "USD", frozenset({"US"}), "us_bank_transfer_payments"),
    BankTransfer("gb_bank_transfer", "GBP", frozenset({"GB"}), "gb_bank_transfer_payments"),
    BankTransfer("jp_bank_transfer", "JPY", frozenset({"JP"}), "jp_bank_transfer_payments"),
    BankTransfer("mx_bank_transfer", "MXN", frozenset({"MX"}), "mx_bank_transfer_payments"),
    BankTransfer(EU, "EUR", SEPA, "sepa_bank_transfer_payments"),
)
# Where Stripe has accounts in euro for customers to pay to (`eu_bank_transfer.country`); it refuses any other country. Whoever is elsewhere
# in SEPA can pay to each of them, so there the account is in the one that is named first.
EURO_ACCOUNTS = ("DE", "BE", "ES", "FR", "IE", "NL")


def bank_transfer_for(country: str | None, currency: str) -> Mapping[str, object] | None:
    """What an invoice in `currency` to a customer in `country` asks Stripe for; None where it can be paid by card alone.

    Of a customer whose country nobody has said, the currency decides.
    """
    kind = next((each for each in KINDS if each.currency == currency and (country is None or country in each.countries)), None)
    if kind is None:
        return None
    if kind.type != EU:
        return {"type": kind.type}
    return {"type": EU, EU: {"country": country if country in EURO_ACCOUNTS else EURO_ACCOUNTS[0]}}


def not_ready(capabilities: Any, currencies: Collection[str]) -> list[str]:
    """Those of the currencies for whose bank transfers the platform's account has a capability that is not active.

    One that Stripe does not show is unknown: where the account is, it may not be a capability at all.
    """
    ours = [kind for kind in KINDS if kind.currency in currencies]
    return [kind.currency for kind in ours if getattr(capabilities, kind.capability, None) not in (None, "active")]


def draft_of(order: InvoiceOrder, transfer: Mapping[str, object] | None) -> Any:
    """The request for a draft of an invoice that can be paid by card, and by this bank transfer where there is one."""
    currency = order.currency.lower()
    by = {"payment_method_types": ["card", "customer_balance"] if transfer else ["card"]}
    options = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": transfer}}
    return {
        "customer": order.customer, "currency": currency, "description": order.description, "metadata": dict(order.metadata),
        "collection_method": "send_invoice", "days_until_due": order.due_days, "auto_advance": False,
        "pending_invoice_items_behavior": "exclude",
        "payment_settings": {**by, **({"payment_method_options": options} if transfer else {})},
        **({"custom_fields": [{"name": "PO number", "value": order.po_number}]} if order.po_number else {}),
        **({"footer": order.footer} if order.footer else {}),
    }  # fmt: skip

"""What the platform's key may read at Stripe: a restricted key (rk_…) that lacks something is found before the day it is needed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from campaigns.core.installing import Finding
from campaigns.core.words import _
from campaigns.payments.provider_errors import GatewayError
from campaigns.payments.stripe_gateway import StripeGateway

FORBIDDEN = 403
ONE: Any = {"limit": 1}
# Each is asked about on the way of somebody's money. What the key may write, Stripe shows to nobody:
# https://docs.stripe.com/keys/restricted-api-keys
READ: Mapping[str, Callable[[Any], object]] = {
    "balance transactions": lambda client: client.v1.balance_transactions.list(ONE),
    "charges": lambda client: client.v1.charges.list(ONE),
    "connected accounts": lambda client: client.v1.accounts.list(ONE),
    "credit notes": lambda client: client.v1.credit_notes.list(ONE),
    "customers": lambda client: client.v1.customers.list(ONE),
    "disputes": lambda client: client.v1.disputes.list(ONE),
    "early fraud warnings": lambda client: client.v1.radar.early_fraud_warnings.list(ONE),
    "events": lambda client: client.v1.events.list(ONE),
    "files": lambda client: client.v1.files.list(ONE),
    "invoices": lambda client: client.v1.invoices.list(ONE),
    "payment intents": lambda client: client.v1.payment_intents.list(ONE),
    "refunds": lambda client: client.v1.refunds.list(ONE),
    "top-ups": lambda client: client.v1.topups.list(ONE),
    "transfers": lambda client: client.v1.transfers.list(ONE),
}


def findings(gateway: StripeGateway) -> Iterator[Finding]:
    """What the key may not read, as one sentence; raises a GatewayError where Stripe cannot be asked."""
    if names := unreadable(gateway):
        sentence = _("STRIPE_API_KEY may not read {names}. Add these permissions to the key at Stripe.", names=", ".join(names))
        yield Finding("stripe_permissions", sentence)


def unreadable(gateway: StripeGateway) -> list[str]:
    """What of READ the key may not read; raises a GatewayError where Stripe answers anything else than a refusal of that."""
    return [name for name, question in READ.items() if not _may(gateway, question)]


def _may(gateway: StripeGateway, question: Callable[[Any], object]) -> bool:
    try:
        gateway.ask(question)
    except GatewayError as failure:
        if getattr(failure.__cause__, "http_status", None) != FORBIDDEN:
            raise
        return False
    return True

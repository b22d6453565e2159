"""Bank accounts, as Stripe shows them: those that payees name on the form, and the platform's own."""

from sandbox.stripe.errors import Body
from sandbox.stripe.store import new_id, token


def bank_account(account_id: str, country: str, currency: str, last4: str = "6789") -> Body:
    """A bank account of this account's, the one for its currency."""
    return {
        "id": new_id("ba"),
        "object": "bank_account",
        "account": account_id,
        "account_holder_name": None,
        "account_holder_type": None,
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": country,
        "currency": currency,
        "default_for_currency": True,
        "fingerprint": token()[:16],
        "last4": last4,
        "metadata": {},
        "routing_number": "110000000",
        "status": "new",
    }

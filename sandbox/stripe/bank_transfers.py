"""Which bank transfers an invoice or a payment may ask for: https://docs.stripe.com/payments/bank-transfers names each with its currency.

In https://docs.stripe.com/api/invoices/create the permitted values stand; Stripe's own words of refusal are not published, these are ours.
"""

from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.parameters import TEXT, one_of, shape

OF_CURRENCY = {
    "usd": "us_bank_transfer", "gbp": "gb_bank_transfer", "eur": "eu_bank_transfer", "jpy": "jp_bank_transfer", "mxn": "mx_bank_transfer",
}  # fmt: skip
EURO_ACCOUNTS = ("BE", "DE", "ES", "FR", "IE", "NL")
BANK_TRANSFER = shape(type=one_of(*sorted(OF_CURRENCY.values())), eu_bank_transfer=shape(country=TEXT.must()))


def require_bank_transfer(options: Body | None, currency: str, within: str) -> None:
    """Raise StripeError for a bank transfer that there is not in this currency; `within` is the parameter that holds the options."""
    asked = ((options or {}).get("customer_balance") or {}).get("bank_transfer") or {}
    param = f"{within}[customer_balance][bank_transfer]"
    if "type" in asked and asked["type"] != OF_CURRENCY.get(currency):
        raise StripeError(f"The bank transfer type {asked['type']} does not support the currency {currency}.", param=f"{param}[type]")
    country = (asked.get("eu_bank_transfer") or {}).get("country")
    if asked.get("type") == "eu_bank_transfer" and country not in EURO_ACCOUNTS:
        raise StripeError(
            f"eu_bank_transfer needs a country of {', '.join(EURO_ACCOUNTS)}; {country} is none of them.",
            param=f"{param}[eu_bank_transfer][country]",
        )

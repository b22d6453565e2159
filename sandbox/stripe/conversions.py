"""Currencies in which the platform has no bank account: what is paid in them settles converted into its default currency.

https://docs.stripe.com/currencies/conversions, and of refunds https://docs.stripe.com/currencies/disputes-refunds: they take what the rate
of their own day asks for. The rate is `exchange_rate` of the reference's balance transaction: minor units of one make those of the other.
"""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body
from sandbox.stripe.platform import retrieve_own_account
from sandbox.stripe.store import hidden_of

# What a minor unit of each is worth in cents of a dollar; a test plants other rates as `rates`.
IN_CENTS = {
    "usd": "1", "aud": "0.66", "brl": "0.18", "cad": "0.73", "chf": "1.12", "eur": "1.08", "inr": "0.012", "nzd": "0.61", "sgd": "0.75",
    "gbp": "1.27", "dkk": "0.145", "nok": "0.094", "sek": "0.095", "pln": "0.25", "hkd": "0.128", "jpy": "0.67", "mxn": "0.056",
    "czk": "0.043", "huf": "0.0027", "ron": "0.217", "aed": "0.272", "thb": "0.028",
}  # fmt: skip
DIGITS = Decimal("0.000001")


def kept_in(call: Call, account: Body, currency: str) -> tuple[str, float | None]:
    """The currency in which an account, the platform's or a connected one, keeps what comes in this one, and today's rate."""
    banked = {bank["currency"] for bank in account["external_accounts"]["data"]}
    into = currency if currency in banked else str(account["default_currency"])
    return into, rate(call, currency, into)


def rate(call: Call, currency: str, into: str) -> float | None:
    """What a minor unit of a currency makes in another today; None where nothing is converted."""
    if currency == into:
        return None
    worth = IN_CENTS | hidden_of(call, retrieve_own_account(call)["id"]).get("rates", {})
    return float((Decimal(worth[currency]) / Decimal(worth[into])).quantize(DIGITS, ROUND_HALF_UP))


def converted(amount: int, by: float | None) -> int:
    """The amount in minor units of the other currency, at least one."""
    return amount if by is None else max(1, int((amount * Decimal(str(by))).quantize(Decimal(1), ROUND_HALF_UP)))


def change(before: int, after: int, by: float | None) -> int:
    """What an amount that grows or shrinks from one to the other is in the other currency; several such changes add up to the whole."""
    return (converted(after, by) if after else 0) - (converted(before, by) if before else 0)

"""What Stripe charges and how it counts: fees, minimum charges, currencies."""

from dataclasses import dataclass

from sandbox.stripe.errors import StripeError

DAY = 86_400
AVAILABLE_AFTER = 2 * DAY
LARGEST_AMOUNT = 99_999_999


@dataclass(frozen=True)
class Fee:
    """`basis_points` of the amount, half up, and `fixed` minor units, at most `cap`."""

    basis_points: int
    fixed: int = 0
    cap: int | None = None

    def on(self, amount: int) -> int:
        fee = (amount * self.basis_points + 5_000) // 10_000 + self.fixed
        return fee if self.cap is None else min(fee, self.cap)


FEES = {"card": Fee(290, fixed=30), "customer_balance": Fee(50), "us_bank_account": Fee(80, cap=500)}

# The smallest charge in each currency that the simulator trades in.
MINIMUM_CHARGE = {
    "usd": 50, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "eur": 50, "inr": 50, "nzd": 50, "sgd": 50, "gbp": 30, "dkk": 250,
    "nok": 300, "sek": 300, "pln": 200, "hkd": 400, "jpy": 50, "mxn": 1000, "czk": 1500, "huf": 17500, "ron": 200, "aed": 200, "thb": 1000,
}  # fmt: skip


def currency_of(given: str) -> str:
    """The currency in Stripe's spelling; raises for one that is not supported."""
    currency = given.lower()
    if currency not in MINIMUM_CHARGE:
        supported = ", ".join(MINIMUM_CHARGE)
        raise StripeError(f"Invalid currency: {currency}. Stripe currently supports these currencies: {supported}", param="currency")
    return currency


def positive(amount: int, param: str = "amount") -> int:
    """The amount when it can be moved at all: from 1 to Stripe's largest."""
    if amount < 1:
        raise StripeError(f"Invalid positive integer: {amount} must be at least 1.", code="parameter_invalid_integer", param=param)
    if amount > LARGEST_AMOUNT:
        raise StripeError(f"Amount must be no more than {LARGEST_AMOUNT} minor units.", code="amount_too_large", param=param)
    return amount


def chargeable(amount: int, currency: str) -> int:
    """The amount when a charge of it is not below the currency's minimum."""
    if positive(amount) < MINIMUM_CHARGE[currency]:
        raise StripeError(
            f"Amount must convert to at least {MINIMUM_CHARGE[currency]} minor units of {currency}.",
            code="amount_too_small",
            param="amount",
        )
    return amount

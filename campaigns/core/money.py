"""Money in whole minor units: read, shown and divided to the last unit."""

import re
from collections.abc import Mapping
from copy import copy
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Protocol, TypeVar

from babel import Locale
from babel.numbers import get_currency_precision, is_currency

from campaigns.core.errors import Invalid
from campaigns.core.words import _

# Where CLDR counts in the coins that are in use, banks and payment providers count in the minor units of ISO 4217.
ISO_EXPONENTS = {
    "AFN": 2, "ALL": 2, "IQD": 3, "IRR": 2, "KPW": 2, "LAK": 2, "LBP": 2, "MMK": 2, "RSD": 2, "SOS": 2, "SYP": 2, "YER": 2,
}  # fmt: skip
AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
MOST_DIGITS = 14  # with up to four decimals it fits a bigint
CODE_AGAINST_DIGIT = re.compile(r"(?<=[A-Z])(?=[0-9])")


class InvalidAmount(Invalid):
    """The amount is not valid in its currency, or is not above zero."""


class UnknownCurrency(Invalid):
    """No currency has this code."""


@cache
def exponent(currency: str) -> int:
    """How many decimals an amount in `currency` has: 2 for USD, 0 for JPY, 3 for KWD; raises UnknownCurrency."""
    if not is_currency(currency):
        sentence = _("There is no currency {currency}: use a code of three capital letters, like USD.", currency=currency)
        raise UnknownCurrency(sentence, field="currency")
    return ISO_EXPONENTS.get(currency, get_currency_precision(currency))


def minor_units(text_amount: str, currency: str, *, field: str = "amount") -> int:
    """The minor units of an amount above zero, written like 50000.00; raises InvalidAmount about `field`, UnknownCurrency."""
    decimals = exponent(currency)
    amount = AMOUNT.fullmatch(text_amount)
    if not amount:
        raise _invalid(
            _("“{amount}” is not an amount: write it like 1250 or 1250.5, without signs or separators.", amount=text_amount), field
        )
    sign, units, fraction = amount[1], amount[2], amount[3] or ""
    if len(fraction) > decimals:
        raise _invalid(
            _("{amount} has too many decimals: {currency} has {count}.", amount=text_amount, currency=currency, count=decimals), field
        )
    if len(units) > MOST_DIGITS:
        raise _invalid(_("{amount} is too large.", amount=text_amount), field)
    minor = int(units + fraction.ljust(decimals, "0"))
    if sign or not minor:
        raise _invalid(_("{amount} is not above zero.", amount=text_amount), field)
    return minor


def _invalid(sentence: str, field: str) -> InvalidAmount:
    return InvalidAmount(sentence, field=field)


def format_money(amount: int, currency: str, locale: str) -> str:
    """`amount` minor units as people in `locale` write them, with all the decimals of the currency."""
    decimals = exponent(currency)
    return _written(Decimal(amount).scaleb(-decimals), currency, locale, (decimals, decimals))


def format_credit(millionths: int, currency: str, locale: str) -> str:
    """Millionths of a minor unit as people in `locale` write money, exactly: further decimals only where they are not 0."""
    decimals = exponent(currency)
    return _written(Decimal(millionths).scaleb(-decimals - 6), currency, locale, (decimals, decimals + 6))


@lru_cache(maxsize=10_000)
def _written(amount: Decimal, currency: str, locale: str, decimals: tuple[int, int]) -> str:
    pattern = copy(Locale.parse(locale).currency_formats["standard"])
    pattern.frac_prec = decimals
    written = pattern.apply(amount, locale, currency=currency, currency_digits=False)
    return CODE_AGAINST_DIGIT.sub("\N{NO-BREAK SPACE}", written)


class Sortable(Protocol):
    """What can be put in order, so that a tie has one winner."""

    def __lt__(self, other: Any, /) -> bool: ...
    def __hash__(self) -> int: ...


K = TypeVar("K", bound=Sortable)


def largest_remainder(total: int, weights: Mapping[K, int]) -> dict[K, int]:
    """`total` divided by `weights` in whole units that add up to it; equal remainders go to the lower key first.

    Weights are 0 or more, and there is one above 0 (ZeroDivisionError).
    """
    whole = sum(weights.values())
    if len(weights) == 1 and whole:
        return dict.fromkeys(weights, total)
    if total and not weights:
        raise ZeroDivisionError("There is nobody to split it among.")
    shares: dict[K, int] = {}
    remainders: list[tuple[int, K]] = []
    for key, weight in weights.items():
        shares[key], remainder = divmod(total * weight, whole)
        remainders.append((-remainder, key))
    remainders.sort()
    for _remainder, key in remainders[: total - sum(shares.values())]:
        shares[key] += 1
    return shares

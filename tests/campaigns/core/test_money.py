from fractions import Fraction
from random import Random

import pytest
from babel import Locale
from babel.numbers import get_currency_precision, get_territory_currencies
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.money import (
    ISO_EXPONENTS,
    InvalidAmount,
    UnknownCurrency,
    exponent,
    format_credit,
    format_money,
    largest_remainder,
    minor_units,
)

weights = st.dictionaries(st.text(max_size=3), st.integers(0, 10**15), min_size=1, max_size=8).filter(lambda given: any(given.values()))


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("50000.00", "USD", 5_000_000),
        ("50000", "USD", 5_000_000),
        ("0.5", "EUR", 50),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("12.50", "RSD", 1250),
        ("10000000000.00", "USD", 10**12),
        ("9" * 14, "JPY", 10**14 - 1),
    ],
)
def test_an_amount_is_read_in_the_minor_units_of_its_currency(amount: str, currency: str, minor: int) -> None:
    assert minor_units(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "sentence"),
    [
        ("1.001", "USD", "1.001 has too many decimals: USD has 2."),
        ("1.000", "USD", "1.000 has too many decimals: USD has 2."),
        ("500.0", "JPY", "500.0 has too many decimals: JPY has 0."),
        ("0", "USD", "0 is not above zero."),
        ("0.00", "USD", "0.00 is not above zero."),
        ("-5", "USD", "-5 is not above zero."),
        ("1" + "0" * 14, "USD", "100000000000000 is too large."),
        ("1,000", "USD", "“1,000” is not an amount: write it like 1250 or 1250.5, without signs or separators."),
        ("1e3", "USD", "“1e3” is not an amount: write it like 1250 or 1250.5, without signs or separators."),
        ("", "USD", "“” is not an amount: write it like 1250 or 1250.5, without signs or separators."),
        ("٣", "USD", "“\u2068٣\u2069” is not an amount: write it like 1250 or 1250.5, without signs or separators."),
        ("nan", "USD", "“nan” is not an amount: write it like 1250 or 1250.5, without signs or separators."),
    ],
)
def test_what_is_not_an_amount_above_zero_of_its_currency_is_refused(amount: str, currency: str, sentence: str) -> None:
    with pytest.raises(InvalidAmount) as refusal:
        minor_units(amount, currency)
    assert (refusal.value.message, refusal.value.field) == (sentence, "amount")


@pytest.mark.parametrize("currency", ["usd", "DOLLARS", "ZZZ", ""])
def test_a_code_that_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency) as refusal:
        exponent(currency)
    assert refusal.value.field == "currency"


def test_every_currency_that_is_in_use_has_two_decimals_but_for_these() -> None:
    """As ISO 4217 has it; the ariary, which it gives two, has none with Stripe."""
    territories = [str(code) for code in Locale("en").territories if len(str(code)) == 2]
    in_use = {currency for code in territories for currency in get_territory_currencies(code)}
    others = {currency: exponent(currency) for currency in in_use if exponent(currency) != 2}
    none, three = "BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF", "BHD IQD JOD KWD LYD OMR TND"
    assert others == dict.fromkeys(none.split(), 0) | dict.fromkeys(three.split(), 3)
    assert len(in_use) > 150


def test_the_table_holds_only_what_differs_from_babel() -> None:
    assert all(get_currency_precision(currency) != decimals for currency, decimals in ISO_EXPONENTS.items())


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        (4120, "USD", "en", "$41.20"),
        (123_456, "JPY", "en", "¥123,456"),
        (1234, "KWD", "en", "KWD\xa01.234"),
        (1250, "RSD", "en", "RSD\xa012.50"),
        (4120, "EUR", "de", "41,20\xa0€"),
        (-5, "USD", "en", "-$0.05"),
        (10**14, "USD", "en", "$1,000,000,000,000.00"),
    ],
)
def test_money_is_written_as_people_write_it_with_all_its_decimals(amount: int, currency: str, locale: str, written: str) -> None:
    assert format_money(amount, currency, locale) == written


@pytest.mark.parametrize(
    ("millionths", "currency", "locale", "written"),
    [
        (4120_000000, "USD", "en", "$41.20"),
        (642_857_142857, "USD", "en", "$6,428.57142857"),
        (1, "USD", "de", "0,00000001\xa0$"),
        (-500_000, "JPY", "en", "-¥0.5"),
    ],
)
def test_a_credit_is_written_exactly_with_further_decimals_only_where_it_has_them(
    millionths: int, currency: str, locale: str, written: str
) -> None:
    assert format_credit(millionths, currency, locale) == written


def test_the_largest_remainders_get_the_units_left_over_and_ties_go_to_the_lower_key() -> None:
    assert largest_remainder(10, {"c": 1, "b": 1, "a": 1, "d": 3}) == {"a": 2, "b": 2, "c": 1, "d": 5}


@pytest.mark.parametrize("nothing", [{}, {"a": 0}, {"a": 0, "b": 0}])
def test_by_no_weight_at_all_nothing_can_be_divided(nothing: dict[str, int]) -> None:
    with pytest.raises(ZeroDivisionError):
        largest_remainder(1, nothing)


def test_of_nothing_nobody_gets_nothing() -> None:
    assert (largest_remainder(0, {}), largest_remainder(0, {"a": 1, "b": 2})) == ({}, {"a": 0, "b": 0})


@given(st.integers(0, 10**18), weights)
def test_shares_add_up_and_each_is_within_one_unit_of_its_exact_part(total: int, given_weights: dict[str, int]) -> None:
    shares = largest_remainder(total, given_weights)
    whole = sum(given_weights.values())
    assert sum(shares.values()) == total
    assert shares.keys() == given_weights.keys()
    assert all(abs(shares[key] - Fraction(total * weight, whole)) < 1 for key, weight in given_weights.items())


@given(st.integers(0, 10**18), weights, st.randoms(use_true_random=False))
def test_the_order_of_weights_changes_no_share(total: int, given_weights: dict[str, int], random: Random) -> None:
    shuffled = dict(random.sample(list(given_weights.items()), len(given_weights)))
    assert largest_remainder(total, shuffled) == largest_remainder(total, given_weights)

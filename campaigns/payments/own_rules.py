"""What narrows down where we send money, whatever the provider says: dated rows, each with its source.

A row that is no longer true gets its end and stays: what was promised under it can still be explained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Sanction:
    """A country to which nothing may be sent, from `since` on, up to `until` where it has ended."""

    country: str
    since: datetime
    source: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Minimum:
    """The smallest amounts that we send to people in `countries`, in minor units by currency, from `since` on.

    `countries` is None for people anywhere; `until` is when the row has ended.
    """

    amounts: Mapping[str, int]
    since: datetime
    source: str
    countries: frozenset[str] | None = None
    until: datetime | None = None


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


# Embargoes of the United States on whole countries; those on regions (Crimea, Donetsk, Luhansk) no country code tells, Stripe asks there.
SANCTIONS: tuple[Sanction, ...] = (
    Sanction("CU", _day(1963, 7, 8), "31 CFR 515, Cuban Assets Control Regulations"),
    Sanction("IR", _day(1995, 5, 7), "31 CFR 560, Iranian Transactions and Sanctions Regulations"),
    Sanction("KP", _day(2008, 6, 26), "31 CFR 510, North Korea Sanctions Regulations"),
    Sanction("SY", _day(2004, 5, 12), "31 CFR 542, Syrian Sanctions Regulations", until=_day(2025, 7, 1)),  # ended by E.O. 14312
)

# Stripe pays the payee's bank from so much of the local currency on, which in most countries is one unit or less; where the bank's fees
# made it set more, about 30 dollars, what we send is enough to be paid out when it has arrived.
SPECIAL_REQUIREMENTS = "https://docs.stripe.com/connect/cross-border-payouts/special-requirements"
STEEP = frozenset("AL AM AO AZ BA BO BS BT CL CO GM GY KH MD MG MK MN MY MZ NA RS SV TW UZ".split())  # noqa: SIM905
# The highest that holds counts, so whoever lowers one ends its row. A currency that no row for every country names is sent to nobody.
MINIMUMS: tuple[Minimum, ...] = (
    Minimum({"USD": 100, "EUR": 100, "GBP": 100}, _day(2026, 1, 1), "our own decision: less is not worth its transfer"),
    Minimum({"USD": 4_000, "EUR": 4_000, "GBP": 3_500}, _day(2026, 12, 1), SPECIAL_REQUIREMENTS, STEEP),
    Minimum({"USD": 2_000, "EUR": 2_000, "GBP": 1_700}, _day(2026, 12, 1), SPECIAL_REQUIREMENTS, frozenset({"TH"})),
    Minimum({"USD": 6_000, "EUR": 6_000, "GBP": 5_000}, _day(2026, 12, 1), SPECIAL_REQUIREMENTS, frozenset({"PA"})),
)


def sanctioned(country: str, at: datetime) -> bool:
    """Whether nothing may be sent to the country at `at`."""
    return any(each.country == country and _holds(each, at) for each in SANCTIONS)


def minimums_to(country: str | None, at: datetime) -> Mapping[str, int]:
    """The smallest amounts that are sent to the country at `at`, in minor units by currency; for None those that hold everywhere."""
    rows = [each for each in MINIMUMS if _holds(each, at) and (each.countries is None or country in each.countries)]
    offered = {currency for each in rows if each.countries is None for currency in each.amounts}
    return {currency: max(each.amounts.get(currency, 0) for each in rows) for currency in offered}


def _holds(row: Sanction | Minimum, at: datetime) -> bool:
    return row.since <= at and (row.until is None or at < row.until)

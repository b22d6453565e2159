"""How money reaches a country: dated facts, kept as data, for agreements and fees change without our code changing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from babel import Locale

from campaigns.core.words import _, current_locale


@dataclass(frozen=True, slots=True)
class Route:
    """The way to pay people of one country, from `since` on.

    `minimums`: the smallest amount that is sent, in minor units by currency; `fee_basis_points`: what the provider takes from us for it.
    """

    name: str
    country: str
    agreement: str
    days: int
    fee_basis_points: int
    minimums: Mapping[str, int]
    since: datetime


LAUNCH = datetime(2026, 1, 1, tzinfo=UTC)
STRIPE_CONNECT = "stripe_connect"
MINIMUMS = {"USD": 100, "EUR": 100, "GBP": 100}
# Countries to which Stripe Connect pays out of a platform in the United States; across a border under the full agreement (Stripe, 2026).
HOME = ("US",)
ABROAD = (
    "AT", "AU", "BE", "BG", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HK", "HR", "HU", "IE", "IT",
    "JP", "LI", "LT", "LU", "LV", "MT", "MX", "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "SG", "SI", "SK", "TH",
)  # fmt: skip
# Where accounts only receive, under the recipient agreement (Stripe's cross-border payouts; have Stripe confirm them for your platform).
RECEIVING = (
    "AG", "AL", "AM", "AR", "AZ", "BA", "BD", "BH", "BJ", "BN", "BO", "BS", "BT", "BW", "CI", "CL", "CO", "CR", "DO", "DZ", "EC", "EG",
    "ET", "GA", "GH", "GM", "GT", "GY", "ID", "IL", "IS", "JM", "JO", "KE", "KH", "KR", "KW", "KZ", "LA", "LC", "LK", "MA", "MC", "MD",
    "MG", "MK", "MN", "MO", "MU", "MY", "MZ", "NA", "NE", "NG", "OM", "PA", "PE", "PH", "PK", "PY", "QA", "RS", "RW", "SA", "SM", "SN",
    "SV", "TN", "TR", "TT", "TW", "TZ", "UY", "UZ", "VN", "ZA",
)  # fmt: skip

# What an account is asked to be able to do under each agreement. Stripe grants transfers alone only to recipients across a border, or to
# a platform that it has approved (https://docs.stripe.com/connect/service-agreement-types), so a full account asks for both, though no
# payee ever takes a card.
CAPABILITIES: Mapping[str, tuple[str, ...]] = {"full": ("card_payments", "transfers"), "recipient": ("transfers",)}

ROUTES: tuple[Route, ...] = (
    *(Route(STRIPE_CONNECT, country, "full", 2, 0, MINIMUMS, LAUNCH) for country in HOME),
    *(Route(STRIPE_CONNECT, country, "full", 5, 25, MINIMUMS, LAUNCH) for country in ABROAD),
    *(Route(STRIPE_CONNECT, country, "recipient", 6, 25, MINIMUMS, LAUNCH) for country in RECEIVING),
)


def route_for(country: str | None, currency: str, at: datetime) -> Route | None:
    """The newest route that pays `currency` to people of `country` at `at`; None where there is none."""
    fitting = [r for r in ROUTES if r.country == country and currency in r.minimums and r.since <= at]
    return max(fitting, key=lambda r: r.since, default=None)


def routes_for(currency: str, at: datetime) -> Sequence[Route]:
    """The route of every country that has one for `currency`."""
    countries = sorted({r.country for r in ROUTES})
    return [route for country in countries if (route := route_for(country, currency, at))]


def payable_currencies(at: datetime) -> Sequence[str]:
    """The currencies in which somebody somewhere can be paid at `at`."""
    return sorted({currency for route in ROUTES if route.since <= at for currency in route.minimums})


def route_to(country: str | None, at: datetime) -> Route | None:
    """The newest route that pays anything to people of `country` at `at`."""
    fitting = [r for r in ROUTES if r.country == country and r.since <= at]
    return max(fitting, key=lambda r: r.since, default=None)


def country_name(country: str) -> str:
    """What the reader calls a country."""
    return str(Locale.parse(current_locale()).territories.get(country, country))


def no_route_sentence(country: str | None, currency: str | None = None) -> str:
    """Why nobody in `country` can be paid yet, `currency` or at all, and what happens to the money."""
    if country is None:
        return _("Tell us the country you live in: how we pay you depends on it.")
    name = country_name(country)
    if currency is None:
        return _("We have no way yet to pay people in {country}. What you earn stays on your account until there is one.", country=name)
    return _(
        "We have no way yet to pay {currency} to {country}. What you earn stays on your account until there is one.",
        currency=currency, country=name,
    )  # fmt: skip

"""How money reaches a country: what the provider says it reaches, narrowed by our own rules, under dated terms for each pair of countries.

Data, for agreements and fees change without our code changing; docs/stripe.md says what each row rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from babel import Locale

from campaigns.core.settings import settings
from campaigns.core.words import _, current_locale
from campaigns.payments.own_rules import minimums_to, sanctioned
from campaigns.payments.shipped_reach import FROM_US


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the provider sends money from our country, `home`, as it said at `fetched_at`; None before it was asked."""

    home: str
    countries: frozenset[str]
    fetched_at: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class Terms:
    """How a platform in one of `homes` pays people in one of `payees`, or where that is None anywhere, from `since` on."""

    name: str
    homes: frozenset[str]
    payees: frozenset[str] | None
    agreement: str
    days: int
    fee_basis_points: int
    since: datetime


LAUNCH = datetime(2026, 1, 1, tzinfo=UTC)
STRIPE_CONNECT = "stripe_connect"


def _codes(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


EEA = _codes("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI SK")
SELF_SERVE = EEA | {"CA", "CH", "GB", "US"}
# Where Stripe does business: a platform of one of these pays people at home.
BUSINESS = SELF_SERVE | _codes("AE AU BR GI HK IN JP MX MY NZ SG TH")

# What an account is asked to be able to do under each agreement. Stripe grants transfers alone only to recipients across a border, or to
# a platform that it has approved (https://docs.stripe.com/connect/service-agreement-types), so a full account asks for both, though no
# payee ever takes a card.
CAPABILITIES: Mapping[str, tuple[str, ...]] = {"full": ("card_payments", "transfers"), "recipient": ("transfers",)}

# Of several that fit, the newest counts, and of those of one day the first. Nobody at home is asked by pair: see `_terms`.
TERMS: tuple[Terms, ...] = (
    Terms(STRIPE_CONNECT, EEA | {"GB"}, EEA | {"GB"}, "full", 5, 0, LAUNCH),
    Terms(STRIPE_CONNECT, SELF_SERVE, SELF_SERVE, "full", 5, 25, LAUNCH),
    Terms(STRIPE_CONNECT, frozenset({"US"}), None, "recipient", 6, 25, LAUNCH),
)
NAMES = frozenset({STRIPE_CONNECT})
SHIPPED = Reach("US", FROM_US)


def route_for(reach: Reach, country: str | None, currency: str, at: datetime) -> Route | None:
    """The route that pays `currency` to people of `country` at `at`; None where there is none."""
    route = route_to(reach, country, at)
    return route if route and currency in route.minimums else None


def routes_for(reach: Reach, currency: str, at: datetime) -> Sequence[Route]:
    """The route of every country that has one for `currency`."""
    return [route for country in sorted(reach.countries) if (route := route_for(reach, country, currency, at))]


def route_to(reach: Reach, country: str | None, at: datetime) -> Route | None:
    """The route that pays anything to people of `country` at `at`, where the provider reaches and no rule of ours forbids it."""
    if country is None or country not in reach.countries or sanctioned(country, at):
        return None
    terms = _terms(reach.home, country, at)
    if terms is None:
        return None
    minimums = minimums_to(country, at)
    return Route(terms.name, country, terms.agreement, terms.days, terms.fee_basis_points, minimums, terms.since)


def _terms(home: str, country: str, at: datetime) -> Terms | None:
    """How people of `country` are paid by a platform in `home`; at home always under the full agreement, without a fee."""
    if home == country:
        at_home = Terms(STRIPE_CONNECT, frozenset({home}), frozenset({home}), "full", 2, 0, LAUNCH)
        return at_home if home in BUSINESS and at_home.since <= at else None
    fitting = [t for t in TERMS if home in t.homes and (t.payees is None or country in t.payees) and t.since <= at]
    return max(fitting, key=lambda t: t.since, default=None)


def payable_currencies(at: datetime) -> Sequence[str]:
    """The currencies in which somebody somewhere can be paid at `at`, of those that the installation is set to."""
    offered = minimums_to(None, at)
    return sorted(offered.keys() & {name.upper() for name in settings().currencies or offered})


def country_name(country: str) -> str:
    """What the reader calls a country."""
    return str(Locale.parse(current_locale()).territories.get(country, country))


def no_route_sentence(country: str | None, currency: str | None = None, at: datetime | None = None) -> str:
    """Why nobody in `country` can be paid, `currency` or at all, and what happens to the money; `at` tells whether sanctions forbid it."""
    if country is None:
        return _("Tell us which country you live in. How we pay you depends on it.")
    name = country_name(country)
    if at is not None and sanctioned(country, at):
        return _("Sanctions prohibit us from paying people in {country}. Your earnings stay in your balance until they end.", country=name)
    if currency is None:
        return _("We cannot pay people in {country} yet. Your earnings stay in your balance until we can.", country=name)
    return _(
        "We cannot pay {currency} to {country} yet. Your earnings stay in your balance until we can.",
        currency=currency, country=name,
    )  # fmt: skip


def dropped_sentence(country: str) -> str:
    """What someone reads who has an account where money can no longer be sent."""
    return _(
        "Money can no longer be sent to {country}. Your Stripe account stays open, and your earnings stay in "
        "your balance here until payments are possible again.",
        country=country_name(country),
    )

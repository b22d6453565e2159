"""Routes are dated data."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.payments import routes
from campaigns.payments.own_rules import sanctioned
from campaigns.payments.routes import LAUNCH, SHIPPED, TERMS, Reach, Route, Terms, no_route_sentence, route_for, route_to, routes_for
from sandbox.stripe.capabilities import require_agreement
from sandbox.stripe.countries import FULL, RECIPIENT, reached_from, require_country, require_reached
from sandbox.stripe.errors import StripeError

AT = datetime(2026, 11, 2, tzinfo=UTC)


def test_a_country_with_a_route_says_from_which_amount_and_how_long_it_takes() -> None:
    assert route_for(SHIPPED, "DE", "USD", AT) == Route("stripe_connect", "DE", "full", 5, 25, {"USD": 100, "EUR": 100, "GBP": 100}, LAUNCH)


@pytest.mark.parametrize(
    ("country", "currency", "at"), [("NP", "USD", AT), (None, "USD", AT), ("DE", "KWD", AT), ("DE", "USD", LAUNCH - timedelta(days=1))]
)
def test_no_route_is_none(country: str | None, currency: str, at: datetime) -> None:
    assert route_for(SHIPPED, country, currency, at) is None


def test_the_newest_route_in_force_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    later = Terms("global_payouts", frozenset({"US"}), frozenset({"DE"}), "recipient", 1, 25, AT)
    monkeypatch.setattr(routes, "TERMS", (*TERMS, later))
    found = [route_for(SHIPPED, "DE", "USD", at) for at in (AT, AT - timedelta(1))]
    assert [route and route.name for route in found] == ["global_payouts", "stripe_connect"]


def test_every_country_has_one_route_for_a_currency() -> None:
    countries = [route.country for route in routes_for(SHIPPED, "USD", AT)]
    assert countries == sorted(set(countries))


def test_the_sentence_names_the_country_in_the_readers_language() -> None:
    assert no_route_sentence("NP", "USD").startswith("We cannot pay USD to Nepal yet.")


def test_every_route_is_one_that_stripe_has() -> None:
    made = [route for country in SHIPPED.countries if (route := route_to(SHIPPED, country, AT))]
    assert {r.country for r in made if r.country not in (RECIPIENT if r.agreement == "recipient" else FULL)} == set()


@pytest.mark.parametrize(("country", "name"), [("DE", "stripe_connect"), ("NP", None), (None, None)])
def test_whether_a_country_is_reached_at_all(country: str | None, name: str | None) -> None:
    assert getattr(route_to(SHIPPED, country, AT), "name", None) == name


HOMES = ("US", "DE", "IE", "GB", "CA", "CH", "NO", "JP", "AU", "BR", "HK", "SG")


def refusal(home: str, country: str, agreement: str) -> str | None:
    """What Stripe's simulator says to an account there, or then to a transfer to it."""
    try:
        require_agreement(country, agreement, home)
        require_country(country, agreement, home)
        require_reached(home, country, agreement)
    except StripeError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("home", HOMES)
def test_from_each_country_a_route_is_what_stripe_takes_and_where_there_is_none_it_takes_nothing(home: str) -> None:
    reach = Reach(home, reached_from(home))
    for country in sorted(FULL | RECIPIENT):
        route = route_to(reach, country, AT)
        if route:
            assert refusal(home, country, route.agreement) is None, (home, country)
        elif not sanctioned(country, AT):
            assert refusal(home, country, "full"), (home, country)
            assert refusal(home, country, "recipient"), (home, country)


@pytest.mark.parametrize(
    ("home", "country", "found"),
    [
        ("US", "US", ("full", 2, 0)),
        ("US", "DE", ("full", 5, 25)),
        ("US", "AU", ("recipient", 6, 25)),
        ("US", "TH", ("recipient", 6, 25)),
        ("DE", "FR", ("full", 5, 0)),
        ("DE", "GB", ("full", 5, 0)),
        ("GB", "US", ("full", 5, 25)),
        ("DE", "PE", None),
        ("JP", "JP", ("full", 2, 0)),
        ("HK", "US", None),
    ],
)
def test_agreement_days_and_fee_follow_from_both_countries(home: str, country: str, found: tuple[str, int, int] | None) -> None:
    route = route_to(Reach(home, SHIPPED.countries | {home}), country, AT)
    assert (route and (route.agreement, route.days, route.fee_basis_points)) == found


def test_what_stripe_says_when_it_refuses() -> None:
    assert "because it's restricted outside of your platform's region" in str(refusal("HK", "US", "full"))
    assert "accounts located in TH when the account is under the `full` service agreement" in str(refusal("US", "TH", "full"))
    assert "not supported for platforms in DE creating accounts in PE" in str(refusal("DE", "PE", "recipient"))
    assert "PE is not currently supported by Stripe." in str(refusal("DE", "PE", "full"))

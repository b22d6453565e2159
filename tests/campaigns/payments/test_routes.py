"""Routes are dated data."""

from datetime import UTC, datetime, timedelta

import pytest

from api.sandbox.stripe.countries import FULL, RECIPIENT
from campaigns.payments import routes
from campaigns.payments.routes import LAUNCH, SHIPPED, TERMS, Route, Terms, no_route_sentence, route_for, route_to, routes_for

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
    assert no_route_sentence("NP", "USD").startswith("We have no way yet to pay USD to Nepal.")


def test_every_route_is_one_that_stripe_has() -> None:
    made = [route for country in SHIPPED.countries if (route := route_to(SHIPPED, country, AT))]
    assert {r.country for r in made if r.country not in (RECIPIENT if r.agreement == "recipient" else FULL)} == set()


@pytest.mark.parametrize(("country", "name"), [("DE", "stripe_connect"), ("NP", None), (None, None)])
def test_whether_a_country_is_reached_at_all(country: str | None, name: str | None) -> None:
    assert getattr(route_to(SHIPPED, country, AT), "name", None) == name

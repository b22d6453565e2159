"""What may be sent where: what Stripe says, narrowed by our own dated rules, and nothing else is promised anywhere."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from campaigns.core import clock
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import CLOCK, Actor
from campaigns.core.permissions import Role
from campaigns.core.settings import Settings
from campaigns.open_call.call.queries import route_of
from campaigns.payments import own_rules, reach
from campaigns.payments.actions import open_payout_account
from campaigns.payments.errors import NoRoute
from campaigns.payments.models import ProviderReach
from campaigns.payments.needs import needs_of
from campaigns.payments.own_rules import MINIMUMS, SANCTIONS, Minimum, Sanction, minimums_to, sanctioned
from campaigns.payments.provider_errors import RateLimited
from campaigns.payments.routes import LAUNCH, SHIPPED, Reach, payable_currencies, route_for, route_to, routes_for
from campaigns.payout.earnings.next_steps import Deed, NextStep, next_step
from campaigns.payout.earnings.queries import my_money
from campaigns.payout.runs.actions import quote_payouts
from tests.treasury import Treasury, now, told
from workers.gateways import by_stripe
from workers.provider.reach import enqueue_look, fetch_reach
from workers.transactions import unit_of_work

AT = datetime(2026, 12, 2, tzinfo=UTC)
DROPPED = (
    "Money can no longer be sent to Peru. Your Stripe account stays open, and your earnings stay in your balance here until payments are "
    "possible again."
)


def plant(treasury: Treasury, countries: Collection[str]) -> None:
    """Stripe sends money to these countries from now on."""
    treasury.stripe.raw("GET", "/v1/account")
    change = (
        "update stripe_sandbox.object set hidden = hidden || jsonb_build_object('supported_transfer_countries', cast(:named as jsonb)) "
        "where kind = 'platform'"
    )
    with treasury.stripe.engine.begin() as connection:
        connection.execute(text(change), {"named": json.dumps(sorted(countries))})


def known() -> Reach:
    with unit_of_work() as session:
        return reach.reach(session)


def promised(country: str, by: Actor) -> bool:
    """Whether the call says that we can pay somebody there."""
    with unit_of_work() as session:
        return route_of(session, country, "USD", by=by, at=now()).is_there


def look(treasury: Treasury) -> int:
    """The sweep and the relay do their part of the day."""
    found = enqueue_look()
    treasury.handle(OutboxKind.REACH_LOOK)
    return found


def test_before_stripe_was_asked_the_table_that_we_ship_counts_and_after_it_what_stripe_said(treasury: Treasury) -> None:
    assert known() == SHIPPED
    assert look(treasury) == 1
    said = frozenset(treasury.stripe.client.v1.country_specs.retrieve("US").supported_transfer_countries)
    assert (known().home, known().countries) == ("US", said)
    assert look(treasury) == 0, "once a day"


def test_under_a_real_key_nothing_is_promised_before_stripe_was_asked(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, olga = treasury.person("DE"), treasury.person(role=Role.OPERATOR)
    assert (promised("DE", ana), needed(olga)) == (True, [])
    monkeypatch.setattr(Settings, "stripe_is_played", False)
    assert known() == reach.NOWHERE
    assert [promised(country, ana) for country in ("DE", "US", "PE", "JP")] == [False] * 4
    with pytest.raises(NoRoute), unit_of_work() as session:
        open_payout_account(session, by=ana, at=now())
    said = (
        "Stripe has not said yet where it sends money, so calls promise payments nowhere. Run `callboard providers set-up --apply`, "
        "and make sure that the sweep and the relay are running."
    )
    assert needed(olga) == [said]
    with unit_of_work() as session:
        reach.note_reach(session, Reach("JP", frozenset({"JP", "PE"})), now=clock.process_now(), at=now())
    assert [promised(country, ana) for country in ("DE", "US", "PE", "JP")] == [False, False, False, True]
    assert needed(olga) == []


def needed(who: Actor) -> list[str]:
    """What waits for somebody of the staff because of it."""
    with unit_of_work() as session:
        return [each.message for each in needs_of(session, who, now())]


def test_a_day_later_it_is_asked_again(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    look(treasury)
    real = clock.process_now()
    monkeypatch.setattr(clock, "process_now", lambda: real + timedelta(hours=25))
    assert [enqueue_look(), enqueue_look()] == [1, 0]


def test_what_stripe_drops_and_adds_is_promised_no_more_and_from_then_on(treasury: Treasury) -> None:
    ana = treasury.person("PE")
    before = fetch_reach(by_stripe()).countries
    assert (promised("PE", ana), promised("NP", ana)) == (True, False)
    plant(treasury, before - {"PE"} | {"NP"})
    assert (promised("PE", ana), promised("NP", ana)) == (True, False), "until it is looked up"
    fetch_reach(by_stripe())
    assert (promised("PE", ana), promised("NP", ana)) == (False, True)
    assert told("payout.reach_changed") == [{"home": "US", "added": ["NP"], "dropped": ["PE"]}]
    with pytest.raises(NoRoute), unit_of_work() as session:
        open_payout_account(session, by=ana, at=now())


def test_who_has_an_account_where_stripe_sends_nothing_any_more_reads_what_holds(treasury: Treasury) -> None:
    ana, ben = treasury.payee(country="PE"), treasury.person("PE")
    treasury.onboard(ben)
    plant(treasury, fetch_reach(by_stripe()).countries - {"PE"})
    fetch_reach(by_stripe())
    for person in (ana, ben):
        assert step(person) == NextStep(Deed.NOTHING, DROPPED)
    with unit_of_work() as session:
        assert [(purse.balance, purse.sentence) for purse in my_money(session, by=ana, at=now())] == [(5_000, DROPPED)]
        assert quote_payouts(session, "S1", by=CLOCK, at=now()) == []
    assert [(each["person"], each["code"], each["is_dropped"]) for each in told("payout.cannot_pay")] == [
        (str(ana.person), "no_route", True)
    ]


def step(person: Actor) -> NextStep | None:
    with unit_of_work() as session:
        return next_step(session, my_money(session, by=person, at=now()), by=person, at=now())


def test_a_country_under_sanctions_is_not_promised_whatever_stripe_says(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = treasury.person("PE")
    plant(treasury, fetch_reach(by_stripe()).countries | {"IR"})
    fetch_reach(by_stripe())
    assert not promised("IR", ana)
    monkeypatch.setattr(own_rules, "SANCTIONS", (*SANCTIONS, Sanction("PE", now() - timedelta(days=1), "a test")))
    assert not promised("PE", ana)
    with unit_of_work() as session:
        sentence = route_of(session, "PE", "USD", by=ana, at=now()).sentence
    assert sentence == "Sanctions prohibit us from paying people in Peru. Your earnings stay in your balance until they end."


def test_an_older_answer_changes_nothing_and_a_look_that_fails_leaves_what_is_known(treasury: Treasury) -> None:
    fetch_reach(by_stripe())
    before = known()
    assert before.fetched_at
    with unit_of_work() as session:
        reach.note_reach(session, Reach("US", frozenset({"US"})), now=before.fetched_at - timedelta(seconds=1), at=now())
    assert known() == before
    treasury.line.faults.append(("/v1/country_specs", "429"))
    with pytest.raises(RateLimited):
        fetch_reach(by_stripe())
    assert known() == before


def test_the_database_refuses_a_list_of_nothing(treasury: Treasury) -> None:
    with pytest.raises(Exception, match="ck_provider_reach_countries"), unit_of_work() as session:
        session.add(ProviderReach(home="US", countries=[], fetched_at=AT, since=AT))


def test_an_embargo_ends_on_its_day() -> None:
    (syria,) = [each for each in SANCTIONS if each.country == "SY"]
    assert syria.until
    assert [sanctioned("SY", at) for at in (syria.since, syria.until - timedelta(days=1), syria.until)] == [True, True, False]


def test_where_stripe_pays_a_bank_from_thirty_dollars_on_we_send_no_less() -> None:
    (steep,) = [each for each in MINIMUMS if each.countries and "AL" in each.countries]
    found = [route_to(SHIPPED, "AL", at) for at in (steep.since - timedelta(days=1), steep.since)]
    assert [route and route.minimums for route in found] == [
        {"USD": 100, "EUR": 100, "GBP": 100},
        {"USD": 4_000, "EUR": 4_000, "GBP": 3_500},
    ]


def test_what_we_send_begins_on_the_day_of_the_first_smallest_amounts() -> None:
    all_three = ["EUR", "GBP", "USD"]
    assert [payable_currencies(at) for at in (LAUNCH - timedelta(seconds=1), LAUNCH, AT)] == [[], all_three, all_three]


def test_the_highest_amount_that_holds_on_a_day_counts_and_only_what_is_sent_anywhere_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (AT + timedelta(days=days) for days in range(3))
    rows = (
        Minimum({"USD": 100, "GBP": 100}, first, "a test", until=third),
        Minimum({"USD": 300}, second, "a test"),
        Minimum({"USD": 200, "GBP": 900, "JPY": 5}, first, "a test", frozenset({"AL"})),
    )
    monkeypatch.setattr(own_rules, "MINIMUMS", rows)
    days = (first - timedelta(seconds=1), first, second, third)
    assert [(minimums_to(None, at), minimums_to("AL", at), payable_currencies(at)) for at in days] == [
        ({}, {}, []),
        ({"USD": 100, "GBP": 100}, {"USD": 200, "GBP": 900}, ["GBP", "USD"]),
        ({"USD": 300, "GBP": 100}, {"USD": 300, "GBP": 900}, ["GBP", "USD"]),
        ({"USD": 300}, {"USD": 300}, ["USD"]),
    ]


CODES = st.sampled_from(["US", "DE", "GB", "PE", "IR", "KP", "SY", "NP", "AL", "BR"])


@given(st.frozensets(CODES), CODES, st.sampled_from(["US", "DE", "JP"]))
def test_a_promise_is_always_both_stripes_and_ours(countries: frozenset[str], country: str, home: str) -> None:
    said = Reach(home, countries)
    route = route_for(said, country, "USD", AT)
    assert (route is not None) == (country in {each.country for each in routes_for(said, "USD", AT)})
    if route is not None:
        assert country in countries
        assert not sanctioned(country, AT)


def test_the_profile_says_at_once_when_nobody_can_be_paid_where_one_lives(treasury: Treasury) -> None:
    fetch_reach(by_stripe())
    with unit_of_work() as session:
        said = [reach.why_unreached(session, country, now()) for country in (None, "DE", "NP")]
    assert said == [None, None, "We cannot pay people in Nepal yet. Your earnings stay in your balance until we can."]

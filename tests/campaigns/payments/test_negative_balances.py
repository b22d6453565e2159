"""Payees whose account at Stripe is below zero: found in the whole comparison, with their cause and moment, until they are not any more."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from campaigns.core.errors import Forbidden
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Role
from campaigns.payments.balance_gateway import ProviderBalance
from campaigns.payments.stripe_gateway import StripeGateway
from campaigns.payout.reconciliations import negative_balances as search
from campaigns.payout.reconciliations.negative_balances import negative_balances, why_unexplained
from tests.campaigns.payout.runs.bureau import all_is_well, released, send
from tests.treasury import Treasury, now
from workers.gateways import by_stripe
from workers.payout.negative_balances import look_for_negative_balances
from workers.payout.reconciliation import reconcile
from workers.transactions import unit_of_work


def debit(treasury: Treasury, account: str, amount: int, currency: str = "usd") -> None:
    """Stripe debits a payee's account."""
    owed = {"account": account, "amount": str(amount), "currency": currency}
    said = httpx.post(f"{treasury.stripe.url}/sandbox/debts", data=owed, timeout=30)
    assert said.status_code == 303


def below_zero() -> list[tuple[str, int, str, str]]:
    """What finance reads: who, by how much, in what, and by what."""
    with unit_of_work() as session:
        found = negative_balances(session, by=SYSTEM)
    return [(each.name, each.balance.amount, each.balance.currency, each.balance.cause) for each in found]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The accounts that Stripe was asked of, in order."""
    heard: list[str] = []
    known = StripeGateway.fetch_shortfalls

    def listened(line: StripeGateway, account_id: str) -> Sequence[Any]:
        heard.append(account_id)
        return known(line, account_id)

    monkeypatch.setattr(StripeGateway, "fetch_shortfalls", listened)
    return heard


def test_an_account_below_zero_is_found_with_what_took_it_there_and_since_when(treasury: Treasury) -> None:
    ana = treasury.payee(5_000)
    send(released(treasury))
    provider_id = treasury.transfers()[0][0]
    debit(treasury, provider_id, 4_000)
    treasury.pass_time(timedelta(days=1, hours=1))
    debit(treasury, provider_id, 3_000)
    fell_at = now()
    treasury.pass_time(timedelta(hours=2))
    debit(treasury, provider_id, 500)
    reconcile(by_stripe(), by_stripe())
    with unit_of_work() as session:
        (found,) = negative_balances(session, by=SYSTEM)
    stands = found.balance
    assert (found.person_id, found.account, stands.currency, stands.cause) == (ana.person, provider_id, "USD", "adjustment")
    assert abs(stands.since - fell_at) < timedelta(minutes=1)
    assert (stands.amount, all_is_well()) == (treasury.stripe.balance(account=provider_id)[0], [])


def test_accounts_are_below_zero_in_their_own_currency_and_the_one_found_last_is_first(treasury: Treasury) -> None:
    ana, ben, zoe = treasury.person(), treasury.person("DE"), treasury.person("GB")
    of_ana, of_ben, of_zoe = treasury.onboard(ana), treasury.onboard(ben), treasury.onboard(zoe)
    debit(treasury, of_ana, 3_000)
    look_for_negative_balances(by_stripe())
    debit(treasury, of_ben, 2_000, "eur")
    look_for_negative_balances(by_stripe())
    debit(treasury, of_zoe, 700, "gbp")
    look_for_negative_balances(by_stripe())
    assert below_zero() == [
        (zoe.name, -700, "GBP", "adjustment"), (ben.name, -2_000, "EUR", "adjustment"), (ana.name, -3_000, "USD", "adjustment"),
    ]  # fmt: skip


def test_what_is_made_good_or_borne_by_us_is_below_zero_no_more(treasury: Treasury) -> None:
    filled, collected = treasury.onboard(treasury.person()), treasury.onboard(treasury.person())
    for account in (filled, collected):
        debit(treasury, account, 3_000)
    reconcile(by_stripe(), by_stripe())
    treasury.stripe.transfer(filled, 1_000)
    look_for_negative_balances(by_stripe())
    assert sorted(amount for _name, amount, _currency, _cause in below_zero()) == [-3_000, -2_000]
    treasury.stripe.transfer(filled, 2_000)
    look_for_negative_balances(by_stripe())
    assert [amount for _name, amount, _currency, _cause in below_zero()] == [-3_000]
    treasury.pass_time(timedelta(days=180))
    treasury.stripe.settle()
    look_for_negative_balances(by_stripe())
    assert below_zero() == []


def test_stripe_is_asked_of_no_account_that_need_not_be_below_zero(treasury: Treasury, asked: list[str]) -> None:
    first, short, last = (treasury.onboard(treasury.person()) for _each in range(3))
    look_for_negative_balances(by_stripe())
    assert asked == []
    debit(treasury, short, 3_000)
    look_for_negative_balances(by_stripe())
    assert asked == [last, short]  # the newest first, and none once all is explained
    asked.clear()
    look_for_negative_balances(by_stripe())
    assert asked == [short]
    asked.clear()
    debit(treasury, first, 100)
    look_for_negative_balances(by_stripe())
    assert asked == [short, last, first]


def test_an_account_short_in_another_currency_does_not_have_all_asked(
    treasury: Treasury, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "ASKED_AT_MOST", 2)
    ben = treasury.person("DE")
    accounts = [treasury.onboard(ben), *(treasury.onboard(treasury.person()) for _each in range(4))]
    debit(treasury, accounts[0], 2_000, "eur")
    balance = {"USD": ProviderBalance(1_000_000, 0, 2_300, {"card": 1_000_000})}
    monkeypatch.setattr(StripeGateway, "balance", lambda _line: balance)  # it reserves in our currency what is short in another
    rounds = []
    for _comparison in range(4):
        look_for_negative_balances(by_stripe())
        rounds.append([accounts.index(each) for each in asked])
        asked.clear()
    assert rounds == [[4, 3], [2, 1], [0, 4], [0, 3, 2]], "what is known, and then no more than may be, from where it stopped"
    assert below_zero() == [(ben.name, -2_000, "EUR", "adjustment")]
    with unit_of_work() as session:
        assert why_unexplained(session, by=SYSTEM)
    balance["USD"] = ProviderBalance(1_000_000, 0, 0, {"card": 1_000_000})
    look_for_negative_balances(by_stripe())
    with unit_of_work() as session:
        assert ([accounts.index(each) for each in asked], why_unexplained(session, by=SYSTEM)) == ([0], None)


def test_an_account_that_is_not_ours_any_more_does_not_keep_others_from_being_found(treasury: Treasury) -> None:
    ana = treasury.person()
    debit(treasury, treasury.onboard(ana), 3_000)
    gone = treasury.onboard(treasury.person())
    treasury.stripe.client.v1.accounts.delete(gone)
    look_for_negative_balances(by_stripe())
    assert below_zero() == [(ana.name, -3_000, "USD", "adjustment")]


def test_a_comparison_of_a_few_runs_does_not_look_for_them(treasury: Treasury, asked: list[str]) -> None:
    debit(treasury, treasury.onboard(treasury.person()), 3_000)
    reconcile(by_stripe(), by_stripe(), now())
    assert (asked, below_zero()) == ([], [])
    reconcile(by_stripe(), by_stripe())
    assert (len(asked), len(below_zero())) == (1, 1)


@pytest.mark.parametrize("role", [None, Role.MANAGER, Role.OPERATOR, Role.CURATOR])
def test_accounts_below_zero_are_listed_to_finance_alone(treasury: Treasury, role: Role | None) -> None:
    who: Actor = treasury.person(role=role)
    with unit_of_work() as session, pytest.raises(Forbidden):
        negative_balances(session, by=who)

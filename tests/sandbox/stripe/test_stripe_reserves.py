"""A transfer takes from one kind of the balance; what accounts are short of is kept back of the platform's."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import stripe

from campaigns.core.clock import business_now
from sandbox.stripe import balance
from sandbox.stripe.endpoints import Call
from tests.sandbox.stripe import dahlia
from tests.sandbox.stripe.stage import Simulator


def shown(simulator: Simulator) -> tuple[int, dict[str, int], int]:
    """Available in all, by kind, and what is kept back."""
    now = simulator.client.v1.balance.retrieve()
    (usd,) = now.available
    kept = sum(each.amount for each in getattr(now, "connect_reserved", None) or [])
    assert usd.source_types
    return usd.amount, usd.source_types.to_dict(), kept


def kinds(simulator: Simulator, name: str) -> list[int]:
    found = simulator.client.v1.balance_transactions.list({"type": name}).data
    return [each.amount for each in found][::-1]


def test_a_transfer_takes_from_one_kind_of_the_balance_alone(simulator: Simulator) -> None:
    simulator.fund(10_000)
    simulator.legacy_ach(20_000)
    assert shown(simulator) == (9_680, {"card": 9_680}, 0)
    simulator.pass_time(timedelta(days=3))
    assert shown(simulator) == (29_680, {"card": 9_680, "bank_account": 20_000}, 0)
    artist = simulator.payable()
    for more in ({}, {"source_type": "card"}, {"source_type": "fpx"}):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            simulator.transfer(artist, 15_000, **more)
        assert refused.value.code == "balance_insufficient"
    assert simulator.transfer(artist, 15_000, source_type="bank_account").source_type == "bank_account"
    assert shown(simulator) == (14_680, {"card": 9_680, "bank_account": 5_000}, 0)


def test_what_came_by_bank_debit_or_bank_transfer_is_in_the_part_of_the_balance_that_cards_fill(simulator: Simulator) -> None:
    debit = {"amount": 20_000, "currency": "usd", "payment_method": "pm_usBankAccount_success", "confirm": True}
    simulator.client.v1.payment_intents.create(debit)  # type: ignore[arg-type]
    simulator.pay_on_page(simulator.invoice(10_000), method="bank_transfer")
    simulator.pass_time(timedelta(days=3))
    assert shown(simulator) == (29_790, {"card": 29_790}, 0)


def test_what_an_account_is_short_of_is_kept_back_until_it_is_made_good(simulator: Simulator) -> None:
    simulator.fund(10_000)
    artist = simulator.payable()
    taken = httpx.post(f"{simulator.url}/sandbox/debts", data={"account": artist, "amount": "3000"})
    assert (taken.status_code, httpx.get(f"{simulator.url}/sandbox/debts").status_code) == (303, 200)
    assert (simulator.balance(account=artist)[0], shown(simulator)) == (-3_000, (6_680, {"card": 6_680}, 3_000))
    simulator.transfer(artist, 1_000)
    assert shown(simulator) == (6_680, {"card": 6_680}, 2_000)
    simulator.transfer(artist, 5_000)
    assert (simulator.balance(account=artist)[0], shown(simulator)) == (3_000, (3_680, {"card": 3_680}, 0))
    assert kinds(simulator, "reserve_transaction") == [-3_000, 1_000, 2_000]
    assert httpx.post(f"{simulator.url}/sandbox/debts", data={"account": "acct_none", "amount": "3"}).status_code == 400


def short_for_half_a_year(simulator: Simulator) -> str:
    """An account that was below zero for 180 days."""
    simulator.fund(10_000)
    artist = simulator.payable()
    httpx.post(f"{simulator.url}/sandbox/debts", data={"account": artist, "amount": "3000"})
    simulator.pass_time(timedelta(days=180))
    simulator.settle()
    return artist


def test_what_an_account_is_short_of_for_half_a_year_the_platform_has_lost(simulator: Simulator) -> None:
    artist = short_for_half_a_year(simulator)
    assert (simulator.balance(account=artist)[0], shown(simulator)) == (0, (6_680, {"card": 6_680}, 0))
    assert (kinds(simulator, "reserve_transaction"), kinds(simulator, "connect_collection_transfer")) == ([-3_000, 3_000], [-3_000])


def test_what_is_kept_back_does_not_say_for_whom_and_what_is_taken_does(simulator: Simulator) -> None:
    artist = short_for_half_a_year(simulator)
    listed = simulator.client.v1.balance_transactions.list({"limit": 3, "expand": ["data.source"]}).data
    sources: list[Any] = [each.source for each in listed]
    assert [(each.object, each.amount, getattr(each, "destination", None)) for each in sources] == [
        ("connect_collection_transfer", 3_000, artist), ("reserve_transaction", 3_000, None), ("reserve_transaction", -3_000, None),
    ]  # fmt: skip


def test_the_category_of_a_movement_is_one_that_stripe_publishes(simulator: Simulator) -> None:
    with simulator.engine.begin() as connection:
        call = Call(connection, int(business_now(connection).timestamp()))
        booked = [balance.move(call, kind, 100, "usd", "src_1") for kind in ("payout_failure", "adjustment", "reserve_transaction")]
    assert [each["reporting_category"] for each in booked] == ["payout_reversal", "other_adjustment", "connect_reserved_funds"]
    assert [fault for each in booked for fault in dahlia.object_faults(each)] == []
    assert dahlia.object_faults({**booked[0], "reporting_category": "adjustment"}) == ["the category adjustment is not Stripe's"]

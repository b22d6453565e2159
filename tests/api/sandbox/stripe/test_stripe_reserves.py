"""A transfer takes from one kind of the balance; what accounts are short of is kept back of the platform's."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import stripe

from api.sandbox.stripe import balance
from api.sandbox.stripe.endpoints import Call
from campaigns.core.clock import business_now
from tests.api.sandbox.stripe import dahlia
from tests.api.sandbox.stripe.stage import StandIn


def shown(stand_in: StandIn) -> tuple[int, dict[str, int], int]:
    """Available in all, by kind, and what is kept back."""
    now = stand_in.client.v1.balance.retrieve()
    (usd,) = now.available
    kept = sum(each.amount for each in getattr(now, "connect_reserved", None) or [])
    assert usd.source_types
    return usd.amount, usd.source_types.to_dict(), kept


def kinds(stand_in: StandIn, name: str) -> list[int]:
    found = stand_in.client.v1.balance_transactions.list({"type": name}).data
    return [each.amount for each in found][::-1]


def test_a_transfer_takes_from_one_kind_of_the_balance_alone(stand_in: StandIn) -> None:
    stand_in.fund(10_000)
    stand_in.legacy_ach(20_000)
    assert shown(stand_in) == (9_680, {"card": 9_680}, 0)
    stand_in.pass_time(timedelta(days=3))
    assert shown(stand_in) == (29_680, {"card": 9_680, "bank_account": 20_000}, 0)
    artist = stand_in.payable()
    for more in ({}, {"source_type": "card"}, {"source_type": "fpx"}):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            stand_in.transfer(artist, 15_000, **more)
        assert refused.value.code == "balance_insufficient"
    assert stand_in.transfer(artist, 15_000, source_type="bank_account").source_type == "bank_account"
    assert shown(stand_in) == (14_680, {"card": 9_680, "bank_account": 5_000}, 0)


def test_what_came_by_bank_debit_or_bank_transfer_is_in_the_part_of_the_balance_that_cards_fill(stand_in: StandIn) -> None:
    debit = {"amount": 20_000, "currency": "usd", "payment_method": "pm_usBankAccount_success", "confirm": True}
    stand_in.client.v1.payment_intents.create(debit)  # type: ignore[arg-type]
    stand_in.pay_on_page(stand_in.invoice(10_000), method="bank_transfer")
    stand_in.pass_time(timedelta(days=3))
    assert shown(stand_in) == (29_790, {"card": 29_790}, 0)


def test_what_an_account_is_short_of_is_kept_back_until_it_is_made_good(stand_in: StandIn) -> None:
    stand_in.fund(10_000)
    artist = stand_in.payable()
    taken = httpx.post(f"{stand_in.url}/sandbox/debts", data={"account": artist, "amount": "3000"})
    assert (taken.status_code, httpx.get(f"{stand_in.url}/sandbox/debts").status_code) == (303, 200)
    assert (stand_in.balance(account=artist)[0], shown(stand_in)) == (-3_000, (6_680, {"card": 6_680}, 3_000))
    stand_in.transfer(artist, 1_000)
    assert shown(stand_in) == (6_680, {"card": 6_680}, 2_000)
    stand_in.transfer(artist, 5_000)
    assert (stand_in.balance(account=artist)[0], shown(stand_in)) == (3_000, (3_680, {"card": 3_680}, 0))
    assert kinds(stand_in, "reserve_transaction") == [-3_000, 1_000, 2_000]
    assert httpx.post(f"{stand_in.url}/sandbox/debts", data={"account": "acct_none", "amount": "3"}).status_code == 400


def short_for_half_a_year(stand_in: StandIn) -> str:
    """An account that was below zero for 180 days."""
    stand_in.fund(10_000)
    artist = stand_in.payable()
    httpx.post(f"{stand_in.url}/sandbox/debts", data={"account": artist, "amount": "3000"})
    stand_in.pass_time(timedelta(days=180))
    stand_in.settle()
    return artist


def test_what_an_account_is_short_of_for_half_a_year_the_platform_has_lost(stand_in: StandIn) -> None:
    artist = short_for_half_a_year(stand_in)
    assert (stand_in.balance(account=artist)[0], shown(stand_in)) == (0, (6_680, {"card": 6_680}, 0))
    assert (kinds(stand_in, "reserve_transaction"), kinds(stand_in, "connect_collection_transfer")) == ([-3_000, 3_000], [-3_000])


def test_what_is_kept_back_does_not_say_for_whom_and_what_is_taken_does(stand_in: StandIn) -> None:
    artist = short_for_half_a_year(stand_in)
    listed = stand_in.client.v1.balance_transactions.list({"limit": 3, "expand": ["data.source"]}).data
    sources: list[Any] = [each.source for each in listed]
    assert [(each.object, each.amount, getattr(each, "destination", None)) for each in sources] == [
        ("connect_collection_transfer", 3_000, artist), ("reserve_transaction", 3_000, None), ("reserve_transaction", -3_000, None),
    ]  # fmt: skip


def test_the_category_of_a_movement_is_one_that_stripe_publishes(stand_in: StandIn) -> None:
    with stand_in.engine.begin() as connection:
        call = Call(connection, int(business_now(connection).timestamp()))
        booked = [balance.move(call, kind, 100, "usd", "src_1") for kind in ("payout_failure", "adjustment", "reserve_transaction")]
    assert [each["reporting_category"] for each in booked] == ["payout_reversal", "other_adjustment", "connect_reserved_funds"]
    assert [fault for each in booked for fault in dahlia.object_faults(each)] == []
    assert dahlia.object_faults({**booked[0], "reporting_category": "adjustment"}) == ["the category adjustment is not Stripe's"]

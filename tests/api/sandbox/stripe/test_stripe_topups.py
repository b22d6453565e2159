"""Top-ups of the platform's balance from its bank account."""

from datetime import timedelta

import httpx
import pytest
import stripe

from tests.api.sandbox.stripe.stage import StandIn


def test_a_top_up_is_pending_until_the_bank_has_sent_it_and_then_on_the_balance(stand_in: StandIn) -> None:
    asked = stand_in.client.v1.topups.create({"amount": 50_000, "currency": "usd", "metadata": {"top_up": "7"}, "description": "Run 3"})
    assert (asked.status, asked.amount, asked.metadata.to_dict(), stand_in.balance()) == ("pending", 50_000, {"top_up": "7"}, (0, 0))
    stand_in.pass_time(timedelta(days=3))
    stand_in.settle()
    arrived = stand_in.client.v1.topups.retrieve(asked.id)
    assert (arrived.status, stand_in.balance()) == ("succeeded", (50_000, 0))
    moved = stand_in.client.v1.balance_transactions.retrieve(str(arrived.balance_transaction))
    assert (moved.type, moved.net, moved.source) == ("topup", 50_000, asked.id)
    assert [event.type for event in stand_in.client.v1.events.list({"type": "topup.succeeded"}).data] == ["topup.succeeded"]


def taken_back(stand_in: StandIn, topup: str) -> int:
    return httpx.post(f"{stand_in.url}/sandbox/topups", data={"topup": topup}).status_code


def test_a_top_up_that_the_bank_takes_back_is_reversed_and_off_the_balance_again_though_that_is_spent(stand_in: StandIn) -> None:
    asked = stand_in.client.v1.topups.create({"amount": 50_000, "currency": "usd"})
    assert taken_back(stand_in, asked.id) == 400
    stand_in.pass_time(timedelta(days=3))
    stand_in.settle()
    assert "50000 usd" in httpx.get(f"{stand_in.url}/sandbox/topups").text
    stand_in.client.v1.transfers.create({"amount": 30_000, "currency": "usd", "destination": stand_in.payable()})
    assert [taken_back(stand_in, asked.id) for _time in range(2)] == [303, 400]
    assert (stand_in.client.v1.topups.retrieve(asked.id).status, stand_in.balance()) == ("reversed", (-30_000, 0))
    moved = stand_in.client.v1.balance_transactions.list({"type": "topup_reversal"}).data
    assert [(each.net, each.source) for each in moved] == [(-50_000, asked.id)]
    assert [event.type for event in stand_in.client.v1.events.list({"type": "topup.reversed"}).data] == ["topup.reversed"]
    with pytest.raises(stripe.InvalidRequestError):
        stand_in.client.v1.topups.list({"status": "reversed"})


def test_a_top_up_that_is_canceled_never_arrives(stand_in: StandIn) -> None:
    asked = stand_in.client.v1.topups.create({"amount": 50_000, "currency": "usd"})
    assert stand_in.client.v1.topups.cancel(asked.id).status == "canceled"
    stand_in.pass_time(timedelta(days=3))
    stand_in.settle()
    assert stand_in.balance() == (0, 0)
    with pytest.raises(stripe.InvalidRequestError):
        stand_in.client.v1.topups.cancel(asked.id)
    assert [each.id for each in stand_in.client.v1.topups.list({"status": "canceled"}).data] == [asked.id]

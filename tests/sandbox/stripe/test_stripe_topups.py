"""Top-ups of the platform's balance from its bank account."""

from datetime import timedelta

import httpx
import pytest
import stripe

from tests.sandbox.stripe.stage import Simulator


def test_a_top_up_is_pending_until_the_bank_has_sent_it_and_then_on_the_balance(simulator: Simulator) -> None:
    asked = simulator.client.v1.topups.create({"amount": 50_000, "currency": "usd", "metadata": {"top_up": "7"}, "description": "Run 3"})
    assert (asked.status, asked.amount, asked.metadata.to_dict(), simulator.balance()) == ("pending", 50_000, {"top_up": "7"}, (0, 0))
    simulator.pass_time(timedelta(days=3))
    simulator.settle()
    arrived = simulator.client.v1.topups.retrieve(asked.id)
    assert (arrived.status, simulator.balance()) == ("succeeded", (50_000, 0))
    moved = simulator.client.v1.balance_transactions.retrieve(str(arrived.balance_transaction))
    assert (moved.type, moved.net, moved.source) == ("topup", 50_000, asked.id)
    assert [event.type for event in simulator.client.v1.events.list({"type": "topup.succeeded"}).data] == ["topup.succeeded"]


def taken_back(simulator: Simulator, topup: str) -> int:
    return httpx.post(f"{simulator.url}/sandbox/topups", data={"topup": topup}).status_code


def test_a_top_up_that_the_bank_takes_back_is_reversed_and_off_the_balance_again_though_that_is_spent(simulator: Simulator) -> None:
    asked = simulator.client.v1.topups.create({"amount": 50_000, "currency": "usd"})
    assert taken_back(simulator, asked.id) == 400
    simulator.pass_time(timedelta(days=3))
    simulator.settle()
    assert "50000 usd" in httpx.get(f"{simulator.url}/sandbox/topups").text
    simulator.client.v1.transfers.create({"amount": 30_000, "currency": "usd", "destination": simulator.payable()})
    assert [taken_back(simulator, asked.id) for _time in range(2)] == [303, 400]
    assert (simulator.client.v1.topups.retrieve(asked.id).status, simulator.balance()) == ("reversed", (-30_000, 0))
    moved = simulator.client.v1.balance_transactions.list({"type": "topup_reversal"}).data
    assert [(each.net, each.source) for each in moved] == [(-50_000, asked.id)]
    assert [event.type for event in simulator.client.v1.events.list({"type": "topup.reversed"}).data] == ["topup.reversed"]
    with pytest.raises(stripe.InvalidRequestError):
        simulator.client.v1.topups.list({"status": "reversed"})


def test_a_top_up_that_is_canceled_never_arrives(simulator: Simulator) -> None:
    asked = simulator.client.v1.topups.create({"amount": 50_000, "currency": "usd"})
    assert simulator.client.v1.topups.cancel(asked.id).status == "canceled"
    simulator.pass_time(timedelta(days=3))
    simulator.settle()
    assert simulator.balance() == (0, 0)
    with pytest.raises(stripe.InvalidRequestError):
        simulator.client.v1.topups.cancel(asked.id)
    assert [each.id for each in simulator.client.v1.topups.list({"status": "canceled"}).data] == [asked.id]

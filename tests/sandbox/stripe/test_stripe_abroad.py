"""A payee abroad: what is transferred to them is on their account, and goes to their bank, in the currency of that."""

from datetime import timedelta

import httpx
import pytest
import stripe

from tests.sandbox.stripe.stage import Simulator


def moves(simulator: Simulator, account: str) -> list[tuple[str, int, str, float | None]]:
    """Kind, amount, currency and rate of what there is on an account, oldest first."""
    listed = simulator.client.v1.balance_transactions.list({"limit": 100}, {"stripe_account": account}).data
    return [(each.type, each.amount, each.currency, each.exchange_rate) for each in listed][::-1]


def test_a_transfer_arrives_and_is_paid_out_in_the_currency_of_the_account(simulator: Simulator) -> None:
    simulator.fund(20_000)
    artist = simulator.payable("GB", agreement="recipient")
    sent = simulator.transfer(artist, 10_000)
    assert (sent.amount, sent.currency) == (10_000, "usd")
    simulator.pass_time(timedelta(days=2))
    simulator.settle()
    assert moves(simulator, artist) == [("payment", 7_874, "gbp", 0.787402), ("payout", -7_874, "gbp", None)]
    (payout,) = simulator.client.v1.payouts.list({}, {"stripe_account": artist}).data
    assert (payout.amount, payout.currency) == (7_874, "gbp")
    contained = {"payout": payout.id, "expand": ["data.source"], "type": "payment"}
    (part,) = simulator.client.v1.balance_transactions.list(contained, {"stripe_account": artist}).data  # type: ignore[arg-type]
    assert (part.source.amount, part.source.currency, part.source.source_transfer) == (10_000, "usd", sent.id)  # type: ignore[union-attr]


def test_an_account_with_a_bank_account_for_the_currency_keeps_what_it_gets(simulator: Simulator) -> None:
    simulator.fund(20_000)
    artist = simulator.payable("KE", agreement="recipient")
    simulator.transfer(artist, 10_000)
    assert moves(simulator, artist) == [("payment", 10_000, "usd", None)]


def test_what_is_taken_back_in_parts_is_the_whole_in_the_currency_of_the_account(simulator: Simulator) -> None:
    simulator.fund(20_000)
    artist = simulator.payable("GB")
    sent = simulator.transfer(artist, 1_000)
    for amount in (333, 333):
        simulator.client.v1.transfers.reversals.create(sent.id, {"amount": amount})
    whole = simulator.client.v1.transfers.reversals.create(sent.id)
    assert whole.amount == 334
    assert [amount for _, amount, _, _ in moves(simulator, artist)] == [787, -262, -262, -263]
    assert (simulator.balance("gbp", artist), simulator.balance()[0]) == ((0, 0), 19_390)


def test_what_is_there_no_more_cannot_be_taken_back(simulator: Simulator) -> None:
    simulator.fund(20_000)
    artist = simulator.payable("GB")
    sent = simulator.transfer(artist, 1_000)
    httpx.post(f"{simulator.url}/sandbox/debts", data={"account": artist, "amount": "10"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.client.v1.transfers.reversals.create(sent.id)
    assert refused.value.code == "balance_insufficient"


def test_what_an_account_abroad_is_short_of_is_kept_back_and_lost_in_the_currency_of_the_platform(simulator: Simulator) -> None:
    simulator.fund(20_000)
    simulator.bank_in("usd")
    artist = simulator.payable("GB")
    httpx.post(f"{simulator.url}/sandbox/debts", data={"account": artist, "amount": "1270"})
    now = simulator.client.v1.balance.retrieve()
    kept = [(each.amount, each.currency) for each in now.connect_reserved or []]
    assert (simulator.balance("gbp", artist)[0], simulator.balance()[0], kept) == (-1_000, 18_120, [(1_270, "usd")])
    simulator.pass_time(timedelta(days=180))
    simulator.settle()
    now = simulator.client.v1.balance.retrieve()
    assert [(each.amount, each.currency) for each in now.available] == [(18_120, "usd")]
    assert (simulator.balance("gbp", artist)[0], getattr(now, "connect_reserved", None)) == (0, None)

"""Currencies without a bank account settle converted, as https://docs.stripe.com/currencies/disputes-refunds shows it."""

import json
from typing import Any

import pytest
import stripe
from sqlalchemy import text

from tests.sandbox.stripe.stage import Simulator


def plant(simulator: Simulator, **hidden: Any) -> None:
    """A platform that has a bank account in euro alone, and the rates of the day."""
    simulator.bank_in("eur")
    with simulator.engine.begin() as connection:
        settles = "update stripe_sandbox.object set body = body || '{\"default_currency\": \"eur\"}' where kind = 'platform'"
        connection.execute(text(settles))
        change = "update stripe_sandbox.object set hidden = hidden || cast(:hidden as jsonb) where kind = 'platform'"
        connection.execute(text(change), {"hidden": json.dumps(hidden)})


def rates(usd: str) -> dict[str, dict[str, str]]:
    return {"rates": {"usd": usd, "eur": "1"}}


def moves(simulator: Simulator) -> list[tuple[str, int, str, float | None]]:
    found = simulator.client.v1.balance_transactions.list().data
    return [(each.type, each.amount, each.currency, each.exchange_rate) for each in reversed(found)]


def test_the_example_of_stripes_own_page(simulator: Simulator) -> None:
    plant(simulator, **rates("0.88"))
    simulator.fund(100_000, "eur")
    intent = simulator.fund(6_000, "usd")
    charge = simulator.client.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["balance_transaction"]})
    settled: Any = charge.balance_transaction
    assert (charge.amount, charge.currency) == (6_000, "usd")
    assert (settled.amount, settled.currency, settled.exchange_rate, settled.fee) == (5_280, "eur", 0.88, 183)
    plant(simulator, **rates("0.86"))
    simulator.client.v1.refunds.create({"charge": charge.id})
    assert moves(simulator)[1:] == [("charge", 5_280, "eur", 0.88), ("refund", -5_160, "eur", 0.86)]
    assert simulator.balance("usd") == (0, 0)


def test_a_transfer_in_a_currency_without_a_balance_is_refused_and_one_from_a_charge_must_be_in_what_it_settled_as(
    simulator: Simulator,
) -> None:
    plant(simulator, **rates("0.88"))
    charge, account = str(simulator.fund(6_000, "usd").latest_charge), simulator.payable("US")
    with pytest.raises(stripe.InvalidRequestError) as short:
        simulator.transfer(account, 100)
    assert short.value.code == "balance_insufficient"
    with pytest.raises(stripe.InvalidRequestError) as other:
        simulator.transfer(account, 100, source_transaction=charge)
    said = "The currency of source_transaction's balance transaction (eur) must be the same as the transfer currency (usd)"
    assert said in str(other.value)
    assert simulator.transfer(account, 5_280, currency="eur", source_transaction=charge).currency == "eur"

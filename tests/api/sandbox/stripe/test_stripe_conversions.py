"""Currencies without a bank account settle converted, as https://docs.stripe.com/currencies/disputes-refunds shows it."""

import json
from typing import Any

import pytest
import stripe
from sqlalchemy import text

from tests.api.sandbox.stripe.stage import StandIn


def plant(stand_in: StandIn, **hidden: Any) -> None:
    """A platform that has a bank account in euro alone, and the rates of the day."""
    stand_in.bank_in("eur")
    with stand_in.engine.begin() as connection:
        settles = "update stripe_sandbox.object set body = body || '{\"default_currency\": \"eur\"}' where kind = 'platform'"
        connection.execute(text(settles))
        change = "update stripe_sandbox.object set hidden = hidden || cast(:hidden as jsonb) where kind = 'platform'"
        connection.execute(text(change), {"hidden": json.dumps(hidden)})


def rates(usd: str) -> dict[str, dict[str, str]]:
    return {"rates": {"usd": usd, "eur": "1"}}


def moves(stand_in: StandIn) -> list[tuple[str, int, str, float | None]]:
    found = stand_in.client.v1.balance_transactions.list().data
    return [(each.type, each.amount, each.currency, each.exchange_rate) for each in reversed(found)]


def test_the_example_of_stripes_own_page(stand_in: StandIn) -> None:
    plant(stand_in, **rates("0.88"))
    stand_in.fund(100_000, "eur")
    intent = stand_in.fund(6_000, "usd")
    charge = stand_in.client.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["balance_transaction"]})
    settled: Any = charge.balance_transaction
    assert (charge.amount, charge.currency) == (6_000, "usd")
    assert (settled.amount, settled.currency, settled.exchange_rate, settled.fee) == (5_280, "eur", 0.88, 183)
    plant(stand_in, **rates("0.86"))
    stand_in.client.v1.refunds.create({"charge": charge.id})
    assert moves(stand_in)[1:] == [("charge", 5_280, "eur", 0.88), ("refund", -5_160, "eur", 0.86)]
    assert stand_in.balance("usd") == (0, 0)


def test_a_transfer_in_a_currency_without_a_balance_is_refused_and_one_from_a_charge_must_be_in_what_it_settled_as(
    stand_in: StandIn,
) -> None:
    plant(stand_in, **rates("0.88"))
    charge, account = str(stand_in.fund(6_000, "usd").latest_charge), stand_in.payable("US")
    with pytest.raises(stripe.InvalidRequestError) as short:
        stand_in.transfer(account, 100)
    assert short.value.code == "balance_insufficient"
    with pytest.raises(stripe.InvalidRequestError) as other:
        stand_in.transfer(account, 100, source_transaction=charge)
    said = "The currency of source_transaction's balance transaction (eur) must be the same as the transfer currency (usd)"
    assert said in str(other.value)
    assert stand_in.transfer(account, 5_280, currency="eur", source_transaction=charge).currency == "eur"

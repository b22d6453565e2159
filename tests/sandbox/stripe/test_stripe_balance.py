"""Payments, fees, refunds, and what the balance says of them."""

from datetime import timedelta
from typing import Any

import pytest
import stripe
from stripe.params import PaymentIntentCreateParams

from tests.sandbox.stripe.stage import Simulator, plain


def pay(simulator: Simulator, amount: int, **more: object) -> stripe.PaymentIntent:
    asked: Any = {"amount": amount, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, **more}
    return simulator.client.v1.payment_intents.create(asked)


def test_a_payment_is_pending_for_two_days_and_then_available_less_its_fee(simulator: Simulator) -> None:
    paid = pay(simulator, 10_000, metadata={"campaign": "7"})
    charge = simulator.client.v1.charges.retrieve(str(paid.latest_charge))
    booked = simulator.client.v1.balance_transactions.retrieve(str(charge.balance_transaction))
    assert (booked.amount, booked.fee, booked.net, booked.status) == (10_000, 320, 9_680, "pending")
    assert (booked.available_on, booked.source, charge.metadata.to_dict()) == (booked.created + 2 * 86_400, charge.id, {"campaign": "7"})
    assert simulator.balance() == (0, 9_680)
    simulator.pass_time(timedelta(days=1, hours=23))
    assert simulator.balance() == (0, 9_680)
    simulator.pass_time(timedelta(hours=1))
    assert simulator.balance() == (9_680, 0)
    assert simulator.client.v1.balance_transactions.retrieve(booked.id).status == "available"
    assert simulator.happened().count("balance.available") == 1


def test_the_balance_is_the_sum_of_its_transactions_in_each_currency(simulator: Simulator) -> None:
    artist = simulator.payable()
    simulator.fund(50_000)
    simulator.fund(30_000, "eur")
    sent = simulator.transfer(artist, 4_000)
    simulator.client.v1.transfers.reversals.create(sent.id, {"amount": 500})
    simulator.client.v1.refunds.create({"payment_intent": pay(simulator, 10_000).id, "amount": 2_500})
    for currency in ("usd", "eur"):
        booked = simulator.client.v1.balance_transactions.list({"currency": currency, "limit": 100}).data
        assert sum(each.net for each in booked) == sum(simulator.balance(currency))
    assert sorted({each.type for each in simulator.client.v1.balance_transactions.list({"limit": 100}).data}) == [
        "charge", "refund", "transfer", "transfer_refund",
    ]  # fmt: skip
    assert [each.source for each in simulator.client.v1.balance_transactions.list({"type": "transfer"}).data] == [sent.id]
    assert [each.net for each in simulator.client.v1.balance_transactions.list({"source": sent.id}).data] == [-4_000]


def test_a_refund_in_parts_gives_the_money_back_and_never_more(simulator: Simulator) -> None:
    paid, client = simulator.fund(10_000), simulator.client.v1
    simulator.fund(1_000)
    first = client.refunds.create(
        {"charge": str(paid.latest_charge), "amount": 4_000, "metadata": {"campaign": "7"}, "reason": "requested_by_customer"}
    )
    assert (first.status, first.amount, first.charge, plain(first.metadata)) == (
        "succeeded",
        4_000,
        paid.latest_charge,
        {"campaign": "7"},
    )
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        client.refunds.create({"payment_intent": paid.id, "amount": 6_001})
    rest = client.refunds.create({"payment_intent": paid.id})
    assert rest.amount == 6_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_already_refunded"
    charge = client.charges.retrieve(str(paid.latest_charge), {"expand": ["refunds"]})
    assert charge.refunds is not None
    assert (charge.amount_refunded, charge.refunded, [each.id for each in charge.refunds.data]) == (10_000, True, [rest.id, first.id])
    assert client.refunds.retrieve(first.id) == client.refunds.list({"charge": charge.id}).data[1]
    assert simulator.balance() == (1_000 - 59 - 320, 0)


def test_a_refund_to_the_card_that_takes_nothing_back_fails_a_moment_after_it_succeeded(simulator: Simulator) -> None:
    client = simulator.client.v1
    simulator.fund(1_000)
    paid = pay(simulator, 10_000, payment_method="pm_card_refundFail")
    before = simulator.balance()
    made = client.refunds.create({"payment_intent": paid.id, "amount": 4_000, "expand": ["balance_transaction"]})
    gone: Any = made.balance_transaction
    assert (made.status, gone.type, gone.net) == ("succeeded", "refund", -4_000)
    for _twice in range(2):
        simulator.settle()
    failed = client.refunds.retrieve(made.id, {"expand": ["balance_transaction", "failure_balance_transaction"]})
    came_back: Any = failed.failure_balance_transaction
    assert (failed.status, failed.failure_reason, came_back.type, came_back.net, came_back.source) == (
        "failed", "expired_or_canceled_card", "refund_failure", 4_000, made.id,
    )  # fmt: skip
    assert (simulator.balance(), client.charges.retrieve(str(paid.latest_charge)).amount_refunded) == (before, 0)
    assert simulator.happened().count("refund.failed") == 1


def test_a_refund_that_the_balance_does_not_cover_waits_for_money(simulator: Simulator) -> None:
    paid = pay(simulator, 10_000)
    waiting = simulator.client.v1.refunds.create({"payment_intent": paid.id})
    assert (waiting.status, waiting.pending_reason, waiting.balance_transaction) == ("pending", "insufficient_funds", None)
    simulator.fund(1_000)
    simulator.pass_time(timedelta(days=2))
    simulator.settle()
    done = simulator.client.v1.refunds.retrieve(waiting.id)
    assert (done.status, done.balance_transaction is not None) == ("succeeded", True)
    assert simulator.balance() == (1_000 - 59 - 320, 0)


@pytest.mark.parametrize(
    "asked", [{}, {"charge": "ch_1", "payment_intent": "pi_1"}, {"charge": "ch_none"}, {"amount": 0}, {"payment_intent": "unpaid"}]
)
def test_a_refund_of_nothing_is_refused(simulator: Simulator, asked: Any) -> None:
    paid = simulator.fund(10_000)
    unpaid = simulator.client.v1.payment_intents.create({"amount": 500, "currency": "usd"}).id
    named = {"payment_intent": unpaid} if "payment_intent" in asked else {"charge": str(paid.latest_charge)} if "amount" in asked else {}
    with pytest.raises(stripe.InvalidRequestError):
        simulator.client.v1.refunds.create(asked | named)
    assert (simulator.client.v1.refunds.list().data, simulator.balance()) == ([], (10_000 - 320, 0))


def test_an_intent_moves_from_asked_to_chosen_to_paid(simulator: Simulator) -> None:
    client = simulator.client.v1.payment_intents
    asked = client.create({"amount": 500, "currency": "USD", "automatic_payment_methods": {"enabled": True}})
    assert (asked.status, asked.currency) == ("requires_payment_method", "usd")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.confirm(asked.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    assert client.create({"amount": 500, "currency": "usd", "payment_method": "pm_card_visa"}).status == "requires_confirmation"
    paid = client.confirm(asked.id, {"payment_method": "pm_card_mastercard"})
    assert (paid.status, paid.amount_received, client.retrieve(asked.id)) == ("succeeded", 500, paid)
    for again in (client.confirm, client.cancel):
        with pytest.raises(stripe.InvalidRequestError):
            again(asked.id)


def test_an_intent_by_bank_transfer_waits_with_instructions_until_the_money_arrives(simulator: Simulator) -> None:
    customer, client = simulator.customer(), simulator.client.v1
    asked = client.payment_intents.create(
        {"amount": 5_000, "currency": "usd", "customer": customer, "confirm": True, "payment_method_data": {"type": "customer_balance"}}
    )
    assert (asked.status, asked.next_action and asked.next_action.type) == ("requires_action", "display_bank_transfer_instructions")
    client.test_helpers.customers.fund_cash_balance(customer, {"amount": 5_000, "currency": "usd"})
    assert client.payment_intents.retrieve(asked.id).status == "succeeded"
    assert plain(client.customers.cash_balance.retrieve(customer).available) == {"usd": 0}


def test_an_intent_below_the_minimum_or_with_an_unknown_card_is_refused(simulator: Simulator) -> None:
    given: PaymentIntentCreateParams = {"currency": "usd", "confirm": True, "amount": 500}
    wrong: tuple[tuple[PaymentIntentCreateParams, str], ...] = (
        ({**given, "amount": 49}, "amount_too_small"), ({**given, "payment_method": "pm_card_none"}, "resource_missing"),
    )  # fmt: skip
    for asked, code in wrong:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            simulator.client.v1.payment_intents.create(asked)
        assert refused.value.code == code
    assert simulator.client.v1.payment_intents.list().data == []


def test_an_intent_can_be_cancelled_unless_it_is_an_invoices_own(simulator: Simulator) -> None:
    client = simulator.client.v1.payment_intents
    assert client.cancel(client.create({"amount": 500, "currency": "usd"}).id).status == "canceled"
    simulator.invoice(1_000)
    with pytest.raises(stripe.InvalidRequestError):
        client.cancel(client.list().data[0].id)
    assert client.list().data[0].status == "requires_payment_method"

"""What came by bank transfer goes back to a bank account that the customer names, or ends on their cash balance."""

from datetime import timedelta

import httpx
import pytest
import stripe

from tests.sandbox.stripe.stage import Simulator

DAY = timedelta(days=1)


@pytest.fixture
def refund(simulator: Simulator) -> stripe.Refund:
    """$20.00 of a payment by bank transfer that is to go back."""
    simulator.fund(100_000)
    invoice = simulator.invoice(50_000)
    simulator.pay_on_page(invoice, method="bank_transfer")
    charge = simulator.client.v1.charges.list({"customer": str(invoice.customer)}).data[0]
    return simulator.client.v1.refunds.create({"charge": charge.id, "amount": 2_000})


def customer_of(simulator: Simulator, refund: stripe.Refund) -> str:
    return str(simulator.client.v1.charges.retrieve(str(refund.charge)).customer)


def cash_of(simulator: Simulator, customer: str) -> dict[str, int]:
    available = simulator.client.v1.customers.cash_balance.retrieve(customer).available
    return available.to_dict() if available else {}


def later(simulator: Simulator, by: timedelta, refund: str) -> stripe.Refund:
    simulator.pass_time(by)
    simulator.settle()
    return simulator.client.v1.refunds.retrieve(refund)


def test_the_customer_is_asked_where_to_and_has_it_a_day_after_the_answer(simulator: Simulator, refund: stripe.Refund) -> None:
    assert refund.next_action
    shown = refund.next_action.display_details
    assert shown
    assert (refund.status, shown.email_sent.email_sent_to, shown.expires_at - refund.created) == (
        "requires_action", "billing@zappos.example", 45 * 86_400,
    )  # fmt: skip
    assert refund.balance_transaction
    assert "billing@zappos.example" in httpx.get(f"{simulator.url}/sandbox/refunds").text
    httpx.post(f"{simulator.url}/sandbox/refunds", data={"refund": refund.id})
    assert simulator.client.v1.refunds.retrieve(refund.id).status == "pending"
    assert later(simulator, DAY, refund.id).status == "succeeded"
    assert cash_of(simulator, customer_of(simulator, refund)) == {}
    again = httpx.post(f"{simulator.url}/sandbox/refunds", data={"refund": refund.id})
    assert (again.status_code, "nobody asks for a bank account" in again.text) == (400, True)


def test_what_nobody_answers_is_on_the_cash_balance_and_can_be_given_back_from_there(simulator: Simulator, refund: stripe.Refund) -> None:
    customer, before = customer_of(simulator, refund), simulator.balance()
    assert later(simulator, 45 * DAY, refund.id).status == "failed"
    assert simulator.happened()[-2:] == ["customer_cash_balance_transaction.created", "refund.failed"]
    assert (cash_of(simulator, customer), simulator.balance()[0] - sum(before)) == ({"usd": 2_000}, 0)
    asked = {
        "customer": customer,
        "currency": "usd",
        "amount": 2_000,
        "origin": "customer_balance",
        "instructions_email": "cfo@zappos.example",
    }
    second = simulator.client.v1.refunds.create(asked)  # type: ignore[arg-type]
    assert (second.status, second.instructions_email, cash_of(simulator, customer)) == ("requires_action", "cfo@zappos.example", {"usd": 0})
    with pytest.raises(stripe.InvalidRequestError, match="not sufficient"):
        simulator.client.v1.refunds.create(asked)  # type: ignore[arg-type]
    assert later(simulator, 45 * DAY, second.id).status == "failed"
    assert cash_of(simulator, customer) == {"usd": 2_000}


def test_nobody_is_asked_without_an_address(simulator: Simulator, refund: stripe.Refund) -> None:
    simulator.client.v1.customers.update(customer_of(simulator, refund), {"email": ""})
    with pytest.raises(stripe.InvalidRequestError, match="no email address"):
        simulator.client.v1.refunds.create({"charge": str(refund.charge), "amount": 5})
    asked = {"charge": str(refund.charge), "amount": 5, "instructions_email": "cfo@zappos.example"}
    assert simulator.client.v1.refunds.create(asked).status == "requires_action"  # type: ignore[arg-type]
    with pytest.raises(stripe.InvalidRequestError, match="Missing required param"):
        simulator.client.v1.refunds.create({"origin": "customer_balance", "amount": 5})


def test_a_refund_expires_while_it_is_asked_for_alone(simulator: Simulator, refund: stripe.Refund) -> None:
    expire = simulator.client.v1.test_helpers.refunds.expire
    assert (expire(refund.id).status, cash_of(simulator, customer_of(simulator, refund))) == ("failed", {"usd": 2_000})
    with pytest.raises(stripe.InvalidRequestError, match="only one that requires action can expire"):
        expire(refund.id)


def test_a_payment_by_bank_transfer_goes_back_within_180_days_alone(simulator: Simulator, refund: stripe.Refund) -> None:
    asked = {"charge": str(refund.charge), "amount": 5}
    simulator.pass_time(179 * DAY)
    assert simulator.client.v1.refunds.create(asked).status == "requires_action"  # type: ignore[arg-type]
    simulator.pass_time(2 * DAY)
    with pytest.raises(stripe.InvalidRequestError, match="up to 180 days"):
        simulator.client.v1.refunds.create(asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["usd", "gbp", "eur", "jpy", "mxn"])
def test_it_goes_back_by_the_bank_transfer_of_its_currency(simulator: Simulator, currency: str) -> None:
    customer = simulator.customer()
    simulator.client.v1.test_helpers.customers.fund_cash_balance(customer, {"amount": 2_000, "currency": currency})
    asked = {"origin": "customer_balance", "customer": customer, "amount": 2_000, "currency": currency}
    details = simulator.client.v1.refunds.create(asked).destination_details  # type: ignore[arg-type]
    kind = {"usd": "us", "gbp": "gb", "eur": "eu", "jpy": "jp", "mxn": "mx"}[currency] + "_bank_transfer"
    assert details
    assert (details.type, details[kind].to_dict()) == (kind, {"reference": None, "reference_status": "pending"})

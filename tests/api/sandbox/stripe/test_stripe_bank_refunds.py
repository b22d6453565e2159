"""What came by bank transfer goes back to a bank account that the customer names, or ends on their cash balance."""

from datetime import timedelta

import httpx
import pytest
import stripe

from tests.api.sandbox.stripe.stage import StandIn

DAY = timedelta(days=1)


@pytest.fixture
def refund(stand_in: StandIn) -> stripe.Refund:
    """$20.00 of a payment by bank transfer that is to go back."""
    stand_in.fund(100_000)
    invoice = stand_in.invoice(50_000)
    stand_in.pay_on_page(invoice, method="bank_transfer")
    charge = stand_in.client.v1.charges.list({"customer": str(invoice.customer)}).data[0]
    return stand_in.client.v1.refunds.create({"charge": charge.id, "amount": 2_000})


def customer_of(stand_in: StandIn, refund: stripe.Refund) -> str:
    return str(stand_in.client.v1.charges.retrieve(str(refund.charge)).customer)


def cash_of(stand_in: StandIn, customer: str) -> dict[str, int]:
    available = stand_in.client.v1.customers.cash_balance.retrieve(customer).available
    return available.to_dict() if available else {}


def later(stand_in: StandIn, by: timedelta, refund: str) -> stripe.Refund:
    stand_in.pass_time(by)
    stand_in.settle()
    return stand_in.client.v1.refunds.retrieve(refund)


def test_the_customer_is_asked_where_to_and_has_it_a_day_after_the_answer(stand_in: StandIn, refund: stripe.Refund) -> None:
    assert refund.next_action
    shown = refund.next_action.display_details
    assert shown
    assert (refund.status, shown.email_sent.email_sent_to, shown.expires_at - refund.created) == (
        "requires_action", "billing@zappos.example", 45 * 86_400,
    )  # fmt: skip
    assert refund.balance_transaction
    assert "billing@zappos.example" in httpx.get(f"{stand_in.url}/sandbox/refunds").text
    httpx.post(f"{stand_in.url}/sandbox/refunds", data={"refund": refund.id})
    assert stand_in.client.v1.refunds.retrieve(refund.id).status == "pending"
    assert later(stand_in, DAY, refund.id).status == "succeeded"
    assert cash_of(stand_in, customer_of(stand_in, refund)) == {}
    again = httpx.post(f"{stand_in.url}/sandbox/refunds", data={"refund": refund.id})
    assert (again.status_code, "nobody asks for a bank account" in again.text) == (400, True)


def test_what_nobody_answers_is_on_the_cash_balance_and_can_be_given_back_from_there(stand_in: StandIn, refund: stripe.Refund) -> None:
    customer, before = customer_of(stand_in, refund), stand_in.balance()
    assert later(stand_in, 45 * DAY, refund.id).status == "failed"
    assert stand_in.happened()[-2:] == ["customer_cash_balance_transaction.created", "refund.failed"]
    assert (cash_of(stand_in, customer), stand_in.balance()[0] - sum(before)) == ({"usd": 2_000}, 0)
    asked = {
        "customer": customer,
        "currency": "usd",
        "amount": 2_000,
        "origin": "customer_balance",
        "instructions_email": "cfo@zappos.example",
    }
    second = stand_in.client.v1.refunds.create(asked)  # type: ignore[arg-type]
    assert (second.status, second.instructions_email, cash_of(stand_in, customer)) == ("requires_action", "cfo@zappos.example", {"usd": 0})
    with pytest.raises(stripe.InvalidRequestError, match="not sufficient"):
        stand_in.client.v1.refunds.create(asked)  # type: ignore[arg-type]
    assert later(stand_in, 45 * DAY, second.id).status == "failed"
    assert cash_of(stand_in, customer) == {"usd": 2_000}


def test_nobody_is_asked_without_an_address(stand_in: StandIn, refund: stripe.Refund) -> None:
    stand_in.client.v1.customers.update(customer_of(stand_in, refund), {"email": ""})
    with pytest.raises(stripe.InvalidRequestError, match="no email address"):
        stand_in.client.v1.refunds.create({"charge": str(refund.charge), "amount": 5})
    asked = {"charge": str(refund.charge), "amount": 5, "instructions_email": "cfo@zappos.example"}
    assert stand_in.client.v1.refunds.create(asked).status == "requires_action"  # type: ignore[arg-type]
    with pytest.raises(stripe.InvalidRequestError, match="Missing required param"):
        stand_in.client.v1.refunds.create({"origin": "customer_balance", "amount": 5})


def test_a_refund_expires_while_it_is_asked_for_alone(stand_in: StandIn, refund: stripe.Refund) -> None:
    expire = stand_in.client.v1.test_helpers.refunds.expire
    assert (expire(refund.id).status, cash_of(stand_in, customer_of(stand_in, refund))) == ("failed", {"usd": 2_000})
    with pytest.raises(stripe.InvalidRequestError, match="only one that requires action can expire"):
        expire(refund.id)


def test_a_payment_by_bank_transfer_goes_back_within_180_days_alone(stand_in: StandIn, refund: stripe.Refund) -> None:
    asked = {"charge": str(refund.charge), "amount": 5}
    stand_in.pass_time(179 * DAY)
    assert stand_in.client.v1.refunds.create(asked).status == "requires_action"  # type: ignore[arg-type]
    stand_in.pass_time(2 * DAY)
    with pytest.raises(stripe.InvalidRequestError, match="up to 180 days"):
        stand_in.client.v1.refunds.create(asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["usd", "gbp", "eur", "jpy", "mxn"])
def test_it_goes_back_by_the_bank_transfer_of_its_currency(stand_in: StandIn, currency: str) -> None:
    customer = stand_in.customer()
    stand_in.client.v1.test_helpers.customers.fund_cash_balance(customer, {"amount": 2_000, "currency": currency})
    asked = {"origin": "customer_balance", "customer": customer, "amount": 2_000, "currency": currency}
    details = stand_in.client.v1.refunds.create(asked).destination_details  # type: ignore[arg-type]
    kind = {"usd": "us", "gbp": "gb", "eur": "eu", "jpy": "jp", "mxn": "mx"}[currency] + "_bank_transfer"
    assert details
    assert (details.type, details[kind].to_dict()) == (kind, {"reference": None, "reference_status": "pending"})

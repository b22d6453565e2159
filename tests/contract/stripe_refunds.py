"""Refunds of bank transfers, for which the customer is asked for a bank account, and of what lies on a cash balance."""

from typing import Any

from tests.contract.cases import stripe
from tests.contract.lines import StripeLine
from tests.contract.stripe_billing import DAY, paid_by_transfer

REFUNDS, EMAIL, AMOUNT = "/v1/refunds", "contract@example.org", 4_000


def paid_intent(line: StripeLine, customer: str) -> str:
    """The payment of an invoice that the customer has paid by bank transfer."""
    invoice = paid_by_transfer(line, customer)["id"]
    (paid,) = line.ok("GET", "/v1/invoice_payments", {"invoice": invoice, "status": "paid"})["data"]
    return str(paid["payment"]["payment_intent"])


def asked_for(line: StripeLine, asked: dict[str, Any]) -> dict[str, Any]:
    """A new refund, once the customer has been asked for a bank account."""
    made = line.ok("POST", REFUNDS, asked)["id"]

    def found() -> dict[str, Any] | None:
        now = line.ok("GET", f"{REFUNDS}/{made}")
        return now if now["status"] == "requires_action" else None

    return dict(line.until(found))


def cash_of(line: StripeLine, customer: str) -> int:
    return int((line.ok("GET", f"/v1/customers/{customer}/cash_balance")["available"] or {}).get("usd", 0))


@stripe("payments/customer-balance/refunding")
def a_refund_of_a_bank_transfer_asks_the_customer_where_to(line: StripeLine) -> None:
    """A refund of a bank transfer requires an action: the customer is asked for a bank account by email, and has 45 days to answer."""
    line.funded(20_000)
    asked = {"payment_intent": paid_intent(line, line.customer()), "amount": AMOUNT, "instructions_email": EMAIL}
    refund = asked_for(line, asked)
    action = refund["next_action"]
    assert (refund["amount"], refund["instructions_email"], action["type"]) == (AMOUNT, EMAIL, "display_details")
    assert action["display_details"]["email_sent"]["email_sent_to"] == EMAIL
    assert abs(action["display_details"]["expires_at"] - refund["created"] - 45 * DAY) <= DAY


@stripe("payments/customer-balance/refunding")
def a_refund_of_a_bank_transfer_needs_an_address_to_ask_at(line: StripeLine) -> None:
    """A refund of a bank transfer is refused where the customer has no email address and none is given."""
    customer = line.customer()
    intent = paid_intent(line, customer)
    line.ok("POST", f"/v1/customers/{customer}", {"email": ""})
    status, error = line.refused("POST", REFUNDS, {"payment_intent": intent})
    assert (status, error["type"]) == (400, "invalid_request_error")


@stripe("error-codes#email-invalid")
def a_refund_asks_at_no_address_that_is_none(line: StripeLine) -> None:
    """An instructions_email that is no email address is refused."""
    asked = {"payment_intent": paid_intent(line, line.customer()), "amount": AMOUNT, "instructions_email": "nobody"}
    status, error = line.refused("POST", REFUNDS, asked)
    assert (status, error["code"], error["param"]) == (400, "email_invalid", "instructions_email")


@stripe("payments/customer-balance/refunding")
def a_refund_that_nobody_answers_fails_and_is_on_the_cash_balance(line: StripeLine) -> None:
    """A refund of a bank transfer that the customer does not answer fails once it expires, and its amount is on their cash balance."""
    line.funded(20_000)
    customer = line.customer()
    refund = asked_for(line, {"payment_intent": paid_intent(line, customer), "amount": AMOUNT})["id"]
    line.ok("POST", f"/v1/test_helpers/refunds/{refund}/expire")
    assert line.until(lambda: line.ok("GET", f"{REFUNDS}/{refund}")["status"] == "failed")
    assert line.until(lambda: cash_of(line, customer) == AMOUNT)


@stripe("payments/customer-balance/refunding")
def a_cash_balance_is_given_back_by_its_origin(line: StripeLine) -> None:
    """What lies on a customer's cash balance is refunded with customer_balance as its origin and without a charge, and never more of it."""
    customer = line.customer()
    line.ok("POST", f"/v1/test_helpers/customers/{customer}/fund_cash_balance", {"amount": AMOUNT + 1_000, "currency": "usd"})
    assert line.until(lambda: cash_of(line, customer) == AMOUNT + 1_000)
    asked = {"origin": "customer_balance", "customer": customer, "amount": AMOUNT, "currency": "usd", "instructions_email": EMAIL}
    refund = asked_for(line, asked)
    assert (refund["charge"], refund["amount"], refund["destination_details"]["type"]) == (None, AMOUNT, "us_bank_transfer")
    assert line.until(lambda: cash_of(line, customer) == 1_000)
    assert line.refused("POST", REFUNDS, asked)[0] == 400

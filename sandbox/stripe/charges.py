"""Charges: money that came in, by card or by bank transfer, with Stripe's fee taken off."""

from dataclasses import dataclass

from sandbox.stripe import balance, dispute_life, events, fraud_warnings
from sandbox.stripe.blanks import blank_charge
from sandbox.stripe.conversions import converted, kept_in
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body
from sandbox.stripe.money import AVAILABLE_AFTER, FEES
from sandbox.stripe.parameters import METADATA, PAGE, RANGE, TEXT
from sandbox.stripe.platform import retrieve_own_account
from sandbox.stripe.store import fetch, keep, merged, new_id, page, save


@dataclass(frozen=True)
class Means:
    """How a customer pays: a card of Stripe's test cards, or the customer's balance that bank transfers fill."""

    type: str
    brand: str = ""
    last4: str = ""
    decline: str = ""
    at_once: bool = False
    disputed: str = ""
    """The reason for which it is disputed at once; an inquiry where that is `inquiry`."""

    is_warned_of: bool = False


MEANS = {
    "pm_card_visa": Means("card", "visa", "4242"),
    "pm_card_mastercard": Means("card", "mastercard", "4444"),
    "pm_card_bypassPending": Means("card", "visa", "0077", at_once=True),
    "pm_card_chargeDeclined": Means("card", "visa", "0002", decline="generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": Means("card", "visa", "9995", decline="insufficient_funds"),
    "pm_card_refundFail": Means("card", "visa", "5126", at_once=True),
    "pm_card_createDispute": Means("card", "visa", "0259", disputed="fraudulent"),
    "pm_card_createDisputeProductNotReceived": Means("card", "visa", "2685", disputed="product_not_received"),
    "pm_card_createDisputeInquiry": Means("card", "visa", "1976", disputed="inquiry"),
    "pm_card_createIssuerFraudRecord": Means("card", "visa", "5423", is_warned_of=True),
    "customer_balance": Means("customer_balance"),
    "pm_usBankAccount_success": Means("us_bank_account"),
}


def charge(call: Call, intent: Body, means: Means) -> Body:
    """Charge what a payment intent asks for; available after two days, except by the test card that bypasses this."""
    by_card = means.type == "card"
    charge_id = new_id("ch" if by_card else "py")
    currency, exchange_rate = kept_in(call, retrieve_own_account(call), intent["currency"])
    amount = converted(intent["amount"], exchange_rate)
    booked = balance.move(
        call,
        "charge" if by_card else "payment",
        amount,
        currency,
        charge_id,
        fee=FEES[means.type].on(amount),
        exchange_rate=exchange_rate,
        available_on=0 if means.at_once else call.now + AVAILABLE_AFTER,
        description=intent["description"],
    )
    body = keep(call, _charge(call, charge_id, intent, means, booked["id"]))
    events.record(call, "charge.succeeded", body)
    if means.disputed:
        is_inquiry = means.disputed == "inquiry"
        dispute_life.open_dispute(call, body, "general" if is_inquiry else means.disputed, is_inquiry=is_inquiry)
    if means.is_warned_of:
        fraud_warnings.warn(call, body)
    return body


def _charge(call: Call, charge_id: str, intent: Body, means: Means, transaction_id: str) -> Body:
    return {
        **blank_charge(),
        **{
            name: intent[name] for name in ("amount", "currency", "customer", "description", "metadata", "payment_method", "transfer_group")
        },
        "id": charge_id,
        "amount_captured": intent["amount"],
        "balance_transaction": transaction_id,
        "created": call.now,
        "outcome": _outcome(means),
        "payment_intent": intent["id"],
        "payment_method_details": _details(means),
    }


def _outcome(means: Means) -> Body:
    status = "approved_by_network" if means.type == "card" else "not_sent_to_network"
    return {"network_status": status, "reason": None, "seller_message": "Payment complete.", "type": "authorized"}


def _details(means: Means) -> Body:
    if means.type == "us_bank_account":
        bank = dict.fromkeys(("account_holder_type", "account_type", "fingerprint", "payment_reference"))
        return {"us_bank_account": {**bank, "bank_name": "STRIPE TEST BANK", "last4": "6789", "routing_number": None}, "type": means.type}
    if means.type != "card":
        return {"customer_balance": {}, "type": "customer_balance"}
    card = {"brand": means.brand, "country": "US", "exp_month": 12, "exp_year": 2040, "funding": "credit", "last4": means.last4}
    return {"card": {**card, "network": means.brand}, "type": "card"}


@endpoint("GET", "/v1/charges/{charge}")
def retrieve_charge(call: Call) -> Body:
    return fetch(call, "charge", call.path["charge"])


@endpoint("POST", "/v1/charges/{charge}", {"description": TEXT, "metadata": METADATA, "transfer_group": TEXT})
def update_charge(call: Call) -> Body:
    before = fetch(call, "charge", call.path["charge"], lock=True)
    body = save(
        call, {**before, **call.only("description", "transfer_group"), "metadata": merged(before["metadata"], call.get("metadata", {}))}
    )
    events.record(call, "charge.updated", body, before)
    return body


@endpoint("GET", "/v1/charges", {**PAGE, "created": RANGE, "customer": TEXT, "payment_intent": TEXT, "transfer_group": TEXT})
def list_charges(call: Call) -> Body:
    return page(call, "charge", by=("customer", "payment_intent", "transfer_group"))

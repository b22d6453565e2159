"""Refunds: a charge given back, in part or in full; Stripe keeps its fee.

What came by bank transfer goes back to a bank account that Stripe asks the customer for by email: `bank_refunds` has what becomes of it.
"""

from sandbox.stripe import balance, bank_refunds, events, fraud_warnings
from sandbox.stripe.conversions import converted, rate
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.money import positive
from sandbox.stripe.parameters import EMAIL, INTEGER, METADATA, PAGE, RANGE, TEXT, one_of
from sandbox.stripe.store import fetch, keep, matching, merged, named, new_id, page, save

TAKES_NONE_BACK = "pm_card_refundFail"
REFUND = {
    "charge": TEXT,
    "payment_intent": TEXT,
    "amount": INTEGER,
    "customer": TEXT,
    "currency": TEXT,
    "origin": one_of("customer_balance"),
    "instructions_email": EMAIL,
    "metadata": METADATA,
    "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
}


@endpoint("POST", "/v1/refunds", REFUND)
def create_refund(call: Call) -> Body:
    if "origin" in call.given:
        return bank_refunds.give_back_cash(call)
    charge = _charge(call)
    _require_undisputed(call, charge)
    bank_refunds.require_recent(call, charge)
    amount = _refundable(call, charge)
    body = keep(call, _refund(call, charge, amount))
    events.record(call, "refund.created", body)
    given_back = charge["amount_refunded"] + amount
    after = save(call, {**charge, "amount_refunded": given_back, "refunded": given_back == charge["amount"]})
    events.record(call, "charge.refunded", after, charge)
    if after["refunded"]:
        fraud_warnings.settle(call, charge["id"])
    return pay_out(call, body)


def _charge(call: Call) -> Body:
    """The charge that a request names, directly or by its payment intent, locked."""
    if ("charge" in call.given) == ("payment_intent" in call.given):
        raise StripeError("You must give exactly one of `charge` and `payment_intent`.", code="parameter_missing", param="charge")
    if "charge" in call.given:
        return named(call, "charge", "charge", lock=True)
    intent = named(call, "payment_intent", "payment_intent")
    if not intent["latest_charge"]:
        raise StripeError(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", param="payment_intent")
    return fetch(call, "charge", intent["latest_charge"], lock=True)


def _require_undisputed(call: Call, charge: Body) -> None:
    """What the bank has taken back is not given back once more; an inquiry has taken nothing (`is_charge_refundable`)."""
    if any(not each["is_charge_refundable"] for each in matching(call, "dispute", charge=charge["id"])):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeError(message, code="charge_disputed")


def _refundable(call: Call, charge: Body) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    if not left:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = positive(call.get("amount", left))
    if amount > left:
        raise StripeError(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    return amount


def _refund(call: Call, charge: Body, amount: int) -> Body:
    by_card = charge["payment_method_details"]["type"] == "card"
    kind = "card" if by_card else bank_refunds.destination(charge["currency"])
    asked = {} if by_card else bank_refunds.to_ask(call, charge["customer"])
    return {
        **asked,
        "id": new_id("re" if by_card else "pyr"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "destination_details": {"type": kind, kind: {"type": "refund"} if by_card else {"reference": None, "reference_status": "pending"}},
        "metadata": merged({}, call.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "reason": call.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
        "pending_reason": "insufficient_funds",
    }


def pay_out(call: Call, refund: Body) -> Body:
    """Pay a refund from the available balance; while that is too small, it stays pending."""
    currency = _settled_in(call, refund)
    exchange_rate = rate(call, refund["currency"], currency)
    amount = converted(refund["amount"], exchange_rate)
    if balance.available(call, currency) < amount:
        return refund
    by_card = "card" in refund["destination_details"]
    kind = "refund" if by_card else "payment_refund"
    booked = balance.move(call, kind, -amount, currency, refund["id"], exchange_rate=exchange_rate)
    paid = {name: value for name, value in refund.items() if name != "pending_reason"} | {"balance_transaction": booked["id"]}
    after = {**paid, "status": "succeeded"} if by_card else bank_refunds.asked(call, paid)
    body = save(call, after)
    events.record(call, "refund.updated", body, refund)
    return body


def _settled_in(call: Call, refund: Body) -> str:
    """The currency of the balance that the charge went to, which the refund is taken from."""
    charge = fetch(call, "charge", refund["charge"])
    return str(fetch(call, "balance_transaction", charge["balance_transaction"])["currency"])


def pay_out_pending(call: Call) -> None:
    """Pay the refunds that wait for money, the oldest first."""
    for refund in matching(call, "refund", status="pending", pending_reason="insufficient_funds", lock=True):
        pay_out(call, refund)


def fail_undeliverable(call: Call) -> None:
    """What was given back to the test card that takes nothing back returns to the balance, a moment after it had succeeded."""
    for charge in matching(call, "charge", payment_method=TAKES_NONE_BACK, lock=True):
        for refund in matching(call, "refund", charge=charge["id"], status="succeeded", lock=True):
            taken = fetch(call, "balance_transaction", refund["balance_transaction"])
            how = {"exchange_rate": taken["exchange_rate"]}
            back = balance.move(call, "refund_failure", -taken["amount"], taken["currency"], refund["id"], **how)
            why = {"failure_reason": "expired_or_canceled_card", "failure_balance_transaction": back["id"]}
            events.record(call, "refund.failed", save(call, {**refund, "status": "failed", **why}), refund)
            charge = save(call, {**charge, "amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False})


@endpoint("GET", "/v1/refunds/{refund}")
def retrieve_refund(call: Call) -> Body:
    return fetch(call, "refund", call.path["refund"], param="refund")


@endpoint("POST", "/v1/refunds/{refund}", {"metadata": METADATA})
def update_refund(call: Call) -> Body:
    before = fetch(call, "refund", call.path["refund"], param="refund", lock=True)
    body = save(call, {**before, "metadata": merged(before["metadata"], call.get("metadata", {}))})
    events.record(call, "refund.updated", body, before)
    return body


@endpoint("POST", "/v1/test_helpers/refunds/{refund}/expire")
def expire_refund(call: Call) -> Body:
    """In test mode: the time in which the customer may answer is over."""
    return bank_refunds.expire(call, fetch(call, "refund", call.path["refund"], param="refund", lock=True))


@endpoint("GET", "/v1/refunds", {**PAGE, "created": RANGE, "charge": TEXT, "payment_intent": TEXT})
def list_refunds(call: Call) -> Body:
    return page(call, "refund", by=("charge", "payment_intent"))

"""Refunds to a customer's bank account: Stripe asks the customer for it; one that nobody answers fails, and is on their cash balance.

https://docs.stripe.com/payments/customer-balance/refunding: a payment goes back within 180 days, the customer has 45 to answer. A refund of
the cash balance itself names its `origin`.
"""

from sqlalchemy import select

from sandbox.stripe import cash, events
from sandbox.stripe.bank_transfers import OF_CURRENCY
from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.money import DAY, currency_of, positive
from sandbox.stripe.store import fetch, keep, matching, merged, named, new_id, save
from sandbox.stripe.tables import objects

REFUNDABLE_FOR, ASKED_FOR, TAKES = 180 * DAY, 45 * DAY, DAY


def destination(currency: str) -> str:
    """By which kind of bank transfer it goes back."""
    return OF_CURRENCY.get(currency, "us_bank_transfer")


def require_recent(call: Call, charge: Body) -> None:
    """Raise StripeError for a bank transfer that was paid too long ago to go back; Stripe's own words are not published, these are ours."""
    if charge["payment_method_details"]["type"] == "customer_balance" and charge["created"] + REFUNDABLE_FOR < call.now:
        raise StripeError("A payment by bank transfer can be refunded up to 180 days after it was created.")


def to_ask(call: Call, customer_id: str) -> Body:
    """Whom Stripe asks for the bank account; raises where nobody can be asked."""
    email = call.get("instructions_email") or fetch(call, "customer", customer_id)["email"]
    if not email:
        raise StripeError(
            "The customer has no email address at which they could be asked for their bank account: "
            "give the customer one, or give `instructions_email`.",
            param="instructions_email",
        )
    return {"instructions_email": email}


def asked(call: Call, refund: Body) -> Body:
    """The refund once the customer has been asked for their bank account."""
    sent = {"email_sent_at": call.now, "email_sent_to": refund["instructions_email"]}
    action = {"type": "display_details", "display_details": {"email_sent": sent, "expires_at": call.now + ASKED_FOR}}
    return {**refund, "status": "requires_action", "next_action": action}


def give_back_cash(call: Call) -> Body:
    """Give back what a customer has on their cash balance: it leaves that at once, and comes back to it where nobody says where to."""
    for name in ("customer", "currency", "amount"):
        if name not in call.given:
            raise StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    customer, currency, amount = named(call, "customer", "customer"), currency_of(call.given["currency"]), positive(call.given["amount"])
    if cash.held(call, customer["id"], currency) < amount:
        raise StripeError("The customer's cash balance is not sufficient for this refund.", code="balance_insufficient", param="amount")
    kind = destination(currency)
    body = {
        **to_ask(call, customer["id"]),
        "id": new_id("pyr"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": None,
        "created": call.now,
        "currency": currency,
        "destination_details": {"type": kind, kind: {"reference": None, "reference_status": "pending"}},
        "metadata": merged({}, call.get("metadata", {})),
        "payment_intent": None,
        "reason": call.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
    }
    cash.change(call, customer["id"], -amount, currency, "return_initiated")
    after = keep(call, asked(call, body), cash_of=customer["id"])
    events.record(call, "refund.created", after)
    return after


def go_on(call: Call) -> None:
    """What the customer has answered is at their bank a day later; what nobody answered in time is on their cash balance."""
    for refund in matching(call, "refund", status="pending", pending_reason="processing", lock=True):
        if _hidden(call, refund["id"]).get("arrives_at", 0) <= call.now:
            kind = refund["destination_details"]["type"]
            there = {"type": kind, kind: {"reference": refund["id"][-10:].upper(), "reference_status": "available"}}
            paid = {name: value for name, value in refund.items() if name != "pending_reason"}
            after = save(call, {**paid, "status": "succeeded", "destination_details": there})
            events.record(call, "refund.updated", after, refund)
    for refund in matching(call, "refund", status="requires_action", lock=True):
        if refund["next_action"]["display_details"]["expires_at"] <= call.now:
            _fail(call, refund)


def expire(call: Call, refund: Body) -> Body:
    """Nobody has answered, and nobody will."""
    if refund["status"] != "requires_action":
        raise StripeError(f"This refund is {refund['status']}: only one that requires action can expire.")
    return _fail(call, refund)


def _fail(call: Call, refund: Body) -> Body:
    after = save(call, {**_without_action(refund), "status": "failed"})
    if customer := _hidden(call, refund["id"]).get("cash_of"):
        cash.change(call, customer, refund["amount"], refund["currency"], "return_canceled")
    else:
        why = {"refunded_from_payment": {"refund": refund["id"]}}
        customer = fetch(call, "charge", refund["charge"])["customer"]
        cash.change(call, customer, refund["amount"], refund["currency"], "refunded_from_payment", **why)
    events.record(call, "refund.failed", after, refund)
    return after


def answer(call: Call, refund_id: str) -> Body:
    """The customer names their bank account; raises where nobody asks for it any more."""
    refund = fetch(call, "refund", refund_id, lock=True)
    if refund["status"] != "requires_action":
        raise StripeError(f"This refund is {refund['status']}: nobody asks for a bank account.")
    after = save(call, {**_without_action(refund), "status": "pending", "pending_reason": "processing"}, arrives_at=call.now + TAKES)
    events.record(call, "refund.updated", after, refund)
    return after


def waiting(call: Call) -> list[Body]:
    """The refunds for which a customer is asked for a bank account, oldest first."""
    return matching(call, "refund", status="requires_action")


def _without_action(refund: Body) -> Body:
    return {name: value for name, value in refund.items() if name != "next_action"}


def _hidden(call: Call, refund_id: str) -> Body:
    hidden: Body = call.connection.execute(select(objects.c.hidden).where(objects.c.id == refund_id)).scalar_one()
    return hidden

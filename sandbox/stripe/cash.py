"""A customer's cash balance: what arrived by bank transfer and is not yet applied to a payment."""

from sandbox.stripe import events
from sandbox.stripe.bank_transfers import OF_CURRENCY
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body
from sandbox.stripe.store import fetch, hidden_of, keep, new_id, save


def change(call: Call, customer_id: str, amount: int, currency: str, kind: str, **why: Body) -> Body:
    """Add to (or, below zero, take from) a customer's cash, with its transaction and event."""
    customer = fetch(call, "customer", customer_id, param="customer", lock=True)
    cash = hidden_of(call, customer_id).get("cash", {})
    balance = cash.get(currency, 0) + amount
    save(call, customer, cash={**cash, currency: balance})
    body = {
        "id": new_id("ccsbtxn"),
        "object": "customer_cash_balance_transaction",
        "created": call.now,
        "currency": currency,
        "customer": customer_id,
        "ending_balance": balance,
        "livemode": False,
        "net_amount": amount,
        "type": kind,
        **why,
    }
    events.record(call, "customer_cash_balance_transaction.created", keep(call, body))
    return body


def held(call: Call, customer_id: str, currency: str) -> int:
    """What the customer has in cash, their row locked."""
    fetch(call, "customer", customer_id, param="customer", lock=True)
    amount: int = hidden_of(call, customer_id).get("cash", {}).get(currency, 0)
    return amount


def take(call: Call, intent: Body) -> bool:
    """Pay an intent from its customer's cash when that covers the whole of it."""
    customer, amount, currency = intent["customer"], intent["amount"], intent["currency"]
    if held(call, customer, currency) < amount:
        return False
    change(call, customer, -amount, currency, "applied_to_payment", applied_to_payment={"payment_intent": intent["id"]})
    return True


def instructions(intent: Body) -> Body:
    """Where to transfer the money to, as a payment intent's next action."""
    transfer = {"amount_remaining": intent["amount"], "currency": intent["currency"], "reference": intent["id"][-8:].upper()}
    kind = OF_CURRENCY.get(intent["currency"], "us_bank_transfer")
    shown = {**transfer, "financial_addresses": [], "hosted_instructions_url": None, "type": kind}
    return {"type": "display_bank_transfer_instructions", "display_bank_transfer_instructions": shown}


@endpoint("GET", "/v1/customers/{customer}/cash_balance")
def retrieve_cash_balance(call: Call) -> Body:
    customer_id = call.path["customer"]
    fetch(call, "customer", customer_id, param="customer")
    return {
        "object": "cash_balance",
        "available": hidden_of(call, customer_id).get("cash") or None,
        "customer": customer_id,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }

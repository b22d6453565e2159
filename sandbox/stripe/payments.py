"""Payment intents: a payment from its first asking until it has succeeded."""

from sandbox.stripe import cash, events, invoice_payments
from sandbox.stripe.bank_transfers import BANK_TRANSFER, require_bank_transfer
from sandbox.stripe.blanks import blank_payment_intent
from sandbox.stripe.charges import MEANS, Means, charge
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.money import chargeable, currency_of
from sandbox.stripe.parameters import FLAG, INTEGER, METADATA, PAGE, RANGE, TEXT, one_of, shape
from sandbox.stripe.store import fetch, keep, merged, named, new_id, page, save

METHOD = {
    "payment_method": TEXT,
    "payment_method_data": shape(type=one_of("customer_balance").must()),
    "payment_method_options": shape(
        customer_balance=shape(
            funding_type=one_of("bank_transfer"),
            bank_transfer=BANK_TRANSFER,
        )
    ),
}
ASKED = {
    "amount": INTEGER.must(),
    "currency": TEXT.must(),
    "customer": TEXT,
    "description": TEXT,
    "metadata": METADATA,
    "transfer_group": TEXT,
    "automatic_payment_methods": shape(enabled=FLAG.must(), allow_redirects=one_of("always", "never")),
    "confirm": FLAG,
    **METHOD,
}
UNPAID = ("requires_payment_method", "requires_confirmation", "requires_action")


@endpoint("POST", "/v1/payment_intents", ASKED)
def create_payment_intent(call: Call) -> Body:
    currency = currency_of(call.given["currency"])
    require_bank_transfer(call.get("payment_method_options"), currency, "payment_method_options")
    customer = named(call, "customer", "customer")["id"] if "customer" in call.given else None
    fields = call.only("description", "transfer_group", "automatic_payment_methods")
    # A bank transfer arrives on a customer's balance, so without a customer there is none.
    types = ["card", "us_bank_account", *(["customer_balance"] if customer else [])]
    body = ask(call, chargeable(call.given["amount"], currency), currency, customer, types, call.get("metadata", {}), **fields)
    return _confirm(call, body) if call.get("confirm") else _chosen(call, body)


def ask(
    call: Call, amount: int, currency: str, customer: str | None, types: list[str], metadata: dict[str, str] | None = None, **fields: object
) -> Body:
    """A new payment intent that waits for a payment method."""
    intent_id = new_id("pi")
    body = {
        **blank_payment_intent(),
        "id": intent_id,
        "amount": amount,
        "client_secret": f"{intent_id}_secret_sandbox",
        "created": call.now,
        "currency": currency,
        "customer": customer,
        "metadata": merged({}, metadata or {}),
        "payment_method_types": types,
        **fields,
    }
    events.record(call, "payment_intent.created", keep(call, body))
    return body


def _chosen(call: Call, intent: Body) -> Body:
    """The intent with the payment method that came along, if one did."""
    if not {"payment_method", "payment_method_data"} & set(call.given):
        return intent
    name, _ = _means(call, intent)
    return save(call, {**intent, "payment_method": name, "status": "requires_confirmation"})


def _means(call: Call, intent: Body) -> tuple[str, Means]:
    """The name and the means of payment that the request, or an earlier one, chose."""
    chosen: str = call.get("payment_method", intent["payment_method"] or "")
    name = "customer_balance" if "payment_method_data" in call.given else chosen
    if not name:
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent "
            "with a payment method and then confirm it again, or confirm it again directly with a payment method.",
            code="payment_intent_unexpected_state",
        )
    if name not in MEANS:
        raise StripeError(f"No such PaymentMethod: '{name}'", code="resource_missing", param="payment_method")
    return name, MEANS[name]


@endpoint("POST", "/v1/payment_intents/{intent}/confirm", METHOD)
def confirm_payment_intent(call: Call) -> Body:
    return _confirm(call, fetch(call, "payment_intent", call.path["intent"], param="intent", lock=True))


def _confirm(call: Call, intent: Body) -> Body:
    name, means = _means(call, intent)
    if intent["status"] not in UNPAID:
        raise StripeError(
            f"This PaymentIntent's status is {intent['status']} and it cannot be confirmed.", code="payment_intent_unexpected_state"
        )
    if means.type not in intent["payment_method_types"]:
        raise StripeError(f"The payment method type {means.type} is not among this PaymentIntent's types.", param="payment_method")
    if means.type == "customer_balance":
        return _from_cash(call, {**intent, "payment_method": name})
    return collect(call, {**intent, "payment_method": name}, means)


def collect(call: Call, intent: Body, means: Means) -> Body:
    """Charge the intent; a declined card leaves the intent waiting for another, and is answered with 402."""
    if means.decline:
        return _decline(call, intent, means)
    paid = charge(call, intent, means)
    received = {"amount_received": intent["amount"], "latest_charge": paid["id"]}
    body = save(call, {**intent, **received, "status": "succeeded", "next_action": None, "last_payment_error": None})
    events.record(call, "payment_intent.succeeded", body)
    invoice_payments.credit_intent(call, body)
    return body


def _decline(call: Call, intent: Body, means: Means) -> Body:
    call.refusal = StripeError("Your card was declined.", code="card_declined", status=402, kind="card_error", decline_code=means.decline)
    body = save(call, {**intent, "status": "requires_payment_method", "payment_method": None, "last_payment_error": call.refusal.error})
    events.record(call, "payment_intent.payment_failed", body)
    return body


def _from_cash(call: Call, intent: Body) -> Body:
    """Pay from what the customer has transferred; what is not there yet is asked for with instructions."""
    if cash.take(call, intent):
        return collect(call, intent, MEANS["customer_balance"])
    body = save(call, {**intent, "status": "requires_action", "next_action": cash.instructions(intent)})
    events.record(call, "payment_intent.requires_action", body)
    return body


@endpoint("POST", "/v1/payment_intents/{intent}/cancel")
def cancel_payment_intent(call: Call) -> Body:
    intent = fetch(call, "payment_intent", call.path["intent"], param="intent", lock=True)
    if intent["status"] not in UNPAID or invoice_payments.is_default(call, intent["id"]):
        raise StripeError("You cannot cancel this PaymentIntent.", code="payment_intent_unexpected_state")
    return invoice_payments.cancel_intent(call, intent, "requested_by_customer")


@endpoint("GET", "/v1/payment_intents/{intent}")
def retrieve_payment_intent(call: Call) -> Body:
    return fetch(call, "payment_intent", call.path["intent"], param="intent")


@endpoint("GET", "/v1/payment_intents", {**PAGE, "created": RANGE, "customer": TEXT})
def list_payment_intents(call: Call) -> Body:
    return page(call, "payment_intent", by=("customer",))

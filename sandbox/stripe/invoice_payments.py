"""Invoice payments: what links payment intents to an invoice; each that succeeds is credited to it, in part or in full."""

from sqlalchemy import ColumnElement, select

from sandbox.stripe import events
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body
from sandbox.stripe.parameters import PAGE, RANGE, TEXT, one_of, shape
from sandbox.stripe.store import fetch, keep, matching, new_id, page, save
from sandbox.stripe.tables import INTENT_OF_PAYMENT, objects

PAYABLE = ("open", "uncollectible")


def attach(call: Call, invoice: Body, intent: Body, *, default: bool = False) -> Body:
    """A new, open payment of the invoice by the intent."""
    body = {
        "id": new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": intent["amount"],
        "created": call.now,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": default,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    return keep(call, body)


def of_intent(call: Call, intent_id: str) -> Body | None:
    """The invoice payment that an intent makes or is to make; it makes one at most."""
    query = select(objects.c.body).where(objects.c.kind == "invoice_payment", intent_id == INTENT_OF_PAYMENT)
    body: Body | None = call.connection.execute(query).scalar_one_or_none()
    return body


def is_default(call: Call, intent_id: str) -> bool:
    payment = of_intent(call, intent_id)
    return payment is not None and payment["is_default"]


def credit_intent(call: Call, intent: Body) -> None:
    """Credit an intent that has succeeded to the invoice that waits for it."""
    payment = of_intent(call, intent["id"])
    if payment and payment["status"] == "open":
        _credit(call, fetch(call, "invoice", payment["invoice"], lock=True), payment, intent["amount_received"])


def _credit(call: Call, invoice: Body, payment: Body, received: int) -> None:
    """Credit what was received to an invoice; what is too much becomes the customer's credit."""
    paid = min(received, invoice["amount_remaining"])
    _mark(call, payment, "paid", amount_paid=paid)
    excess = received - paid
    after = {
        **invoice,
        "amount_paid": invoice["amount_paid"] + paid,
        "amount_remaining": invoice["amount_remaining"] - paid,
        "amount_overpaid": invoice["amount_overpaid"] + excess,
        "attempted": True,
    }
    if excess:
        _give_credit(call, after, excess)
    if after["amount_remaining"] == 0 and invoice["status"] in PAYABLE:
        settle(call, invoice, after)
    else:
        events.record(call, "invoice.updated", save(call, after), invoice)
        _synchronise(call, after)


def ask_less(call: Call, invoice: Body, amount: int) -> Body:
    """Take a credit off what an open invoice asks for; with nothing left to ask for it is paid."""
    after = {
        **invoice,
        "amount_due": invoice["amount_due"] - amount,
        "amount_remaining": invoice["amount_remaining"] - amount,
        "pre_payment_credit_notes_amount": invoice["pre_payment_credit_notes_amount"] + amount,
    }
    if after["amount_remaining"] == 0:
        return settle(call, invoice, after)
    events.record(call, "invoice.updated", body := save(call, after), invoice)
    _synchronise(call, body)
    return body


def settle(call: Call, before: Body, after: Body) -> Body:
    """The invoice is paid; its own intent, when something else paid it, is no longer wanted."""
    paid_at = {**before["status_transitions"], "paid_at": call.moment}
    body = save(call, {**after, "status": "paid", "auto_advance": False, "status_transitions": paid_at})
    cancel_default(call, body, "abandoned")
    for kind in ("invoice.updated", "invoice.paid", "invoice.payment_succeeded"):
        events.record(call, kind, body, before if kind == "invoice.updated" else None)
    return body


def _give_credit(call: Call, invoice: Body, excess: int) -> None:
    customer = fetch(call, "customer", invoice["customer"], lock=True)
    body = save(call, {**customer, "balance": customer["balance"] - excess})
    events.record(call, "customer.updated", body, customer)
    events.record(call, "invoice.overpaid", invoice)


def default_payment(call: Call, invoice_id: str) -> Body | None:
    """The open payment that Stripe made when the invoice was finalized, unless it is paid or cancelled."""
    found = [each for each in matching(call, "invoice_payment", invoice=invoice_id) if each["is_default"] and each["status"] == "open"]
    return found[0] if found else None


def _synchronise(call: Call, invoice: Body) -> None:
    """Stripe keeps the default payment at what remains."""
    if payment := default_payment(call, invoice["id"]):
        save(call, {**payment, "amount_requested": invoice["amount_remaining"]})
        intent = fetch(call, "payment_intent", payment["payment"]["payment_intent"], lock=True)
        save(call, {**intent, "amount": invoice["amount_remaining"]})


def cancel_default(call: Call, invoice: Body, reason: str) -> None:
    if payment := default_payment(call, invoice["id"]):
        intent = fetch(call, "payment_intent", payment["payment"]["payment_intent"], lock=True)
        cancel_intent(call, intent, reason)


def cancel_intent(call: Call, intent: Body, reason: str) -> Body:
    """Cancel an intent and the invoice payment that waits for it."""
    payment = of_intent(call, intent["id"])
    if payment and payment["status"] == "open":
        _mark(call, payment, "canceled")
    body = save(call, {**intent, "status": "canceled", "canceled_at": call.now, "cancellation_reason": reason, "next_action": None})
    events.record(call, "payment_intent.canceled", body)
    return body


def _mark(call: Call, payment: Body, status: str, **paid: int) -> None:
    moments = {**payment["status_transitions"], f"{status}_at": call.now}
    body = save(call, {**payment, **paid, "status": status, "status_transitions": moments})
    if status == "paid":
        events.record(call, "invoice_payment.paid", body)


PAYMENT = shape(type=one_of("payment_intent").must(), payment_intent=TEXT)


@endpoint(
    "GET",
    "/v1/invoice_payments",
    {**PAGE, "created": RANGE, "invoice": TEXT, "status": one_of("canceled", "open", "paid"), "payment": PAYMENT},
)
def list_invoice_payments(call: Call) -> Body:
    return page(call, "invoice_payment", *_by_intent(call), by=("invoice", "status"))


def _by_intent(call: Call) -> list[ColumnElement[bool]]:
    intent_id = call.get("payment", {}).get("payment_intent")
    return [intent_id == INTENT_OF_PAYMENT] if intent_id else []


@endpoint("GET", "/v1/invoice_payments/{invoice_payment}")
def retrieve_invoice_payment(call: Call) -> Body:
    return fetch(call, "invoice_payment", call.path["invoice_payment"], param="invoice_payment")

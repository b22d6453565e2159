"""How an invoice is paid: by its own intent, by others attached to it, on its hosted page, or by a bank transfer that arrives."""

from sandbox.stripe import cash, events, invoice_payments, payments
from sandbox.stripe.bank_transfers import OF_CURRENCY
from sandbox.stripe.charges import MEANS
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.invoices import locked, payable_by
from sandbox.stripe.money import chargeable, currency_of, positive
from sandbox.stripe.parameters import FLAG, INTEGER, TEXT
from sandbox.stripe.store import fetch, matching, named, save


@endpoint("POST", "/v1/invoices/{invoice}/pay", {"payment_method": TEXT, "paid_out_of_band": FLAG})
def pay_invoice(call: Call) -> Body:
    invoice = _open(locked(call))
    if call.get("paid_out_of_band"):
        remaining = invoice["amount_remaining"]
        paid = {"amount_paid_off_stripe": remaining, "amount_paid": invoice["amount_paid"] + remaining, "amount_remaining": 0}
        return invoice_payments.settle(call, invoice, {**invoice, **paid})
    if "payment_method" not in call.given:
        raise StripeError("There is no default payment method set on this Customer or Invoice.")
    return pay(call, invoice, call.given["payment_method"])


def _open(invoice: Body) -> Body:
    if invoice["status"] == "paid":
        raise StripeError("Invoice is already paid", code="invoice_not_editable")
    if invoice["status"] not in invoice_payments.PAYABLE:
        raise StripeError(f"This invoice is {invoice['status']} and can't be paid.", code="invoice_not_editable")
    return invoice


def pay_open(call: Call, invoice: Body, method: str, amount: int | None) -> Body:
    """Pay an invoice, or the part that `amount` says, unless it asks for nothing any more."""
    return pay(call, _open(invoice), method, None if amount is None else positive(amount))


def pay(call: Call, invoice: Body, method: str, amount: int | None = None) -> Body:
    """Pay what the invoice still asks for, or the part of it that `amount` says; returns the invoice."""
    means = MEANS.get(method)
    if means is None or means.type not in payable_by(invoice):
        raise StripeError(f"This invoice can't be paid with '{method}'.", param="payment_method")
    intent = _intent(call, invoice, amount or invoice["amount_remaining"])
    payments.collect(call, {**intent, "payment_method": method}, means)
    return fetch(call, "invoice", invoice["id"])


def _intent(call: Call, invoice: Body, amount: int) -> Body:
    """The invoice's own intent when everything is to be paid, one of its own for a part."""
    remaining = invoice["amount_remaining"]
    if amount > remaining:
        raise StripeError(f"The payment of {amount} is more than the {remaining} that this invoice still asks for.", param="amount")
    own = invoice_payments.default_payment(call, invoice["id"])
    if own and amount == remaining:
        return fetch(call, "payment_intent", own["payment"]["payment_intent"], lock=True)
    intent = payments.ask(call, chargeable(amount, invoice["currency"]), invoice["currency"], invoice["customer"], payable_by(invoice))
    invoice_payments.attach(call, invoice, intent)
    return intent


@endpoint("POST", "/v1/invoices/{invoice}/attach_payment", {"payment_intent": TEXT.must()})
def attach_payment(call: Call) -> Body:
    intent = named(call, "payment_intent", "payment_intent", lock=True)
    invoice = _open(locked(call))
    if (intent["customer"], intent["currency"]) != (invoice["customer"], invoice["currency"]):
        raise StripeError("The PaymentIntent must have the customer and the currency of the invoice.", param="payment_intent")
    if intent["status"] == "canceled" or invoice_payments.of_intent(call, intent["id"]):
        raise StripeError("This PaymentIntent can't be attached: it is canceled, or attached already.", param="payment_intent")
    invoice_payments.attach(call, invoice, intent)
    if intent["status"] == "succeeded":
        invoice_payments.credit_intent(call, intent)
    return fetch(call, "invoice", invoice["id"])


@endpoint(
    "POST",
    "/v1/test_helpers/customers/{customer}/fund_cash_balance",
    {"amount": INTEGER.must(), "currency": TEXT.must(), "reference": TEXT},
)
def fund_cash_balance(call: Call) -> Body:
    """A bank transfer from the customer arrives; Stripe applies it to what they owe, the oldest first."""
    customer_id, currency = call.path["customer"], currency_of(call.given["currency"])
    how = OF_CURRENCY.get(currency, "us_bank_transfer")
    arrived = {"bank_transfer": {"reference": call.get("reference"), "type": how, how: {}}}
    body = cash.change(call, customer_id, positive(call.given["amount"]), currency, "funded", funded=arrived)
    while intent := _waiting(call, customer_id, currency):
        if not cash.take(call, intent):
            _ask_for_the_rest(call, intent)
            break
        payments.collect(call, {**intent, "payment_method": "customer_balance"}, MEANS["customer_balance"])
    return body


def _waiting(call: Call, customer_id: str, currency: str) -> Body | None:
    """The customer's oldest intent that a bank transfer may pay: one that asked for it, or that of an open invoice."""
    mine = [each for each in matching(call, "payment_intent", customer=customer_id, lock=True) if each["currency"] == currency]
    asked = [each for each in mine if each["status"] == "requires_action"]
    billed = [each for each in mine if each["status"] == "requires_payment_method" and "customer_balance" in each["payment_method_types"]]
    return next(iter(asked + [each for each in billed if invoice_payments.is_default(call, each["id"])]), None)


def _ask_for_the_rest(call: Call, intent: Body) -> None:
    """What is there stays on the customer's balance until it covers the whole."""
    left = cash.held(call, intent["customer"], intent["currency"])
    if left:
        action = cash.instructions({**intent, "amount": intent["amount"] - left})
        body = save(call, {**intent, "payment_method": "customer_balance", "status": "requires_action", "next_action": action})
        events.record(call, "payment_intent.partially_funded", body)

"""Credit notes: what an open invoice asks for less; one whose rest is credited is paid. Those for paid invoices are not offered."""

from sandbox.stripe import events, invoice_payments
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.money import positive
from sandbox.stripe.parameters import INTEGER, METADATA, PAGE, RANGE, TEXT, one_of
from sandbox.stripe.store import fetch, keep, listed, matching, merged, named, new_id, page

CREDIT = {
    "invoice": TEXT.must(),
    "amount": INTEGER.must(),
    "memo": TEXT,
    "metadata": METADATA,
    "reason": one_of("duplicate", "fraudulent", "order_change", "product_unsatisfactory"),
}


@endpoint("POST", "/v1/credit_notes", CREDIT)
def create_credit_note(call: Call) -> Body:
    invoice = named(call, "invoice", "invoice", lock=True)
    if invoice["status"] != "open":
        raise StripeError(f"The simulator credits open invoices only; this one is {invoice['status']}.", code="invoice_not_editable")
    amount = positive(call.given["amount"])
    if amount > invoice["amount_remaining"]:
        raise StripeError(f"The credit ({amount}) is greater than what remains ({invoice['amount_remaining']}).", param="amount")
    body = keep(call, _credit_note(call, invoice, amount))
    events.record(call, "credit_note.created", body)
    invoice_payments.ask_less(call, invoice, amount)
    return body


def _credit_note(call: Call, invoice: Body, amount: int) -> Body:
    note_id, number = new_id("cn"), len(matching(call, "credit_note", invoice=invoice["id"])) + 1
    return {
        **dict.fromkeys(("customer_balance_transaction", "memo", "out_of_band_amount", "reason", "shipping_cost", "voided_at")),
        "id": note_id,
        "object": "credit_note",
        **dict.fromkeys(("amount", "pre_payment_amount", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), amount),
        **dict.fromkeys(("amount_shipping", "discount_amount", "post_payment_amount"), 0),
        **{name: [] for name in ("discount_amounts", "pretax_credit_amounts", "refunds", "total_taxes")},
        "created": call.now,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "effective_at": call.now,
        "invoice": invoice["id"],
        "lines": listed([], f"/v1/credit_notes/{note_id}/lines"),
        "livemode": False,
        "metadata": merged({}, call.get("metadata", {})),
        "number": f"{invoice['number']}-CN-{number:02}",
        "pdf": f"{invoice['invoice_pdf']}/credit-note",
        "status": "issued",
        "type": "pre_payment",
        **call.only("memo", "reason"),
    }


@endpoint("GET", "/v1/credit_notes/{id}")
def retrieve_credit_note(call: Call) -> Body:
    return fetch(call, "credit_note", call.path["id"])


@endpoint("GET", "/v1/credit_notes", {**PAGE, "created": RANGE, "customer": TEXT, "invoice": TEXT})
def list_credit_notes(call: Call) -> Body:
    return page(call, "credit_note", by=("customer", "invoice"))

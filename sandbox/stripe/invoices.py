"""Invoices: drawn up, finalized, sent, voided; how they are paid is in `paying`."""

from sandbox.stripe import events, invoice_payments, payments
from sandbox.stripe.bank_transfers import BANK_TRANSFER, require_bank_transfer
from sandbox.stripe.blanks import blank_invoice
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.invoice_items import add_lines
from sandbox.stripe.money import DAY, currency_of
from sandbox.stripe.parameters import CLEARABLE, FLAG, INTEGER, METADATA, PAGE, RANGE, TEXT, list_of, one_of, shape
from sandbox.stripe.store import delete, fetch, keep, listed, matching, merged, named, new_id, page, save, token
from sandbox.stripe.test_clocks import keep_time

OPTIONS = "payment_settings[payment_method_options]"
STATUSES = ("draft", "open", "paid", "uncollectible", "void")
PAYMENT_SETTINGS = shape(
    payment_method_types=list_of(one_of("card", "customer_balance")),
    payment_method_options=shape(
        card=shape(request_three_d_secure=one_of("any", "automatic", "challenge")),
        customer_balance=shape(
            funding_type=TEXT,
            bank_transfer=BANK_TRANSFER,
        ),
    ),
)
EDITABLE = {
    "description": CLEARABLE,
    "footer": CLEARABLE,
    "custom_fields": list_of(shape(name=TEXT.must(), value=TEXT.must())),
    "days_until_due": INTEGER,
    "due_date": INTEGER,
    "auto_advance": FLAG,
    "collection_method": one_of("charge_automatically", "send_invoice"),
    "payment_settings": PAYMENT_SETTINGS,
    "metadata": METADATA,
}
DRAFT = {**EDITABLE, "customer": TEXT.must(), "currency": TEXT, "pending_invoice_items_behavior": one_of("exclude", "include")}


@endpoint("POST", "/v1/invoices", DRAFT)
def create_invoice(call: Call) -> Body:
    customer = named(call, "customer", "customer")
    keep_time(call, customer["test_clock"])
    draft = {**_draft(call, customer), **_edits(call, {})}
    _require_email(draft)
    require_bank_transfer(draft["payment_settings"]["payment_method_options"], draft["currency"], OPTIONS)
    body = keep(call, draft)
    if call.get("pending_invoice_items_behavior") == "include":
        pending = matching(call, "invoiceitem", customer=customer["id"], currency=body["currency"], lock=True)
        body = add_lines(call, body, [item for item in pending if item["invoice"] is None])
    events.record(call, "invoice.created", body)
    return body


def _require_email(invoice: Body) -> None:
    """Stripe's words, as published by those who met them."""
    if invoice["collection_method"] == "send_invoice" and not invoice["customer_email"]:
        raise StripeError("Missing email. In order to create invoices that are sent to the customer, the customer must have a valid email.")


def _edits(call: Call, before: Body) -> Body:
    """The fields that the request sets, checked against each other and in the form in which they are answered."""
    given = call.only(*EDITABLE)
    method = given.get("collection_method", before.get("collection_method", "charge_automatically"))
    days, due = given.pop("days_until_due", None), given.pop("due_date", None)
    if days is not None and due is not None:
        raise StripeError("You cannot specify both `due_date` and `days_until_due`.", param="due_date")
    if method == "charge_automatically" and (days is not None or due is not None):
        raise StripeError("`days_until_due` and `due_date` only go with `collection_method: send_invoice`.", param="days_until_due")
    if method == "send_invoice" and not before and days is None and due is None:
        raise StripeError("You must specify either `due_date` or `days_until_due` with `collection_method: send_invoice`.")
    if given.get("auto_advance"):
        raise StripeError("The simulator finalizes invoices only when it is asked to: leave `auto_advance` out.", param="auto_advance")
    if days is not None or due is not None:
        given["due_date"] = due if days is None else call.moment + days * DAY
    if "payment_settings" in given:
        given["payment_settings"] = {**blank_invoice()["payment_settings"], **given["payment_settings"]}
    if "custom_fields" in given and len(given["custom_fields"]) > 4:
        raise StripeError("You can set at most 4 custom fields.", param="custom_fields")
    if "metadata" in given:
        given["metadata"] = merged(before.get("metadata", {}), given["metadata"])
    return given


def _draft(call: Call, customer: Body) -> Body:
    invoice_id = new_id("in")
    return {
        **blank_invoice(),
        "id": invoice_id,
        "created": call.moment,
        "currency": currency_of(call.get("currency", "usd")),
        "customer": customer["id"],
        "test_clock": customer["test_clock"],
        **{f"customer_{name}": customer[name] for name in ("address", "email", "name", "phone")},
        "lines": listed([], f"/v1/invoices/{invoice_id}/lines"),
        "period_end": call.moment,
        "period_start": call.moment,
    }


def locked(call: Call) -> Body:
    """The invoice that the address names, its row locked."""
    invoice = fetch(call, "invoice", call.path["invoice"], param="invoice", lock=True)
    keep_time(call, invoice["test_clock"])
    return invoice


@endpoint("POST", "/v1/invoices/{invoice}", EDITABLE)
def update_invoice(call: Call) -> Body:
    before = locked(call)
    if before["status"] != "draft" and set(call.given) - {"metadata", "auto_advance", "expand"}:
        raise StripeError("Finalized invoices can't be updated in this way.", code="invoice_not_editable")
    after = {**before, **_edits(call, before)}
    _require_email(after)
    body = save(call, after)
    events.record(call, "invoice.updated", body, before)
    return body


@endpoint("DELETE", "/v1/invoices/{invoice}")
def delete_invoice(call: Call) -> Body:
    invoice = locked(call)
    if invoice["status"] != "draft":
        raise StripeError("You can only delete draft invoices.", code="invoice_not_editable")
    events.record(call, "invoice.deleted", invoice)
    return delete(call, invoice)


@endpoint("POST", "/v1/invoices/{invoice}/finalize", {"auto_advance": FLAG})
def finalize_invoice(call: Call) -> Body:
    return finalize(call, locked(call))


def finalize(call: Call, draft: Body) -> Body:
    """Open a draft: it gets its number, its hosted page and the intent that is to pay it; one that asks for nothing is paid at once."""
    if draft["status"] != "draft":
        raise StripeError("This invoice is already finalized, you can't re-finalize a non-draft invoice.", code="invoice_not_editable")
    address = f"{call.base_url}/sandbox/invoices/{(secret := token())}"
    moments = {**draft["status_transitions"], "finalized_at": call.moment}
    numbered = {**draft, **_with_credit(call, draft), "status": "open", "effective_at": call.moment, "status_transitions": moments}
    body = save(call, {**numbered, "hosted_invoice_url": address, "invoice_pdf": f"{address}/pdf"}, token=secret)
    events.record(call, "invoice.finalized", body)
    if body["amount_remaining"] == 0:
        return invoice_payments.settle(call, body, body)
    intent = payments.ask(call, body["amount_remaining"], body["currency"], body["customer"], payable_by(body))
    invoice_payments.attach(call, body, intent, default=True)
    return body


def _with_credit(call: Call, draft: Body) -> Body:
    """The invoice's number, and what it asks for once the customer's credit (a balance below zero) is taken off."""
    customer = fetch(call, "customer", draft["customer"], lock=True)
    number, balance = customer["next_invoice_sequence"], customer["balance"] + draft["total"]
    save(call, {**customer, "next_invoice_sequence": number + 1, "balance": min(balance, 0)})
    return {
        "number": f"{customer['invoice_prefix']}-{number:04}",
        "starting_balance": customer["balance"],
        "ending_balance": min(balance, 0),
        "amount_due": max(balance, 0),
        "amount_remaining": max(balance, 0),
    }


def payable_by(invoice: Body) -> list[str]:
    """The payment methods that the invoice may be paid with."""
    return invoice["payment_settings"]["payment_method_types"] or ["card", "customer_balance"]


@endpoint("POST", "/v1/invoices/{invoice}/send")
def send_invoice(call: Call) -> Body:
    invoice = locked(call)
    if invoice["collection_method"] != "send_invoice":
        raise StripeError("You can only manually send an invoice if its collection method is 'send_invoice'.")
    if invoice["status"] not in ("draft", "open"):
        raise StripeError(f"You can't send an invoice that is {invoice['status']}.", code="invoice_not_editable")
    body = finalize(call, invoice) if invoice["status"] == "draft" else invoice
    events.record(call, "invoice.sent", body)
    return body


@endpoint("POST", "/v1/invoices/{invoice}/void")
def void_invoice(call: Call) -> Body:
    before = locked(call)
    if before["status"] not in ("open", "uncollectible"):
        raise StripeError(f"You can only void an open invoice; this one is {before['status']}.", code="invoice_not_editable")
    if before["amount_paid"]:
        raise StripeError("You can't void an invoice that has been partially paid.", code="invoice_not_editable")
    moments = {**before["status_transitions"], "voided_at": call.moment}
    body = save(call, {**before, "status": "void", "auto_advance": False, "status_transitions": moments})
    invoice_payments.cancel_default(call, body, "void_invoice")
    events.record(call, "invoice.voided", body, before)
    return body


@endpoint("POST", "/v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(call: Call) -> Body:
    """An open invoice is no longer expected to be paid; it still can be."""
    before = locked(call)
    if before["status"] != "open":
        raise StripeError(
            f"You can only mark an open invoice as uncollectible; this one is {before['status']}.", code="invoice_not_editable"
        )
    moments = {**before["status_transitions"], "marked_uncollectible_at": call.moment}
    body = save(call, {**before, "status": "uncollectible", "auto_advance": False, "status_transitions": moments})
    events.record(call, "invoice.marked_uncollectible", body, before)
    return body


@endpoint("GET", "/v1/invoices/{invoice}")
def retrieve_invoice(call: Call) -> Body:
    return fetch(call, "invoice", call.path["invoice"], param="invoice")


@endpoint("GET", "/v1/invoices/{invoice}/lines")
def list_lines(call: Call) -> Body:
    lines: Body = fetch(call, "invoice", call.path["invoice"], param="invoice")["lines"]
    return lines


KEYS = {
    "created": RANGE,
    "customer": TEXT,
    "status": one_of(*STATUSES),
    "collection_method": one_of("charge_automatically", "send_invoice"),
}


@endpoint("GET", "/v1/invoices", {**PAGE, **KEYS})
def list_invoices(call: Call) -> Body:
    return page(call, "invoice", by=("customer", "status", "collection_method"))

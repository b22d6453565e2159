"""Invoice items: the lines of an invoice, before and after they stand on one."""

from sqlalchemy import ColumnElement

from sandbox.stripe import events
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.money import currency_of
from sandbox.stripe.parameters import FLAG, INTEGER, METADATA, PAGE, RANGE, TEXT
from sandbox.stripe.store import fetch, keep, merged, named, new_id, page, save
from sandbox.stripe.tables import field

ITEM = {
    "customer": TEXT.must(),
    "amount": INTEGER.must(),
    "currency": TEXT,
    "invoice": TEXT,
    "description": TEXT,
    "metadata": METADATA,
    "discountable": FLAG,
}


@endpoint("POST", "/v1/invoiceitems", ITEM)
def create_invoice_item(call: Call) -> Body:
    customer = named(call, "customer", "customer")
    invoice = named(call, "invoice", "invoice", lock=True) if "invoice" in call.given else None
    currency = currency_of(call.get("currency", invoice["currency"] if invoice else "usd"))
    if invoice:
        _require_room(invoice, customer["id"], currency)
    body = keep(call, _item(call, customer["id"], currency))
    events.record(call, "invoiceitem.created", body)
    if invoice:
        add_lines(call, invoice, [body])
    return body


def _require_room(invoice: Body, customer_id: str, currency: str) -> None:
    """The invoice is a draft of the same customer and currency."""
    if invoice["status"] != "draft":
        raise StripeError("You can only add invoice items to an invoice that is a draft.", code="invoice_not_editable", param="invoice")
    if invoice["customer"] != customer_id:
        raise StripeError("The invoice belongs to another customer.", param="invoice")
    if invoice["currency"] != currency:
        raise StripeError(f"The currency of the invoice item must be that of its invoice ({invoice['currency']}).", param="currency")


def _item(call: Call, customer_id: str, currency: str) -> Body:
    return {
        "id": new_id("ii"),
        "object": "invoiceitem",
        "amount": call.given["amount"],
        "currency": currency,
        "customer": customer_id,
        "date": call.now,
        "description": call.get("description"),
        "discountable": call.get("discountable", True),
        "discounts": [],
        "invoice": call.get("invoice"),
        "livemode": False,
        "metadata": merged({}, call.get("metadata", {})),
        "net_amount": call.given["amount"],
        "parent": None,
        "period": {"end": call.now, "start": call.now},
        "pricing": None,
        "proration": False,
        "quantity": 1,
        "quantity_decimal": "1",
        "tax_rates": [],
        "test_clock": None,
    }


def add_lines(call: Call, invoice: Body, items: list[Body]) -> Body:
    """Put items on a draft, and count its totals anew."""
    for item in items:
        save(call, {**item, "invoice": invoice["id"]})
    lines = [*invoice["lines"]["data"], *(_line(invoice["id"], item) for item in items)]
    total = sum(line["amount"] for line in lines)
    sums = dict.fromkeys(("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), total)
    due = {"amount_due": max(total, 0), "amount_remaining": max(total, 0)}
    return save(call, {**invoice, **sums, **due, "lines": {**invoice["lines"], "data": lines}})


def _line(invoice_id: str, item: Body) -> Body:
    detail = {"invoice_item": item["id"], "proration": False, "proration_details": None, "subscription": None}
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": item["amount"],
        "currency": item["currency"],
        "description": item["description"],
        "discount_amounts": [],
        "discountable": item["discountable"],
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": item["metadata"],
        "parent": {"invoice_item_details": detail, "subscription_item_details": None, "type": "invoice_item_details"},
        "period": item["period"],
        "pretax_credit_amounts": [],
        "pricing": None,
        "quantity": 1,
        "quantity_decimal": "1",
        "subscription": None,
        "subtotal": item["amount"],
        "taxes": [],
    }


@endpoint("GET", "/v1/invoiceitems/{invoiceitem}")
def retrieve_invoice_item(call: Call) -> Body:
    return fetch(call, "invoiceitem", call.path["invoiceitem"], param="invoiceitem")


@endpoint("GET", "/v1/invoiceitems", {**PAGE, "created": RANGE, "customer": TEXT, "invoice": TEXT, "pending": FLAG})
def list_invoice_items(call: Call) -> Body:
    return page(call, "invoiceitem", *_pending(call), by=("customer", "invoice"))


def _pending(call: Call) -> list[ColumnElement[bool]]:
    on_none = field("invoice").is_(None)
    return [on_none if call.given["pending"] else ~on_none] if "pending" in call.given else []

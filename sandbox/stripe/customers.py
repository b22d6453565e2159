"""Customers: whom the platform bills."""

from sqlalchemy import select

from sandbox.stripe import events
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body
from sandbox.stripe.parameters import ADDRESS, CLEARABLE, METADATA, PAGE, RANGE, TEXT
from sandbox.stripe.store import delete, fetch, keep, merged, new_id, page, save
from sandbox.stripe.tables import field, objects
from sandbox.stripe.test_clocks import keep_time

DETAILS = {"name": CLEARABLE, "email": CLEARABLE, "description": CLEARABLE, "phone": CLEARABLE, "address": ADDRESS, "metadata": METADATA}


@endpoint("POST", "/v1/customers", {**DETAILS, "test_clock": TEXT})
def create_customer(call: Call) -> Body:
    keep_time(call, call.get("test_clock"))
    customer_id = new_id("cus")
    body = {
        "id": customer_id,
        "object": "customer",
        **{name: call.get(name) for name in ("name", "email", "description", "phone")},
        "address": _address(call),
        "balance": 0,
        "created": call.moment,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": customer_id[-8:].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None},
        "livemode": False,
        "metadata": merged({}, call.get("metadata", {})),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": call.get("test_clock"),
    }
    events.record(call, "customer.created", keep(call, body))
    return body


@endpoint("GET", "/v1/customers/{customer}")
def retrieve_customer(call: Call) -> Body:
    """The customer, or of one that was deleted that it was."""
    gone = objects.c.id == call.path["customer"], objects.c.kind == "customer", objects.c.deleted
    if call.connection.execute(select(objects.c.id).where(*gone)).one_or_none():
        return {"id": call.path["customer"], "object": "customer", "deleted": True}
    return fetch(call, "customer", call.path["customer"])


@endpoint("POST", "/v1/customers/{customer}", DETAILS)
def update_customer(call: Call) -> Body:
    before = fetch(call, "customer", call.path["customer"], lock=True)
    given = call.only(*DETAILS)
    if "metadata" in given:
        given["metadata"] = merged(before["metadata"], given["metadata"])
    if "address" in given:
        given["address"] = _address(call)
    body = save(call, {**before, **given})
    events.record(call, "customer.updated", body, before)
    return body


@endpoint("DELETE", "/v1/customers/{customer}")
def delete_customer(call: Call) -> Body:
    body = fetch(call, "customer", call.path["customer"], lock=True)
    events.record(call, "customer.deleted", body)
    return delete(call, body)


@endpoint("GET", "/v1/customers", {**PAGE, "created": RANGE, "email": TEXT, "test_clock": TEXT})
def list_customers(call: Call) -> Body:
    """Those of a test clock, or those that belong to none."""
    without = [] if "test_clock" in call.given else [field("test_clock").is_(None)]
    return page(call, "customer", *without, by=("email", "test_clock"))


def _address(call: Call) -> Body | None:
    given = call.get("address")
    return given and {name: given.get(name) for name in ("city", "country", "line1", "line2", "postal_code", "state")}

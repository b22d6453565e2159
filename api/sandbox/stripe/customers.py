"""Customers: whom the platform bills."""

from api.sandbox.stripe import events
from api.sandbox.stripe.endpoints import Call, endpoint
from api.sandbox.stripe.errors import Body
from api.sandbox.stripe.parameters import ADDRESS, CLEARABLE, METADATA, PAGE, RANGE, TEXT
from api.sandbox.stripe.store import delete, fetch, keep, merged, new_id, page, save

DETAILS = {"name": CLEARABLE, "email": CLEARABLE, "description": CLEARABLE, "phone": CLEARABLE, "address": ADDRESS, "metadata": METADATA}


@endpoint("POST", "/v1/customers", DETAILS)
def create_customer(call: Call) -> Body:
    customer_id = new_id("cus")
    body = {
        "id": customer_id,
        "object": "customer",
        **{name: call.get(name) for name in ("name", "email", "description", "phone")},
        "address": _address(call),
        "balance": 0,
        "created": call.now,
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
        "test_clock": None,
    }
    events.record(call, "customer.created", keep(call, body))
    return body


@endpoint("GET", "/v1/customers/{customer}")
def retrieve_customer(call: Call) -> Body:
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


@endpoint("GET", "/v1/customers", {**PAGE, "created": RANGE, "email": TEXT})
def list_customers(call: Call) -> Body:
    return page(call, "customer", by=("email",))


def _address(call: Call) -> Body | None:
    given = call.get("address")
    return given and {name: given.get(name) for name in ("city", "country", "line1", "line2", "postal_code", "state")}

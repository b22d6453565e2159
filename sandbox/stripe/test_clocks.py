"""Test clocks: time for a few customers and what they are billed, frozen until it is moved on; nobody else's time goes with it."""

from sqlalchemy import select

from sandbox.stripe import events
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.money import DAY
from sandbox.stripe.parameters import INTEGER, PAGE, TEXT
from sandbox.stripe.store import delete, fetch, keep, matching, new_id, page, save
from sandbox.stripe.tables import field, objects

KIND, ADDRESS = "test_helpers.test_clock", "/v1/test_helpers/test_clocks"
KEPT = 30 * DAY
FARTHEST = 2 * 366 * DAY


@endpoint("POST", ADDRESS, {"frozen_time": INTEGER.must(), "name": TEXT})
def create_test_clock(call: Call) -> Body:
    body = {
        "id": new_id("clock"),
        "object": KIND,
        "created": call.now,
        "deletes_after": call.now + KEPT,
        "frozen_time": call.given["frozen_time"],
        "livemode": False,
        "name": call.get("name"),
        "status": "ready",
        "status_details": {},
    }
    events.record(call, f"{KIND}.created", keep(call, body))
    return body


@endpoint("GET", f"{ADDRESS}/{{test_clock}}")
def retrieve_test_clock(call: Call) -> Body:
    return fetch(call, KIND, call.path["test_clock"])


@endpoint("GET", ADDRESS, PAGE)
def list_test_clocks(call: Call) -> Body:
    return page(call, KIND, url=ADDRESS)


@endpoint("POST", f"{ADDRESS}/{{test_clock}}/advance", {"frozen_time": INTEGER.must()})
def advance_test_clock(call: Call) -> Body:
    """Begin to move it on; it has arrived once its status is ready again."""
    before, target = fetch(call, KIND, call.path["test_clock"], lock=True), call.given["frozen_time"]
    if before["status"] != "ready":
        raise StripeError("The test clock is advancing; wait until its status is ready.", param="test_clock")
    if target <= before["frozen_time"]:
        raise StripeError("The time must be after the test clock's current frozen time.", param="frozen_time")
    if target > before["frozen_time"] + FARTHEST:
        raise StripeError("Without subscriptions the time cannot be more than two years in the future.", param="frozen_time")
    body = save(call, {**before, "status": "advancing", "status_details": {"advancing": {"target_frozen_time": target}}})
    events.record(call, f"{KIND}.advancing", body, before)
    return body


@endpoint("DELETE", f"{ADDRESS}/{{test_clock}}")
def delete_test_clock(call: Call) -> Body:
    return _deleted(call, fetch(call, KIND, call.path["test_clock"], lock=True))


def settle(call: Call) -> None:
    """Have those that are on their way arrive, and delete those whose time has come."""
    query = select(objects.c.body).where(objects.c.kind == KIND, ~objects.c.deleted)
    on_their_way = query.where(field("status") == "advancing").with_for_update(skip_locked=True)
    for before in call.connection.execute(on_their_way).scalars().all():
        target = before["status_details"]["advancing"]["target_frozen_time"]
        body = save(call, {**before, "frozen_time": target, "status": "ready", "status_details": {}})
        events.record(call, f"{KIND}.ready", body, before)
    over = query.where(objects.c.body["deletes_after"].as_integer() <= call.now).with_for_update(skip_locked=True)
    for body in call.connection.execute(over).scalars().all():
        _deleted(call, body)


def _deleted(call: Call, body: Body) -> Body:
    """The clock is gone, and its customers with it."""
    for customer in matching(call, "customer", test_clock=body["id"], lock=True):
        events.record(call, "customer.deleted", customer)
        delete(call, customer)
    events.record(call, f"{KIND}.deleted", body)
    return delete(call, body)


def keep_time(call: Call, clock_id: str | None) -> None:
    """From here on the call's moment is that of the clock, if there is one."""
    if clock_id:
        call.frozen = fetch(call, KIND, clock_id, param="test_clock", status=400)["frozen_time"]

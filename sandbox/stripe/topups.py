"""Top-ups: money drawn from the platform's bank account into its balance, there some days after it was asked for.

What Stripe publishes: https://docs.stripe.com/api/topups/object (the states) and https://docs.stripe.com/api/topups/list (by which of them
a list can be asked for: `reversed` is not among them).
"""

from sandbox.stripe import balance, events
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.money import AVAILABLE_AFTER, currency_of, positive
from sandbox.stripe.parameters import CLEARABLE, INTEGER, METADATA, PAGE, RANGE, TEXT, one_of
from sandbox.stripe.store import fetch, keep, matching, merged, new_id, page, save

LISTED_BY = ("canceled", "failed", "pending", "succeeded")
TOPUP = {
    "amount": INTEGER.must(),
    "currency": TEXT.must(),
    "description": TEXT,
    "metadata": METADATA,
    "source": TEXT,
    "statement_descriptor": TEXT,
    "transfer_group": TEXT,
}


@endpoint("POST", "/v1/topups", TOPUP)
def create_topup(call: Call) -> Body:
    body = keep(call, _topup(call, currency_of(call.given["currency"]), positive(call.given["amount"])))
    events.record(call, "topup.created", body)
    return body


def _topup(call: Call, currency: str, amount: int) -> Body:
    return {
        "id": new_id("tu"),
        "object": "topup",
        "amount": amount,
        "balance_transaction": None,
        "created": call.now,
        "currency": currency,
        "description": call.get("description"),
        "expected_availability_date": call.now + AVAILABLE_AFTER,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merged({}, call.get("metadata", {})),
        "source": None,
        "statement_descriptor": call.get("statement_descriptor"),
        "status": "pending",
        "transfer_group": call.get("transfer_group"),
    }


def arrive(call: Call) -> None:
    """What the bank has sent by now is on the balance, the oldest first."""
    for topup in matching(call, "topup", status="pending", lock=True):
        if topup["expected_availability_date"] <= call.now:
            booked = balance.move(call, "topup", topup["amount"], topup["currency"], topup["id"])
            arrived = save(call, {**topup, "balance_transaction": booked["id"], "status": "succeeded"})
            events.record(call, "topup.succeeded", arrived, topup)


def take_back(call: Call, topup_id: str) -> Body:
    """The bank takes back what it had sent; the balance may be below zero after that."""
    before = fetch(call, "topup", topup_id, param="topup", lock=True)
    if before["status"] != "succeeded":
        raise StripeError(f"This top-up is {before['status']}: a bank takes back what it has sent.", param="topup")
    balance.move(call, "topup_reversal", -before["amount"], before["currency"], before["id"])
    after = save(call, {**before, "status": "reversed"})
    events.record(call, "topup.reversed", after, before)
    return after


@endpoint("POST", "/v1/topups/{topup}/cancel")
def cancel_topup(call: Call) -> Body:
    before = fetch(call, "topup", call.path["topup"], param="topup", lock=True)
    if before["status"] != "pending":
        raise StripeError(f"This top-up is {before['status']}: only a pending one can be canceled.", param="topup")
    body = save(call, {**before, "expected_availability_date": None, "status": "canceled"})
    events.record(call, "topup.canceled", body, before)
    return body


@endpoint("GET", "/v1/topups/{topup}")
def retrieve_topup(call: Call) -> Body:
    return fetch(call, "topup", call.path["topup"], param="topup")


@endpoint("POST", "/v1/topups/{topup}", {"description": CLEARABLE, "metadata": METADATA})
def update_topup(call: Call) -> Body:
    before = fetch(call, "topup", call.path["topup"], param="topup", lock=True)
    return save(call, {**before, **call.only("description"), "metadata": merged(before["metadata"], call.get("metadata", {}))})


@endpoint("GET", "/v1/topups", {**PAGE, "created": RANGE, "status": one_of(*LISTED_BY)})
def list_topups(call: Call) -> Body:
    return page(call, "topup", by=("status",))

"""Early fraud warnings: a bank says that a payment may be fraud, before its customer disputes it.

After https://docs.stripe.com/api/radar/early_fraud_warnings/object: one is actionable until the payment is disputed or fully refunded.
"""

from sandbox.stripe import events
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.parameters import PAGE, RANGE, TEXT
from sandbox.stripe.store import fetch, keep, matching, new_id, page, save

KIND = "radar.early_fraud_warning"
FRAUD_TYPES = (
    "card_never_received", "fraudulent_card_application", "made_with_counterfeit_card", "made_with_lost_card", "made_with_stolen_card",
    "misc", "unauthorized_use_of_card",
)  # fmt: skip


def warn(call: Call, charge: Body, fraud_type: str = "made_with_stolen_card") -> Body:
    """The bank warns of a payment by card."""
    if charge["payment_method_details"]["type"] != "card":
        raise StripeError("Only of payments by card there are early fraud warnings.")
    is_over = charge["disputed"] or charge["refunded"]
    about = {"charge": charge["id"], "payment_intent": charge["payment_intent"], "created": call.now, "livemode": False}
    body = keep(call, {"id": new_id("issfr"), "object": KIND, **about, "actionable": not is_over, "fraud_type": fraud_type})
    events.record(call, f"{KIND}.created", body)
    return body


def settle(call: Call, charge_id: str) -> None:
    """The payment is disputed or refunded: there is nothing to be done about its warnings any more."""
    for before in matching(call, KIND, charge=charge_id, lock=True):
        if before["actionable"]:
            events.record(call, f"{KIND}.updated", save(call, {**before, "actionable": False}), before)


@endpoint("GET", "/v1/radar/early_fraud_warnings", {**PAGE, "created": RANGE, "charge": TEXT, "payment_intent": TEXT})
def list_early_fraud_warnings(call: Call) -> Body:
    return page(call, KIND, by=("charge", "payment_intent"), url="/v1/radar/early_fraud_warnings")


@endpoint("GET", "/v1/radar/early_fraud_warnings/{early_fraud_warning}")
def retrieve_early_fraud_warning(call: Call) -> Body:
    return fetch(call, KIND, call.path["early_fraud_warning"], param="early_fraud_warning")

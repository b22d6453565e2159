"""Disputes of a payment: what Stripe answers about them, and how evidence is handed in or the dispute accepted.

After https://docs.stripe.com/api/disputes/object, https://docs.stripe.com/disputes/api and, for how large evidence may be,
https://docs.stripe.com/disputes/best-practices; the words that decide one in test mode are those
of https://docs.stripe.com/testing#disputes.
"""

from collections.abc import Mapping

from sandbox.stripe import dispute_life as life
from sandbox.stripe import events
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, InvalidParameter, StripeError
from sandbox.stripe.files import require_evidence
from sandbox.stripe.parameters import CLEARABLE, FLAG, METADATA, PAGE, RANGE, TEXT, Type, shape
from sandbox.stripe.store import fetch, merged, page, save

LONGEST_STATEMENT, LONGEST_OF_ALL = 20_000, 150_000
LARGEST_OF_ALL = 4_500_000
SHORT = ("billing_address", "customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_id", "service_date")
SHIPPED = ("shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number")
STATEMENTS = (
    "access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal", "duplicate_charge_explanation",
    "product_description", "refund_policy_disclosure", "refund_refusal_explanation", "uncategorized_text",
)  # fmt: skip
FILES = (
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt", "refund_policy",
    "service_documentation", "shipping_documentation", "uncategorized_file",
)  # fmt: skip


def _statement(value: object, path: str) -> str | None:
    if not isinstance(value, str) or len(value) > LONGEST_STATEMENT or "\0" in value:
        raise InvalidParameter(f"Invalid string: at most {LONGEST_STATEMENT} characters, none of them NUL.", param=path)
    return value or None


EVIDENCE: Mapping[str, Type] = {**dict.fromkeys((*SHORT, *SHIPPED, *FILES), CLEARABLE), **dict.fromkeys(STATEMENTS, Type(_statement))}


@endpoint("GET", "/v1/disputes", {**PAGE, "created": RANGE, "charge": TEXT, "payment_intent": TEXT})
def list_disputes(call: Call) -> Body:
    return page(call, "dispute", by=("charge", "payment_intent"))


@endpoint("GET", "/v1/disputes/{dispute}")
def retrieve_dispute(call: Call) -> Body:
    return fetch(call, "dispute", call.path["dispute"], param="dispute")


@endpoint("POST", "/v1/disputes/{dispute}", {"evidence": shape(**EVIDENCE), "metadata": METADATA, "submit": FLAG})
def update_dispute(call: Call) -> Body:
    """Stage evidence, or hand it in, which can be done once; its files were sent before, and are named by their ids."""
    before = _open(call)
    evidence = {**before["evidence"], **call.get("evidence", {})}
    _require_room(call, evidence)
    given = bool(call.get("evidence"))
    details = {**before["evidence_details"], "has_evidence": before["evidence_details"]["has_evidence"] or given}
    changed = {"evidence": evidence, "evidence_details": details, "metadata": merged(before["metadata"], call.get("metadata", {}))}
    staged = {**before, **changed}
    if call.get("submit", given) and details["has_evidence"]:
        return _hand_in(call, before, staged)
    events.record(call, "charge.dispute.updated", body := save(call, staged), before)
    return body


def _open(call: Call) -> Body:
    body = fetch(call, "dispute", call.path["dispute"], param="dispute", lock=True)
    if body["status"] in life.CLOSED:
        raise StripeError("This dispute is already closed")
    return body


def _require_room(call: Call, evidence: Body) -> None:
    if sum(len(words) for name, words in evidence.items() if isinstance(words, str) and name not in FILES) > LONGEST_OF_ALL:
        raise StripeError(f"The combined character count of all evidence is limited to {LONGEST_OF_ALL}.", param="evidence")
    files = [require_evidence(call, evidence[name], f"evidence[{name}]") for name in FILES if evidence.get(name)]
    if sum(file["size"] for file in files) > LARGEST_OF_ALL:
        raise StripeError(f"The combined size of all files of the evidence is limited to {LARGEST_OF_ALL} bytes.", param="evidence")


def _hand_in(call: Call, before: Body, staged: Body) -> Body:
    """To the bank it goes; in test mode, what it says decides at once."""
    if before["status"] not in life.UNDER_REVIEW:
        raise StripeError("Evidence has been submitted for this dispute already.", param="evidence")
    details = staged["evidence_details"]
    details = {**details, "submission_count": details["submission_count"] + 1, "past_due": call.now > details["due_by"]}
    body = save(call, {**staged, "evidence_details": details, "status": life.UNDER_REVIEW[before["status"]]})
    events.record(call, "charge.dispute.updated", body, before)
    decide = life.BY_WORDS.get((body["evidence"]["uncategorized_text"] or "").strip())
    return decide(call, body) if decide else body


@endpoint("POST", "/v1/disputes/{dispute}/close")
def close_dispute(call: Call) -> Body:
    """Accept the dispute: it is lost, and stays so."""
    return life.lose(call, _open(call))

"""A dispute's life: opened by the customer's bank, escalated, and decided, with what each moves on the balance.

After https://docs.stripe.com/disputes/how-disputes-work: an inquiry moves nothing; a chargeback takes the amount and a fee at once, which
is one balance transaction (https://support.stripe.com/questions/dispute-fees-faq); won, the amount comes back and the fee for having
received the dispute does not (https://support.stripe.com/topics/disputes). Categories: https://docs.stripe.com/reports/reporting-categories.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.stripe import balance, events, fraud_warnings
from sandbox.stripe.conversions import converted, rate
from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.money import DAY
from sandbox.stripe.store import fetch, keep, matching, new_id, save

CLOSED = ("won", "lost", "warning_closed")
UNDER_REVIEW: Mapping[str, str] = {"needs_response": "under_review", "warning_needs_response": "warning_under_review"}
INQUIRIES = ("warning_needs_response", "warning_under_review")
FEE = 1_500
ANSWERED_WITHIN = 8 * DAY
INQUIRY_ENDS_AFTER = 120 * DAY
# Visa's codes of the reasons (https://docs.stripe.com/disputes/categories).
CODES = {"fraudulent": "10.4", "product_not_received": "13.1", "duplicate": "12.6.1", "product_unacceptable": "13.3", "general": "13.7"}
REASONS = tuple(CODES)
EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
    "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
    "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file",
    "uncategorized_text",
)  # fmt: skip


def open_dispute(call: Call, charge: Body, reason: str, *, is_inquiry: bool = False) -> Body:
    """The customer's bank questions a payment; the simulator has disputes of payments by card alone."""
    if charge["payment_method_details"]["type"] != "card":
        raise StripeError("The simulator disputes payments by card only.")
    if charge["disputed"]:
        raise StripeError("This payment is disputed already.")
    charge = save(call, {**charge, "disputed": True})
    body = keep(call, _dispute(call, charge, reason, "warning_needs_response" if is_inquiry else "needs_response"))
    events.record(call, "charge.dispute.created", body)
    fraud_warnings.settle(call, charge["id"])
    return body if is_inquiry else _withdraw(call, body)


def _dispute(call: Call, charge: Body, reason: str, status: str) -> Body:
    is_inquiry = status in INQUIRIES
    card = {"brand": charge["payment_method_details"]["card"]["brand"], "case_type": "inquiry" if is_inquiry else "chargeback"}
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": _end_of_day(call.now + ANSWERED_WITHIN), "enhanced_eligibility": {},
            "has_evidence": False, "past_due": False, "submission_count": 0,
        },
        "is_charge_refundable": is_inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": {**card, "network_reason_code": CODES[reason]}, "type": "card"},
        "reason": reason,
        "status": status,
    }  # fmt: skip


def _end_of_day(moment: int) -> int:
    return (moment // DAY + 1) * DAY - 1


def _withdraw(call: Call, dispute: Body) -> Body:
    booked = _move(
        call, dispute, -1, fee=FEE, charged_for="Dispute fee", category="dispute",
        description=f"Chargeback withdrawal for {dispute['charge']}",
    )  # fmt: skip
    body = save(call, {**dispute, "balance_transactions": [*dispute["balance_transactions"], booked], "is_charge_refundable": False})
    events.record(call, "charge.dispute.funds_withdrawn", body)
    return body


def _move(call: Call, dispute: Body, sign: int, **how: Any) -> Body:
    """Take it from the balance to which the charge went, or put it back there, at the rate of the day."""
    charge = fetch(call, "charge", dispute["charge"])
    currency = str(fetch(call, "balance_transaction", charge["balance_transaction"])["currency"])
    by = rate(call, dispute["currency"], currency)
    return balance.move(call, "adjustment", sign * converted(dispute["amount"], by), currency, dispute["id"], exchange_rate=by, **how)


def escalate(call: Call, dispute: Body) -> Body:
    """The bank makes a chargeback of its inquiry: it takes the money, and there is a new day by which to answer."""
    if dispute["status"] not in INQUIRIES:
        raise StripeError("Only an inquiry can be escalated.")
    details = {**dispute["evidence_details"], "due_by": _end_of_day(call.now + ANSWERED_WITHIN)}
    card = {**dispute["payment_method_details"]["card"], "case_type": "chargeback"}
    how = {"evidence_details": details, "payment_method_details": {**dispute["payment_method_details"], "card": card}}
    body = save(call, {**dispute, **how, "status": "needs_response"})
    events.record(call, "charge.dispute.updated", body, dispute)
    return _withdraw(call, body)


def win(call: Call, dispute: Body) -> Body:
    """The bank decides for us: what it took comes back, without the fee."""
    _require_undecided(dispute)
    if dispute["status"] in INQUIRIES:
        return _close(call, dispute, "warning_closed")
    booked = _move(call, dispute, 1, category="dispute_reversal", description=f"Chargeback reversal for {dispute['charge']}")
    back = {"balance_transactions": [*dispute["balance_transactions"], booked], "is_charge_refundable": True}
    body = save(call, {**dispute, **back, "status": "won"})
    events.record(call, "charge.dispute.funds_reinstated", body)
    return _close(call, body, "won")


def lose(call: Call, dispute: Body) -> Body:
    """The bank decides for its customer, or we accept what they say: what it took stays with them."""
    _require_undecided(dispute)
    return _close(call, dispute, "lost")


def _require_undecided(dispute: Body) -> None:
    if dispute["status"] in CLOSED:
        raise StripeError("This dispute is already closed")


def _close(call: Call, dispute: Body, status: str) -> Body:
    body = save(call, {**dispute, "status": status})
    events.record(call, "charge.dispute.closed", body, dispute)
    return body


BY_WORDS: Mapping[str, Callable[[Call, Body], Body]] = {
    "winning_evidence": win,
    "losing_evidence": lose,
    "escalate_inquiry_evidence": escalate,
}


def end_unanswered(call: Call) -> None:
    """What nobody answered in time is lost; an inquiry that the bank does not escalate is closed after 120 days."""
    for dispute in matching(call, "dispute", status="needs_response"):
        if dispute["evidence_details"]["due_by"] < call.now:
            lose(call, fetch(call, "dispute", dispute["id"], lock=True))
    for status in INQUIRIES:
        for inquiry in matching(call, "dispute", status=status):
            if inquiry["created"] + INQUIRY_ENDS_AFTER < call.now:
                _close(call, fetch(call, "dispute", inquiry["id"], lock=True), "warning_closed")

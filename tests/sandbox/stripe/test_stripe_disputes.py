"""Disputes and early fraud warnings, as Stripe publishes them.

https://docs.stripe.com/api/disputes/object, https://docs.stripe.com/disputes/how-disputes-work, https://docs.stripe.com/testing#disputes.
"""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import stripe

from tests.sandbox.stripe.stage import Simulator

AMOUNT = 90_000


def disputed(simulator: Simulator, card: str = "pm_card_createDispute") -> stripe.Dispute:
    """A payment that its customer's bank questions at once."""
    asked: Any = {"amount": AMOUNT, "currency": "usd", "payment_method": card, "confirm": True}
    intent = simulator.client.v1.payment_intents.create(asked)
    return simulator.client.v1.disputes.list({"payment_intent": intent.id}).data[0]


def say(simulator: Simulator, dispute: stripe.Dispute, words: str, **more: Any) -> stripe.Dispute:
    change: Any = {"evidence": {"uncategorized_text": words}, **more}
    return simulator.client.v1.disputes.update(dispute.id, change)


def moved(dispute: stripe.Dispute) -> list[tuple[str, str, int, int, int]]:
    return [(each.type, each.reporting_category, each.amount, each.fee, each.net) for each in dispute.balance_transactions]


def refusal(simulator: Simulator, charge: str) -> tuple[int, str | None]:
    said = simulator.raw("POST", "/v1/refunds", {"charge": charge})
    return said.status_code, said.json().get("error", {}).get("code")


WITHDRAWN = ("adjustment", "dispute", -AMOUNT, 1_500, -AMOUNT - 1_500)
REINSTATED = ("adjustment", "dispute_reversal", AMOUNT, 0, AMOUNT)


def test_a_chargeback_takes_the_amount_and_a_fee_at_once_in_one_movement(simulator: Simulator) -> None:
    dispute = disputed(simulator)
    assert (dispute.status, dispute.reason, dispute.amount, dispute.is_charge_refundable) == ("needs_response", "fraudulent", AMOUNT, False)
    assert moved(dispute) == [WITHDRAWN]
    assert [each["description"] for each in dispute.balance_transactions[0].fee_details] == ["Dispute fee"]
    assert simulator.client.v1.charges.retrieve(str(dispute.charge)).disputed
    assert [name for name in simulator.happened() if name.startswith("charge.")] == [
        "charge.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn",
    ]  # fmt: skip


def test_an_inquiry_takes_nothing_and_its_payment_may_be_refunded(simulator: Simulator) -> None:
    dispute = disputed(simulator, "pm_card_createDisputeInquiry")
    assert (dispute.status, dispute.is_charge_refundable, moved(dispute)) == ("warning_needs_response", True, [])
    assert refusal(simulator, str(dispute.charge)) == (200, None)


def test_an_inquiry_that_becomes_a_chargeback_takes_the_money_then(simulator: Simulator) -> None:
    dispute = say(simulator, disputed(simulator, "pm_card_createDisputeInquiry"), "escalate_inquiry_evidence")
    assert (dispute.status, dispute.is_charge_refundable, moved(dispute)) == ("needs_response", False, [WITHDRAWN])


def test_a_charge_that_is_disputed_or_lost_is_not_refunded_and_one_that_was_won_is(simulator: Simulator) -> None:
    won, lost = disputed(simulator), disputed(simulator)
    assert refusal(simulator, str(won.charge)) == (400, "charge_disputed")
    simulator.client.v1.disputes.close(lost.id)
    assert refusal(simulator, str(lost.charge)) == (400, "charge_disputed")
    say(simulator, won, "winning_evidence")
    assert refusal(simulator, str(won.charge)) == (200, None)


def test_winning_evidence_brings_the_amount_back_and_not_the_fee(simulator: Simulator) -> None:
    dispute = say(simulator, disputed(simulator), "winning_evidence")
    assert (dispute.status, dispute.evidence_details.submission_count, moved(dispute)) == ("won", 1, [WITHDRAWN, REINSTATED])
    assert simulator.happened()[-3:] == ["charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"]


def test_losing_evidence_and_accepting_bring_nothing_back(simulator: Simulator) -> None:
    dispute = say(simulator, disputed(simulator), "losing_evidence")
    assert (dispute.status, moved(dispute)) == ("lost", [WITHDRAWN])
    accepted = simulator.client.v1.disputes.close(disputed(simulator).id)
    assert (accepted.status, moved(accepted)) == ("lost", [WITHDRAWN])


def test_evidence_is_staged_first_handed_in_once_and_then_with_the_bank(simulator: Simulator) -> None:
    staged = say(simulator, disputed(simulator), "It was delivered.", submit=False)
    details = staged.evidence_details
    assert (staged.status, details.has_evidence, details.submission_count) == ("needs_response", True, 0)
    handed_in = simulator.client.v1.disputes.update(staged.id, {"submit": True})
    assert (handed_in.status, handed_in.evidence_details.submission_count) == ("under_review", 1)
    with pytest.raises(stripe.InvalidRequestError):
        say(simulator, handed_in, "One thing more.")


@pytest.mark.parametrize("words", ["winning_evidence", "losing_evidence"])
def test_a_closed_dispute_takes_no_evidence_and_is_not_accepted(simulator: Simulator, words: str) -> None:
    dispute = say(simulator, disputed(simulator), words)
    for path in (f"/v1/disputes/{dispute.id}", f"/v1/disputes/{dispute.id}/close"):
        refused = simulator.raw("POST", path, {"evidence[customer_name]": "Zappos"} if path.endswith(dispute.id) else {})
        assert (refused.status_code, refused.json()["error"]["message"]) == (400, "This dispute is already closed")


def test_what_nobody_answers_in_time_is_lost_and_an_inquiry_is_closed_after_120_days(simulator: Simulator) -> None:
    chargeback, inquiry = disputed(simulator), disputed(simulator, "pm_card_createDisputeInquiry")
    simulator.pass_time(timedelta(days=10))
    simulator.settle()
    standing = [simulator.client.v1.disputes.retrieve(each.id).status for each in (chargeback, inquiry)]
    assert standing == ["lost", "warning_needs_response"]
    simulator.pass_time(timedelta(days=111))
    simulator.settle()
    assert simulator.client.v1.disputes.retrieve(inquiry.id).status == "warning_closed"


def test_all_evidence_together_has_at_most_150_000_characters(simulator: Simulator) -> None:
    dispute, long = disputed(simulator), "x" * 20_000
    names = (
        "access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal", "duplicate_charge_explanation",
        "product_description", "refund_policy_disclosure", "refund_refusal_explanation", "uncategorized_text",
    )  # fmt: skip
    refused = simulator.raw("POST", f"/v1/disputes/{dispute.id}", {f"evidence[{name}]": long for name in names})
    assert refused.status_code == 400
    assert "150000" in refused.json()["error"]["message"]


def test_a_warning_can_be_acted_on_until_the_payment_is_disputed_or_refunded(simulator: Simulator) -> None:
    warnings = simulator.client.v1.radar.early_fraud_warnings
    charges = [str(simulator.fund(AMOUNT).latest_charge) for _each in range(2)]
    for charge in charges:
        simulator.at_the_bank(charge, "warning")
    assert [each.actionable for each in warnings.list().data] == [True, True]
    simulator.at_the_bank(charges[0], "chargeback")
    simulator.client.v1.refunds.create({"charge": charges[1]})
    assert [each.actionable for each in warnings.list().data] == [False, False]
    assert simulator.happened().count("radar.early_fraud_warning.updated") == 2


def test_a_person_can_play_the_bank_on_a_page(simulator: Simulator) -> None:
    charge = str(simulator.fund(AMOUNT).latest_charge)
    simulator.at_the_bank(charge, "inquiry")
    [dispute] = simulator.client.v1.disputes.list().data
    simulator.at_the_bank(dispute.id, "escalate")
    simulator.at_the_bank(dispute.id, "win")
    page = httpx.get(f"{simulator.url}/sandbox/payments").text
    assert "Disputed (fraudulent): won" in page
    refused = httpx.post(f"{simulator.url}/sandbox/disputes/{dispute.id}", data={"deed": "lose"})
    assert (refused.status_code, "already closed" in refused.text) == (400, True)

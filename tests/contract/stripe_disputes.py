"""Files for evidence, disputes, what these move and how they end, and early fraud warnings."""

import base64
from typing import Any

from sandbox.stripe.fraud_warnings import FRAUD_TYPES
from tests.contract.cases import stripe
from tests.contract.lines import BY_CARD, StripeLine

FILES, PURPOSE = "/v1/files", "dispute_evidence"
AMOUNT, WARNINGS = 5_000, "/v1/radar/early_fraud_warnings"
# One pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)  # fmt: skip


def paid(line: StripeLine, method: str) -> dict[str, Any]:
    return line.ok("POST", "/v1/payment_intents", {"amount": AMOUNT, "currency": "usd", "payment_method": method, **BY_CARD})


def dispute(line: StripeLine, method: str = "pm_card_createDispute") -> dict[str, Any]:
    """The dispute of a payment that its customer's bank questions at once."""
    intent = paid(line, method)["id"]
    listed = line.until(lambda: line.ok("GET", "/v1/disputes", {"payment_intent": intent})["data"])
    return dict(listed[0])


def until_it_is(line: StripeLine, dispute_id: str, status: str, movements: int) -> dict[str, Any]:
    """The dispute once it has this status, and has moved money this often."""

    def found() -> dict[str, Any] | None:
        now = line.ok("GET", f"/v1/disputes/{dispute_id}")
        return now if (now["status"], len(now["balance_transactions"])) == (status, movements) else None

    return dict(line.until(found))


@stripe("api/files/create")
def a_file_for_evidence_is_taken_and_found(line: StripeLine) -> None:
    """A picture, a PDF or a JPEG is taken as evidence in a form in parts, and found by its id."""
    made = line.ok("POST", FILES, {"purpose": PURPOSE, "file": PICTURE})
    assert (made["object"], made["purpose"], made["size"], made["type"]) == ("file", PURPOSE, len(PICTURE), "png")
    assert line.ok("GET", f"{FILES}/{made['id']}")["id"] == made["id"]


@stripe("file-upload#uploading-a-file")
def a_file_of_another_kind_is_no_evidence(line: StripeLine) -> None:
    """What is neither PDF, JPEG nor PNG by its bytes is not taken as evidence, nor is a file for a purpose that there is not."""
    assert line.refused("POST", FILES, {"purpose": PURPOSE, "file": b"Dear bank, it was delivered."})[0] == 400
    assert line.refused("POST", FILES, {"purpose": "holiday", "file": PICTURE})[0] == 400
    assert line.refused("POST", FILES, {"purpose": PURPOSE})[0] == 400


@stripe("api/disputes/update")
def a_dispute_has_the_files_that_its_evidence_names(line: StripeLine) -> None:
    """Evidence names files by their ids, the dispute has these, and a file that is not there is refused by the field."""
    asked, file = dispute(line)["id"], line.ok("POST", FILES, {"purpose": PURPOSE, "file": PICTURE})["id"]
    staged = line.ok("POST", f"/v1/disputes/{asked}", {"evidence": {"receipt": file}, "submit": False})
    assert (staged["evidence"]["receipt"], staged["status"]) == (file, "needs_response")
    status, error = line.refused("POST", f"/v1/disputes/{asked}", {"evidence": {"receipt": "file_nobody"}, "submit": False})
    assert (status, error["type"]) == (400, "invalid_request_error")


@stripe("disputes/how-disputes-work")
def a_chargeback_takes_the_amount_and_a_fee(line: StripeLine) -> None:
    """A chargeback takes the amount and a fee from the balance at once, as one adjustment."""
    (taken,) = until_it_is(line, dispute(line)["id"], "needs_response", 1)["balance_transactions"]
    assert (taken["type"], taken["reporting_category"], taken["amount"]) == ("adjustment", "dispute", -AMOUNT)
    assert taken["fee"] > 0
    assert taken["net"] == -AMOUNT - taken["fee"]


@stripe("error-codes#charge-disputed")
def a_payment_that_was_charged_back_is_not_refunded(line: StripeLine) -> None:
    """A payment that was charged back cannot be refunded as well: charge_disputed."""
    asked = until_it_is(line, dispute(line)["id"], "needs_response", 1)
    status, error = line.refused("POST", "/v1/refunds", {"charge": asked["charge"]})
    assert (asked["is_charge_refundable"], status, error["code"]) == (False, 400, "charge_disputed")


@stripe("testing#disputes")
def a_dispute_that_is_won_brings_the_amount_back(line: StripeLine) -> None:
    """A dispute that winning_evidence is submitted for is won: the amount is credited again, and nothing more can be submitted."""
    asked = dispute(line)["id"]
    evidence = {"evidence": {"uncategorized_text": "winning_evidence"}}
    line.ok("POST", f"/v1/disputes/{asked}", evidence)
    won = until_it_is(line, asked, "won", 2)
    assert sorted(each["amount"] for each in won["balance_transactions"]) == [-AMOUNT, AMOUNT]
    assert won["evidence_details"]["submission_count"] == 1
    assert line.refused("POST", f"/v1/disputes/{asked}", evidence)[0] == 400


@stripe("testing#disputes")
def a_dispute_that_is_lost_brings_nothing_back(line: StripeLine) -> None:
    """A dispute that losing_evidence is submitted for is lost, and nothing is credited again."""
    asked = dispute(line)["id"]
    line.ok("POST", f"/v1/disputes/{asked}", {"evidence": {"uncategorized_text": "losing_evidence"}})
    lost = until_it_is(line, asked, "lost", 1)
    assert [each["amount"] for each in lost["balance_transactions"]] == [-AMOUNT]


@stripe("api/disputes/close")
def a_dispute_that_is_accepted_is_lost_for_good(line: StripeLine) -> None:
    """A dispute that we close is lost, and takes no evidence any more."""
    asked = dispute(line)["id"]
    assert line.ok("POST", f"/v1/disputes/{asked}/close")["status"] == "lost"
    assert line.refused("POST", f"/v1/disputes/{asked}", {"evidence": {"uncategorized_text": "Too late"}})[0] == 400


@stripe("testing#disputes")
def an_inquiry_takes_nothing_until_it_is_escalated(line: StripeLine) -> None:
    """An inquiry takes nothing and leaves its payment refundable; once it is escalated it is a chargeback, which has taken the amount."""
    asked = dispute(line, "pm_card_createDisputeInquiry")
    assert (asked["status"], asked["balance_transactions"], asked["is_charge_refundable"]) == ("warning_needs_response", [], True)
    line.ok("POST", f"/v1/disputes/{asked['id']}", {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}})
    escalated = until_it_is(line, asked["id"], "needs_response", 1)
    assert [each["amount"] for each in escalated["balance_transactions"]] == [-AMOUNT]


@stripe("api/early_fraud_warnings/object")
def a_warning_of_fraud_is_actionable_until_the_payment_is_refunded(line: StripeLine) -> None:
    """An early fraud warning names its payment and the type of fraud, and is actionable until the payment has been fully refunded."""
    line.funded(20_000)
    intent = paid(line, "pm_card_createIssuerFraudRecord")
    (warning,) = line.until(lambda: line.ok("GET", WARNINGS, {"payment_intent": intent["id"]})["data"])
    assert (warning["charge"], warning["fraud_type"] in FRAUD_TYPES, warning["actionable"]) == (intent["latest_charge"], True, True)
    line.ok("POST", "/v1/refunds", {"payment_intent": intent["id"]})
    assert line.until(lambda: line.ok("GET", f"{WARNINGS}/{warning['id']}")["actionable"] is False)

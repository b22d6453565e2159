"""Files for evidence, and the disputes that name them."""

import base64

from tests.contract.cases import stripe
from tests.contract.lines import BY_CARD, StripeLine

FILES, PURPOSE = "/v1/files", "dispute_evidence"
# One pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)  # fmt: skip


def dispute(line: StripeLine) -> str:
    """A payment that its customer's bank questions at once."""
    asked = {"amount": 5_000, "currency": "usd", "payment_method": "pm_card_createDispute", **BY_CARD}
    intent = line.ok("POST", "/v1/payment_intents", asked)["id"]
    listed = line.until(lambda: line.ok("GET", "/v1/disputes", {"payment_intent": intent})["data"])
    return str(listed[0]["id"])


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
    asked, file = dispute(line), line.ok("POST", FILES, {"purpose": PURPOSE, "file": PICTURE})["id"]
    staged = line.ok("POST", f"/v1/disputes/{asked}", {"evidence": {"receipt": file}, "submit": False})
    assert (staged["evidence"]["receipt"], staged["status"]) == (file, "needs_response")
    status, error = line.refused("POST", f"/v1/disputes/{asked}", {"evidence": {"receipt": "file_nobody"}, "submit": False})
    assert (status, error["type"]) == (400, "invalid_request_error")

"""Files at the simulator: what it takes for which purpose, and which of them are evidence of a dispute.

After https://docs.stripe.com/api/files/create, https://docs.stripe.com/file-upload and https://docs.stripe.com/api/disputes/update.
"""

from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
import stripe

from campaigns.core.settings import settings
from tests.sandbox.stripe.stage import Simulator, paper
from tests.sandbox.stripe.test_stripe_disputes import disputed

MB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


def sent(simulator: Simulator, file: Any, purpose: str = "dispute_evidence", key: str | None = None) -> stripe.File:
    options: Any = {"idempotency_key": key} if key else {}
    asked: Any = {"purpose": purpose, "file": file}
    return simulator.client.v1.files.create(asked, options)


def posted(simulator: Simulator, **how: Any) -> tuple[int, str, str]:
    """Status, message and parameter of a refusal."""
    key = {"Authorization": f"Bearer {settings().stripe_key}"}
    said = httpx.post(f"{simulator.url}/v1/files", headers=key, timeout=20, **how)
    error = said.json()["error"]
    return said.status_code, error["message"], error.get("param", "")


def test_a_file_for_evidence_is_taken_and_kept_for_nine_months(simulator: Simulator) -> None:
    file = sent(simulator, paper(2_000))
    assert (file.object, file.purpose, file.filename, file.type, file.size) == ("file", "dispute_evidence", "signed.pdf", "pdf", 2_000)
    assert file.expires_at is not None
    assert timedelta(seconds=file.expires_at - file.created) == timedelta(days=270)
    assert simulator.client.v1.files.retrieve(file.id).size == 2_000
    assert [each.id for each in simulator.client.v1.files.list({"purpose": "dispute_evidence"}).data] == [file.id]
    assert simulator.happened() == ["file.created"]


def test_the_same_file_under_the_same_key_is_one_and_another_is_refused(simulator: Simulator) -> None:
    first, again = (sent(simulator, paper(2_000), key="one") for _twice in range(2))
    assert first.id == again.id
    with pytest.raises(stripe.IdempotencyError):
        sent(simulator, paper(2_001), key="one")
    assert len(simulator.client.v1.files.list().data) == 1


@pytest.mark.parametrize(
    ("how", "param"),
    [
        ({"data": {"purpose": "dispute_evidence"}}, "file"),
        ({"data": {"purpose": "dispute_evidence", "file": "%PDF-1.7"}}, "file"),
        ({"files": {"file": ("a.pdf", b"%PDF-1.7\n")}}, "purpose"),
        ({"files": {"file": ("a.pdf", b"%PDF-1.7\n")}, "data": {"purpose": "holiday"}}, "purpose"),
        ({"files": {"file": ("a.pdf", b"<html>")}, "data": {"purpose": "dispute_evidence"}}, "file"),
        ({"files": {"file": ("a.gif", b"GIF89a" + bytes(20))}, "data": {"purpose": "dispute_evidence"}}, "file"),
        ({"files": {"file": ("a.pdf", b"")}, "data": {"purpose": "dispute_evidence"}}, "file"),
        ({"files": {"file": ("a.pdf", b"%PDF-1.7\n".ljust(5 * MB + 1))}, "data": {"purpose": "dispute_evidence"}}, "file"),
        ({"files": {"file": ("a.pdf", b"%PDF-1.7\n")}, "data": {"purpose": "dispute_evidence", "title": "x"}}, "title"),
    ],
)
def test_a_file_that_stripe_does_not_take_is_refused_and_kept_nowhere(simulator: Simulator, how: dict[str, Any], param: str) -> None:
    status, _message, named = posted(simulator, **how)
    assert (status, named) == (400, param)
    assert simulator.client.v1.files.list().data == []


def test_a_form_whose_parts_cannot_be_read_is_refused(simulator: Simulator) -> None:
    kind = {"Authorization": f"Bearer {settings().stripe_key}", "Content-Type": "multipart/form-data; boundary=x"}
    said = httpx.post(f"{simulator.url}/v1/files", headers=kind, content=b"nothing of the kind")
    assert said.status_code == 400


def test_evidence_names_files_by_their_ids_and_the_dispute_has_them(simulator: Simulator) -> None:
    dispute, file = disputed(simulator), sent(simulator, BytesIO(PNG))
    staged = simulator.client.v1.disputes.update(dispute.id, {"evidence": {"receipt": file.id}, "submit": False})
    assert (staged.evidence.receipt, staged.evidence.refund_policy, staged.evidence_details.has_evidence) == (file.id, None, True)
    taken_away = simulator.client.v1.disputes.update(dispute.id, {"evidence": {"receipt": ""}, "submit": False})
    assert taken_away.evidence.receipt is None


def test_evidence_of_a_file_that_is_unknown_expired_or_for_something_else_is_refused(simulator: Simulator) -> None:
    logo, old = sent(simulator, BytesIO(PNG), "business_logo"), sent(simulator, paper())
    simulator.pass_time(timedelta(days=271))
    dispute = disputed(simulator)
    for file_id in ("file_nobody", logo.id, old.id):
        refused = simulator.raw("POST", f"/v1/disputes/{dispute.id}", {"evidence[receipt]": file_id})
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, "evidence[receipt]"), file_id
    assert simulator.client.v1.disputes.retrieve(dispute.id).evidence_details.submission_count == 0


def test_all_files_of_the_evidence_together_have_at_most_four_and_a_half_megabytes(simulator: Simulator) -> None:
    dispute = disputed(simulator)
    ids = [sent(simulator, paper(size)).id for size in (2_500_000, 2_000_001)]
    refused = simulator.raw("POST", f"/v1/disputes/{dispute.id}", {"evidence[receipt]": ids[0], "evidence[refund_policy]": ids[1]})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "evidence")

"""Files for a purpose: what Stripe takes for each, and the object that it answers.

After https://docs.stripe.com/api/files/create and https://docs.stripe.com/file-upload: a form in parts, the kinds, sizes and lives of each
purpose. Stripe has them at files.stripe.com; the simulator has one address for all. Its sentences are its own: the reference lists none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import filetype

from sandbox.stripe import events
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, InvalidParameter, StripeError, missing
from sandbox.stripe.money import DAY
from sandbox.stripe.parameters import PAGE, RANGE, Type, one_of
from sandbox.stripe.store import fetch, keep, listed, new_id, page
from sandbox.stripe.wire import File

KB = 1024
MB = KB * KB
EVIDENCE = "dispute_evidence"
MONTH = 30 * DAY
PAPERS, PICTURES = ("pdf", "jpg", "png"), ("jpg", "png")


@dataclass(frozen=True)
class FilePurpose:
    """Of which kinds a file for it is, how large at most, and for how long it is kept; for ever without a life."""

    types: tuple[str, ...]
    most: int
    life: int | None = None


PURPOSES: Mapping[str, FilePurpose] = {
    "account_requirement": FilePurpose(PAPERS, 16 * MB),
    "additional_verification": FilePurpose(PAPERS, 16 * MB),
    "business_icon": FilePurpose((*PICTURES, "gif"), 512 * KB),
    "business_logo": FilePurpose((*PICTURES, "gif"), 512 * KB),
    EVIDENCE: FilePurpose(PAPERS, 5 * MB, 9 * MONTH),
    "identity_document": FilePurpose(PAPERS, 16 * MB),
    "pci_document": FilePurpose(("pdf",), 16 * MB),
}


def _file(value: object, path: str) -> File:
    if not isinstance(value, File):
        raise InvalidParameter("Invalid file: send it as a part of a multipart/form-data request.", param=path)
    return value


@endpoint("POST", "/v1/files", {"file": Type(_file).must(), "purpose": one_of(*PURPOSES).must()})
def create_file(call: Call) -> Body:
    """Take a file that its purpose allows, by its bytes and not by its name."""
    sent: File = call.given["file"]
    purpose = PURPOSES[call.given["purpose"]]
    found = filetype.guess(sent.content)
    if found is None or found.extension not in purpose.types:
        raise StripeError(f"Files for {call.given['purpose']} are of the types {', '.join(purpose.types)}.", param="file")
    if len(sent.content) > purpose.most:
        raise StripeError(f"Files for {call.given['purpose']} have at most {purpose.most} bytes.", param="file")
    body = keep(call, _body(call, sent, str(found.extension), purpose))
    events.record(call, "file.created", body)
    return body


def _body(call: Call, sent: File, kind: str, purpose: FilePurpose) -> Body:
    file_id = new_id("file")
    return {
        "id": file_id,
        "object": "file",
        "created": call.now,
        "expires_at": call.now + purpose.life if purpose.life else None,
        "filename": sent.name,
        "links": listed([], f"/v1/file_links?file={file_id}"),
        "purpose": call.given["purpose"],
        "size": len(sent.content),
        "title": None,
        "type": kind,
        "url": f"{call.base_url}/v1/files/{file_id}/contents",
    }


@endpoint("GET", "/v1/files", {**PAGE, "created": RANGE, "purpose": one_of(*PURPOSES)})
def list_files(call: Call) -> Body:
    return page(call, "file", by=("purpose",))


@endpoint("GET", "/v1/files/{file}")
def retrieve_file(call: Call) -> Body:
    return fetch(call, "file", call.path["file"], param="file")


def require_evidence(call: Call, file_id: str, param: str) -> Body:
    """The file that a parameter names as evidence; one that is not there, has expired or is for something else is a 400."""
    try:
        found = fetch(call, "file", file_id)
    except StripeError:
        raise missing("file upload", file_id, param, 400) from None
    if found["expires_at"] is not None and found["expires_at"] < call.now:
        raise missing("file upload", file_id, param, 400)
    if found["purpose"] != EVIDENCE:
        raise StripeError(f"The file {file_id} is for {found['purpose']}, and evidence is a file for {EVIDENCE}.", param=param)
    return found

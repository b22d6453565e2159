"""Where one goes from what an operation made: OpenAPI links, found by what the answer names and what the paths ask for."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# What stands in the answer of each creating operation, and as what the paths of other operations ask for it.
MADE: Mapping[str, Mapping[str, str]] = {
    "sign_in_create_token": {"token_id": "id"},  # nosec B105 - the name of a field
    "people_appoint": {"appointment_id": "id"},
    "people_invite_for_campaign": {"role_id": "id"},
    "people_create_brand": {"brand_id": "id"},
    "people_invite_for_brand": {"brand_role_id": "id"},
    "people_ask_administrator": {"request_id": "id"},
    "brief_create_campaign": {"campaign_id": "id"},
    "brief_add_deliverable": {"deliverable_id": "id"},
    "brief_ask_invoice": {"invoice_id": "id"},
    "brief_record_receipt": {"receipt_id": "id"},
    "open_call_ask": {"question_id": "id"},
    "open_call_contribute": {"contribution_id": "id"},
    "collaboration_send_remix": {"contribution_id": "id"},
    "collaboration_claim": {"contribution_id": "contribution_id", "source_id": "source_id"},
    "client_delivery_make_version": {"version_id": "id"},
    "client_delivery_annotate": {"note_id": "id"},
    "payout_make_comment": {"comment_id": "id"},
    "payout_quote": {"run_id": "id"},
    "payout_propose_limits": {"limits_id": "id"},
    "payout_hold": {"person_id": "person_id"},
}
PLACE = re.compile(r"{(\w+)}")


def link(spec: Mapping[str, Any]) -> None:
    """Give every creating operation its links to all that can be asked about what it made."""
    by_id = {said["operationId"]: (path, said) for path, methods in spec["paths"].items() for said in methods.values()}
    for name, made in MADE.items():
        path, said = by_id[name]
        known = {place: f"$request.path.{place}" for place in PLACE.findall(path)}
        known |= {place: f"$response.body#/{field}" for place, field in made.items()}
        said["responses"]["201"]["links"] = dict(_links(known, made, by_id))


def _links(known: Mapping[str, str], made: Mapping[str, str], by_id: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, (path, _said) in by_id.items():
        asked = set(PLACE.findall(path))
        if asked & made.keys() and asked <= known.keys():
            yield name, {"operationId": name, "parameters": {place: known[place] for place in sorted(asked)}}

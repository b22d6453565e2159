"""Everyone in the town who may ask something of the API, and what a campaign of it has to ask about."""

from collections.abc import Mapping
from typing import Any

from fastapi.testclient import TestClient

from api.app import make_app
from campaigns.core.stages import Stage
from tests.api.caller import token_of
from tests.browser.town import Town
from workers.transactions import unit_of_work

NOBODY = "nobody"
ROLES = (
    "manager", "artist", "other_artist", "curator", "leader", "editor", "approver", "marketing", "finance", "second", "operator", NOBODY,
)  # fmt: skip
EVERYONE = (*ROLES, "administrator", "formerly_billed")
# In a body, a thing is called by what it is to the deed; what it is by itself, the town knows under another name.
THINGS = {
    "source": "source_id", "contribution": "contribution_id", "components": "contribution_id", "chosen": "contribution_id",
    "curators": "person_id", "person": "person_id",
    "done_in": "version_id", "deliverable": "deliverable_id", "brand": "brand_id",
}  # fmt: skip


def asking() -> TestClient:
    """The API, which keeps a fault of its own to itself and answers 500."""
    return TestClient(make_app(), base_url="https://testserver", raise_server_exceptions=False)


def bearer(town: Town, role: str, stage: Stage) -> dict[str, str]:
    """What whoever has this role in the campaign of `stage` shows at the door."""
    if role == NOBODY:
        return {}
    with unit_of_work() as session:
        return {"Authorization": f"Bearer {token_of(session, town.person(role, stage))}"}


def about(body: Any, things: Mapping[str, object]) -> Any:
    """The body, in which whatever names a thing names one that there is."""
    if isinstance(body, list):
        return [about(each, things) for each in body]
    if not isinstance(body, dict):
        return body
    return {name: _named(name, value, things) if name in THINGS else about(value, things) for name, value in body.items()}


def _named(name: str, value: Any, things: Mapping[str, object]) -> Any:
    thing = things.get(THINGS[name])
    if thing is None or not isinstance(value, str | list | dict):
        return value  # which says whether, or that there is none
    if isinstance(value, list):
        return [str(thing)]
    return {str(thing): next(iter(value.values()), "")} if isinstance(value, dict) else str(thing)

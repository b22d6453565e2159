"""Webhook endpoints: where events of the platform or of its connected accounts are delivered to, each with a secret of its own."""

import secrets
from urllib.parse import urlsplit

from sqlalchemy import func, select

from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.parameters import CLEARABLE, FLAG, METADATA, PAGE, TEXT, Type, list_of, one_of
from sandbox.stripe.published import API_VERSIONS, EVENT_TYPES
from sandbox.stripe.store import delete, fetch, keep, merged, new_id, page, save
from sandbox.stripe.tables import objects

MOST = 16
EVENTS = list_of(one_of(*EVENT_TYPES))
EDITABLE = {"url": TEXT, "enabled_events": EVENTS, "description": CLEARABLE, "metadata": METADATA}
NEW: dict[str, Type] = {
    **EDITABLE,
    "url": TEXT.must(),
    "enabled_events": EVENTS.must(),
    "connect": FLAG,
    "api_version": one_of(*API_VERSIONS),
}


@endpoint("POST", "/v1/webhook_endpoints", NEW)
def create_webhook_endpoint(call: Call) -> Body:
    _require_url(call.given["url"])
    _require_events(call)
    _require_room(call)
    secret = f"whsec_{secrets.token_hex(16)}"
    body = keep(
        call, _endpoint(call, call.given["url"], call.given["enabled_events"]), secret=secret, connect=_side(call.get("connect", False))
    )
    return {**body, "secret": secret}


def _side(connect: bool) -> str:
    """Whose events an endpoint hears; Stripe shows it nowhere."""
    return "true" if connect else "false"


def _require_events(call: Call) -> None:
    if call.get("enabled_events", True) == []:
        raise StripeError("You must select at least one event.", code="parameter_invalid_empty", param="enabled_events")


def _require_room(call: Call) -> None:
    query = select(func.count()).where(objects.c.kind == "webhook_endpoint", ~objects.c.deleted)
    if call.connection.execute(query).scalar_one() >= MOST:
        raise StripeError(f"You have reached the maximum of {MOST} test webhook endpoints.")


def _require_url(url: str) -> None:
    try:
        address = urlsplit(url)
    except ValueError:
        address = urlsplit("")
    if address.scheme not in ("http", "https") or not address.hostname:
        raise StripeError("Invalid URL: it must start with http or https, and name a host.", code="url_invalid", param="url")


def _endpoint(call: Call, url: str, enabled_events: list[str]) -> Body:
    return {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": call.get("api_version"),
        "application": None,
        "created": call.now,
        "description": call.get("description"),
        "enabled_events": enabled_events,
        "livemode": False,
        "metadata": merged({}, call.get("metadata", {})),
        "status": "enabled",
        "url": url,
    }


def register(call: Call, url: str, secret: str, *, connect: bool) -> None:
    """Keep the endpoint at which the installation itself hears of the platform, or of the connected accounts, in the newest version."""
    own = objects.c.hidden["own"].as_boolean(), func.coalesce(objects.c.hidden["connect"].astext, _side(False)) == _side(connect)
    query = select(objects.c.body).where(objects.c.kind == "webhook_endpoint", ~objects.c.deleted, *own)
    registered = call.connection.execute(query.with_for_update()).scalars().first()
    if registered is None:
        made = {**_endpoint(call, url, ["*"]), "api_version": API_VERSIONS[-1]}
        keep(call, made, secret=secret, own=True, connect=_side(connect))
    else:
        save(call, {**registered, "url": url, "api_version": API_VERSIONS[-1]}, secret=secret, connect=_side(connect))


@endpoint("POST", "/v1/webhook_endpoints/{webhook_endpoint}", {**EDITABLE, "disabled": FLAG})
def update_webhook_endpoint(call: Call) -> Body:
    before = fetch(call, "webhook_endpoint", call.path["webhook_endpoint"], lock=True)
    given = call.only("url", "enabled_events", "description")
    _require_url(call.get("url", before["url"]))
    _require_events(call)
    if "disabled" in call.given:
        given["status"] = "disabled" if call.given["disabled"] else "enabled"
    return save(call, {**before, **given, "metadata": merged(before["metadata"], call.get("metadata", {}))})


@endpoint("GET", "/v1/webhook_endpoints/{webhook_endpoint}")
def retrieve_webhook_endpoint(call: Call) -> Body:
    return fetch(call, "webhook_endpoint", call.path["webhook_endpoint"])


@endpoint("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}")
def delete_webhook_endpoint(call: Call) -> Body:
    return delete(call, fetch(call, "webhook_endpoint", call.path["webhook_endpoint"], lock=True))


@endpoint("GET", "/v1/webhook_endpoints", PAGE)
def list_webhook_endpoints(call: Call) -> Body:
    return page(call, "webhook_endpoint")

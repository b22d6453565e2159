"""Webhook endpoints: where events are delivered to, each with a secret of its own."""

import secrets
from urllib.parse import urlsplit

from sqlalchemy import select

from api.sandbox.stripe.endpoints import API_VERSION, Call, endpoint
from api.sandbox.stripe.errors import Body, StripeError
from api.sandbox.stripe.parameters import CLEARABLE, FLAG, METADATA, PAGE, TEXT, TEXTS, Type
from api.sandbox.stripe.store import delete, fetch, keep, merged, new_id, page, save
from api.sandbox.stripe.tables import objects

EDITABLE = {"url": TEXT, "enabled_events": TEXTS, "description": CLEARABLE, "metadata": METADATA}
NEW: dict[str, Type] = {**EDITABLE, "url": TEXT.must(), "enabled_events": TEXTS.must(), "connect": FLAG}


@endpoint("POST", "/v1/webhook_endpoints", NEW)
def create_webhook_endpoint(call: Call) -> Body:
    _require_url(call.given["url"])
    secret = f"whsec_{secrets.token_hex(16)}"
    side = "true" if call.get("connect", False) else "false"
    body = keep(call, _endpoint(call, call.given["url"], call.given["enabled_events"]), secret=secret, connect=side)
    return {**body, "secret": secret}


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
        "api_version": API_VERSION,
        "application": None,
        "created": call.now,
        "description": call.get("description"),
        "enabled_events": enabled_events,
        "livemode": False,
        "metadata": merged({}, call.get("metadata", {})),
        "status": "enabled",
        "url": url,
    }


def register(call: Call, url: str, secret: str) -> None:
    """Keep the endpoint that the installation itself listens at: it hears of the platform and of every connected account."""
    query = select(objects.c.body).where(objects.c.kind == "webhook_endpoint", ~objects.c.deleted, objects.c.hidden["own"].as_boolean())
    registered = call.connection.execute(query.with_for_update()).scalars().first()
    if registered is None:
        keep(call, _endpoint(call, url, ["*"]), secret=secret, own=True)
    else:
        save(call, {**registered, "url": url}, secret=secret)


@endpoint("POST", "/v1/webhook_endpoints/{webhook_endpoint}", {**EDITABLE, "disabled": FLAG})
def update_webhook_endpoint(call: Call) -> Body:
    before = fetch(call, "webhook_endpoint", call.path["webhook_endpoint"], lock=True)
    given = call.only("url", "enabled_events", "description")
    _require_url(call.get("url", before["url"]))
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

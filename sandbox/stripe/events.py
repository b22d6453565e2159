"""Events: every change of state is recorded in its own transaction, and promised to each webhook endpoint that wants it."""

from sqlalchemy import ColumnElement, exists, insert, select
from sqlalchemy.dialects.postgresql import array

from campaigns.core.clock import process_now
from sandbox.stripe.endpoints import API_VERSION, Call, endpoint
from sandbox.stripe.errors import Body, StripeError, missing
from sandbox.stripe.money import DAY
from sandbox.stripe.parameters import FLAG, PAGE, RANGE, TEXT, TEXTS
from sandbox.stripe.store import fetch, keep, new_id, page
from sandbox.stripe.tables import deliveries, field, objects

KEPT = 30 * DAY
MOST_TYPES = 20
KINDS = {"type": TEXT, "types": TEXTS, "created": RANGE, "delivery_success": FLAG}


def record(call: Call, kind: str, body: Body, before: Body | None = None, *, account: str | None = None) -> Body:
    """Record that something happened to `body`; with `before`, which of its fields had another value."""
    happened = _event(call, kind, body, before)
    if account:
        happened["account"] = account
    endpoints = _listening(call, kind, account)
    happened["pending_webhooks"] = len(endpoints)
    keep(call, happened, account=account)
    if endpoints:
        at = process_now()
        rows = [{"event_id": happened["id"], "endpoint_id": each, "promised_at": at, "due_at": at} for each in endpoints]
        call.connection.execute(insert(deliveries), rows)
    return happened


def _event(call: Call, kind: str, body: Body, before: Body | None) -> Body:
    changed = {"previous_attributes": {name: value for name, value in before.items() if body.get(name) != value}} if before else {}
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": call.now,
        "data": {"object": body, **changed},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": kind,
    }


def _listening(call: Call, kind: str, account: str | None) -> list[str]:
    """The enabled endpoints that want this event: of a connected account those made for such, of the platform the others."""
    query = select(objects.c.id).where(
        objects.c.kind == "webhook_endpoint",
        ~objects.c.deleted,
        field("status") == "enabled",
        objects.c.body["enabled_events"].has_any(array(["*", kind])),
        objects.c.hidden["connect"].astext == ("true" if account else "false"),
    )
    return list(call.connection.execute(query.order_by(objects.c.sequence)).scalars())


@endpoint("GET", "/v1/events", {**PAGE, **KINDS})
def list_events(call: Call) -> Body:
    """Those of the last 30 days, of the platform alone or of the account that is named."""
    return page(call, "event", _is_kept(call), _whose(call), *_success(call), *_of_types(call), by=("type",))


@endpoint("GET", "/v1/events/{id}")
def retrieve_event(call: Call) -> Body:
    event = fetch(call, "event", call.path["id"])
    if event["created"] < call.now - KEPT or event.get("account", "") != call.account:
        raise missing("event", event["id"])
    return event


def _is_kept(call: Call) -> ColumnElement[bool]:
    is_kept: ColumnElement[bool] = objects.c.body["created"].as_integer() >= call.now - KEPT
    return is_kept


def _whose(call: Call) -> ColumnElement[bool]:
    return objects.c.account == call.account if call.account else objects.c.account.is_(None)


def _success(call: Call) -> list[ColumnElement[bool]]:
    if "delivery_success" not in call.given:
        return []
    open_delivery = exists().where(deliveries.c.event_id == objects.c.id, deliveries.c.delivered_at.is_(None))
    return [~open_delivery if call.given["delivery_success"] else open_delivery]


def _of_types(call: Call) -> list[ColumnElement[bool]]:
    """At most twenty, and not beside `type`."""
    if len(call.get("types", [])) > MOST_TYPES:
        raise StripeError(f"Invalid array: `types` takes at most {MOST_TYPES} names of events.", param="types")
    if {"type", "types"} <= call.given.keys():
        raise StripeError("You may pass either `type` or `types`, but not both.", param="types")
    return [field("type").in_(call.given["types"])] if "types" in call.given else []

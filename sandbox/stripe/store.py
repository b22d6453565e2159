"""Stripe's objects as they are kept: by id, newest first, each change under its row's lock."""

import secrets
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select, update

from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body, StripeError, missing
from sandbox.stripe.tables import field, objects


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def token() -> str:
    """An unguessable part of a hosted page's address."""
    return secrets.token_urlsafe(24)


def keep(call: Call, body: Body, account: str | None = None, **hidden: Any) -> Body:
    """Keep a new object; `hidden` is what Stripe knows of it and never shows, `account` whose it is (None: the platform's)."""
    call.connection.execute(insert(objects).values(id=body["id"], kind=body["object"], account=account, body=body, hidden=hidden))
    return body


def save(call: Call, body: Body, **hidden: Any) -> Body:
    """Keep an object's new state."""
    changes: dict[str, Any] = {"body": body}
    if hidden:
        changes["hidden"] = objects.c.hidden.concat(hidden)
    call.connection.execute(update(objects).where(objects.c.id == body["id"]).values(changes))
    return body


def delete(call: Call, body: Body) -> Body:
    """Delete an object; the answer is Stripe's stub of it."""
    call.connection.execute(update(objects).where(objects.c.id == body["id"]).values(deleted=True))
    return {"id": body["id"], "object": body["object"], "deleted": True}


def fetch(call: Call, kind: str, object_id: str, *, param: str = "id", status: int = 404, lock: bool = False) -> Body:
    """The object of this id and kind, its row locked for a change when asked; raises resource_missing."""
    query: Select[Body] = select(objects.c.body).where(objects.c.id == object_id, objects.c.kind == kind, ~objects.c.deleted)
    body: Body | None = call.connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if body is None:
        raise missing(kind, object_id, param, status)
    return body


def named(call: Call, kind: str, param: str, *, lock: bool = False) -> Body:
    """The object that a parameter names; one that does not exist is a 400."""
    return fetch(call, kind, call.given[param], param=param, status=400, lock=lock)


def hidden_of(call: Call, object_id: str) -> Body:
    hidden: Body = call.connection.execute(select(objects.c.hidden).where(objects.c.id == object_id)).scalar_one()
    return hidden


def matching(call: Call, kind: str, *, lock: bool = False, **equal: str) -> list[Body]:
    """Every object of a kind whose fields equal the given values, oldest first."""
    query = (
        select(objects.c.body)
        .where(objects.c.kind == kind, ~objects.c.deleted, *(field(key) == value for key, value in equal.items()))
        .order_by(objects.c.sequence)
    )
    return list(call.connection.execute(query.with_for_update() if lock else query).scalars())


def page(call: Call, kind: str, *conditions: ColumnElement[bool], by: tuple[str, ...] = (), url: str = "") -> Body:
    """A page of a list, newest first: `created` within its range, and each parameter in `by` equal to the field of its name."""
    limit = call.get("limit", 10)
    if not 1 <= limit <= 100:
        raise StripeError("Invalid integer: limit must be between 1 and 100.", code="parameter_invalid_integer", param="limit")
    equal = [field(name) == call.given[name] for name in by if name in call.given]
    query = select(objects.c.body).where(
        objects.c.kind == kind, ~objects.c.deleted, *conditions, *equal, *_created(call), *_edges(call, kind)
    )
    backwards = "ending_before" in call.given
    order = objects.c.sequence.asc() if backwards else objects.c.sequence.desc()
    bodies = list(call.connection.execute(query.order_by(order).limit(limit + 1)).scalars())
    found = bodies[:limit]
    return listed(found[::-1] if backwards else found, url or f"/v1/{kind}s", has_more=len(bodies) > limit)


def listed(bodies: list[Body], url: str, *, has_more: bool = False) -> Body:
    """Stripe's envelope of a list."""
    return {"object": "list", "data": bodies, "has_more": has_more, "url": url}


def merged(before: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Metadata after an update: an empty value takes its key away, {"": ""} takes all away."""
    if given == {"": ""}:
        return {}
    return {key: value for key, value in {**before, **given}.items() if value}


def _created(call: Call) -> list[ColumnElement[bool]]:
    created = objects.c.body["created"].as_integer()
    return [created.op({"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}[bound])(edge) for bound, edge in call.get("created", {}).items()]


def _edges(call: Call, kind: str) -> list[ColumnElement[bool]]:
    return [_beyond(call, kind, name) for name in ("starting_after", "ending_before") if name in call.given]


def _beyond(call: Call, kind: str, param: str) -> ColumnElement[bool]:
    """The rows on the far side of the object that the page starts or ends at."""
    query = select(objects.c.sequence).where(objects.c.id == call.given[param], objects.c.kind == kind)
    edge = call.connection.execute(query).scalar_one_or_none()
    if edge is None:
        raise missing(kind, call.given[param], param, 400)
    beyond: ColumnElement[bool] = objects.c.sequence < edge if param == "starting_after" else objects.c.sequence > edge
    return beyond

"""`expand`: ids in an answer replaced by the objects that they name."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from sandbox.stripe.endpoints import Call
from sandbox.stripe.errors import Body, StripeError
from sandbox.stripe.store import listed, matching
from sandbox.stripe.tables import objects

# Fields that are only there when they are asked for.
INCLUDED: dict[tuple[str, str], Callable[[Call, Body], Body]] = {
    ("invoice", "payments"): lambda call, body: listed(
        matching(call, "invoice_payment", invoice=body["id"]), f"/v1/invoice_payments?invoice={body['id']}"
    ),
    ("charge", "refunds"): lambda call, body: listed(
        matching(call, "refund", charge=body["id"])[::-1], f"/v1/charges/{body['id']}/refunds"
    ),
}

# Fields that are left out while they have no value, and may be asked for all the same.
LEFT_OUT = {("refund", "failure_balance_transaction")}

# Ids that name nothing the simulator keeps as an object of the platform.
ELSEWHERE = {"destination_payment"}


def expanded(call: Call, answer: Body) -> Body:
    """The answer with every path in `expand` replaced, at most four levels deep."""
    for path in call.get("expand", []):
        steps = path.split(".")
        if len(steps) > 4:
            raise StripeError("You cannot expand more than 4 levels of a property.", param="expand")
        _expand(call, [answer], steps, path)
    return answer


def _expand(call: Call, bodies: list[Body], steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    if bodies and all(isinstance(body.get(name), int) for body in bodies):
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    if bodies and not any(name in body or (body.get("object", ""), name) in INCLUDED.keys() | LEFT_OUT for body in bodies):
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    _include(call, bodies, name)
    _replace(call, bodies, name)
    below = [each for body in bodies for each in _children(body.get(name))]
    if rest:
        _expand(call, below, rest, path)


def _include(call: Call, bodies: list[Body], name: str) -> None:
    for body in bodies:
        if build := INCLUDED.get((body.get("object", ""), name)):
            body[name] = build(call, body)


def _replace(call: Call, bodies: list[Body], name: str) -> None:
    """One query for all the ids that stand in this field."""
    wanted = {body[name] for body in bodies if isinstance(body.get(name), str)} if name not in ELSEWHERE else set()
    if not wanted:
        return
    found = {each["id"]: each for each in call.connection.execute(select(objects.c.body).where(objects.c.id.in_(wanted))).scalars()}
    for body in bodies:
        if isinstance(body.get(name), str):
            body[name] = found.get(body[name], body[name])


def _children(value: Any) -> list[Body]:
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return [value] if isinstance(value, dict) else []

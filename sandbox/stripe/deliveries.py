"""Deliveries: promised events sent to their endpoints, signed, again and again until they are received."""

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import Engine, Row, func, select, update

from campaigns.core.clock import process_now
from sandbox.stripe.errors import Body
from sandbox.stripe.tables import deliveries, objects

TIMEOUT = 10.0
LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=1)
SLOWEST_RETRY = timedelta(hours=3)
GIVE_UP_AFTER = timedelta(days=3)
AT_A_TIME = 4


def signature(payload: bytes, at: datetime, *endpoint_secrets: str) -> str:
    """The `Stripe-Signature` header: one `v1` for each secret that is valid at the time."""
    stamp = str(int(at.timestamp()))
    signed = stamp.encode() + b"." + payload
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in endpoint_secrets]
    return ",".join([f"t={stamp}", *(f"v1={mark}" for mark in marks)])


def deliver_due(engine: Engine, client: httpx.Client) -> int:
    """Send what is due, each once; returns how many. A sender that dies leaves a lease that runs out, and the event is sent again."""
    claimed = _claim(engine, process_now())
    if not claimed:
        return 0
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda delivery: _deliver(engine, client, delivery), claimed))
    return len(claimed)


def _claim(engine: Engine, at: datetime) -> list[Row[Any]]:
    due = select(deliveries.c.id).where(deliveries.c.due_at <= at).order_by(deliveries.c.due_at, deliveries.c.id).limit(20)
    leased = (
        update(deliveries)
        .where(deliveries.c.id.in_(due.with_for_update(skip_locked=True).scalar_subquery()))
        .values(due_at=at + LEASE, attempts=deliveries.c.attempts + 1)
        .returning(*deliveries.c)
    )
    with engine.begin() as connection:
        return sorted(connection.execute(leased).all(), key=lambda row: row.id)


def _deliver(engine: Engine, client: httpx.Client, delivery: Row[Any]) -> None:
    with engine.begin() as connection:
        event = connection.execute(select(objects.c.body).where(objects.c.id == delivery.event_id)).scalar_one()
        endpoint = connection.execute(select(objects).where(objects.c.id == delivery.endpoint_id)).one()
    if endpoint.deleted or endpoint.body["status"] != "enabled":
        return _note(engine, delivery, due_at=None)
    # An endpoint that was made for a version hears in that one; our bodies are the same in all that we know.
    told = {**event, "api_version": endpoint.body["api_version"] or event["api_version"]}
    if _received(client, endpoint.body["url"], told, endpoint.hidden["secret"]):
        return _note(engine, delivery, due_at=None, delivered_at=process_now())
    return _note(engine, delivery, due_at=_next_attempt(delivery, process_now()))


def _received(client: httpx.Client, url: str, event: Body, secret: str) -> bool:
    payload = json.dumps(event, indent=2).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature(payload, process_now(), secret)}
    try:
        return client.post(url, content=payload, headers=headers, timeout=TIMEOUT).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _next_attempt(delivery: Row[Any], at: datetime) -> datetime | None:
    """Twice as late after each failure; None once three days have passed."""
    if at - delivery.promised_at > GIVE_UP_AFTER:
        return None
    return at + wait_after(delivery.attempts)


def wait_after(attempts: int) -> timedelta:
    """How long the next attempt waits; Stripe publishes only that it waits exponentially longer each time."""
    wait: timedelta = min(FIRST_RETRY * 2 ** min(attempts - 1, 20), SLOWEST_RETRY)
    return wait


def _note(engine: Engine, delivery: Row[Any], **outcome: datetime | None) -> None:
    """Keep the outcome, and count how many endpoints still wait for the event."""
    event = objects.c.id == delivery.event_id
    with engine.begin() as connection:
        # Locked first: of two deliveries that end together, the later must see the earlier.
        connection.execute(select(objects.c.id).where(event).with_for_update())
        connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(**outcome))
        waiting = (deliveries.c.event_id == delivery.event_id, deliveries.c.delivered_at.is_(None))
        left = connection.execute(select(func.count()).where(*waiting)).scalar_one()
        body = objects.c.body.concat({"pending_webhooks": left})
        connection.execute(update(objects).where(event).values(body=body))

"""Signed posts of events to whoever listens, in batches, until they are taken."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, Engine, Row, func, select, update

from campaigns.core.clock import process_now
from sandbox.sendgrid.event_webhooks import FLAGS, address_of, own_key, private_key, there
from sandbox.sendgrid.tables import events

AT_ONCE = 500
TIMEOUT = timedelta(seconds=10)
FIRST_WAIT, LONGEST_WAIT, GIVE_UP = timedelta(seconds=1), timedelta(minutes=10), timedelta(hours=24)
SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"


def signing_key(connection: Connection) -> ec.EllipticCurvePrivateKey:
    """The key with which the installation's own webhook signs."""
    return private_key(own_key(connection))


def post_due(engine: Engine) -> int:
    """Post a batch of events that is due, in the order in which they happened; returns how many were taken."""
    with engine.begin() as connection:
        due, hearing = _claimed(connection), [row for row in there(connection) if row.body.get("enabled")]
    if not due or not all([_has_heard(webhook, due) for webhook in hearing]):  # noqa: C419  # each is told, whatever another answers
        return 0
    with engine.begin() as connection:
        taken = events.c.id.in_([row.id for row in due])
        connection.execute(update(events).where(taken).values(posted_at=process_now()))
    return len(due)


def _claimed(connection: Connection) -> Sequence[Row[Any]]:
    """The oldest batch that is due: what was posted together is posted together again, after a wait that doubles, for a day."""
    now = process_now()
    is_due = events.c.posted_at.is_(None), events.c.due_at <= now
    tried = select(func.min(events.c.first_tried_at)).where(*is_due, events.c.first_tried_at > now - GIVE_UP)
    again = connection.execute(tried).scalar_one()
    batch = events.c.first_tried_at.is_(None) if again is None else events.c.first_tried_at == again
    query = select(events).where(*is_due, batch).order_by(events.c.id).limit(AT_ONCE).with_for_update(skip_locked=True)
    ids = [row.id for row in connection.execute(query).all()]
    if not ids:
        return []
    wait = func.least(FIRST_WAIT * func.power(2, func.least(events.c.attempts, 20)), LONGEST_WAIT)
    tries = {"due_at": now + TIMEOUT + wait, "attempts": events.c.attempts + 1, "first_tried_at": again or now}
    changed = update(events).where(events.c.id.in_(ids)).values(tries).returning(*events.c)
    return sorted(connection.execute(changed).all(), key=lambda row: row.id)


def _has_heard(webhook: Row[Any], due: Sequence[Row[Any]]) -> bool:
    """Post to a webhook what it wants to hear; whether it was taken."""
    wanted = [row.body for row in due if webhook.body.get(FLAGS[row.body["event"]])]
    return not wanted or _is_taken(address_of(webhook), json.dumps(wanted).encode(), webhook.key, due[0].first_tried_at)


def _is_taken(url: str, body: bytes, key: str | None, first_tried_at: datetime) -> bool:
    """Whether a post was taken; a repeated one carries the timestamp of the first, which it signs anew."""
    headers = {"Content-Type": "application/json"}
    if key is not None:
        timestamp = str(int(first_tried_at.timestamp()))
        signature = private_key(key).sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        headers |= {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: timestamp}
    try:
        return httpx.post(url, content=body, headers=headers, timeout=TIMEOUT.total_seconds()).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False

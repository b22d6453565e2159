"""Signed posts of events to whoever listens, in batches, until they are taken."""

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, Engine, Row, select, update

from api.sandbox.sendgrid.event_webhooks import FLAGS, address_of, own_key, private_key, there
from api.sandbox.sendgrid.tables import events
from campaigns.core.clock import process_now

AT_ONCE = 500
TIMEOUT = timedelta(seconds=10)
FIRST_WAIT, LONGEST_WAIT, GIVE_UP = timedelta(seconds=1), timedelta(minutes=10), timedelta(hours=24)
SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"


def signing_key(connection: Connection) -> ec.EllipticCurvePrivateKey:
    """The key with which the installation's own webhook signs."""
    return private_key(own_key(connection))


def post_due(engine: Engine) -> int:
    """Post the events that are due, in the order in which they happened; returns how many were taken."""
    with engine.begin() as connection:
        due, hearing = _claimed(connection), [row for row in there(connection) if row.body.get("enabled")]
    if not due or not all([_has_heard(webhook, due) for webhook in hearing]):  # noqa: C419  # each is told, whatever another answers
        return 0
    with engine.begin() as connection:
        taken = events.c.id.in_([row.id for row in due])
        connection.execute(update(events).where(taken).values(posted_at=process_now()))
    return len(due)


def _claimed(connection: Connection) -> Sequence[Row[Any]]:
    """Events that are due; each is due again after a wait that doubles, should nobody take it, for a day."""
    now = process_now()
    fresh = events.c.first_tried_at.is_(None) | (events.c.first_tried_at > now - GIVE_UP)
    query = select(events).where(events.c.posted_at.is_(None), events.c.due_at <= now, fresh)
    due = connection.execute(query.order_by(events.c.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    if due:
        wait = min(FIRST_WAIT * 2 ** min(max(row.attempts for row in due), 20), LONGEST_WAIT)
        again = {"due_at": now + TIMEOUT + wait, "attempts": events.c.attempts + 1, "first_tried_at": due[0].first_tried_at or now}
        connection.execute(update(events).where(events.c.id.in_([row.id for row in due])).values(again))
    return due


def _has_heard(webhook: Row[Any], due: Sequence[Row[Any]]) -> bool:
    """Post to a webhook what it wants to hear; whether it was taken."""
    wanted = [row.body for row in due if webhook.body.get(FLAGS[row.body["event"]])]
    return not wanted or _is_taken(address_of(webhook), json.dumps(wanted).encode(), webhook.key)


def _is_taken(url: str, body: bytes, key: str | None) -> bool:
    headers = {"Content-Type": "application/json"}
    if key is not None:
        timestamp = str(int(process_now().timestamp()))
        signature = private_key(key).sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        headers |= {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: timestamp}
    try:
        return httpx.post(url, content=body, headers=headers, timeout=TIMEOUT.total_seconds()).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False

"""Signed posts of events to whoever listens, in batches, until they are taken."""

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import APIRouter
from sqlalchemy import Connection, Engine, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from api.sandbox.sendgrid.calls import GUARDS, Transaction
from api.sandbox.sendgrid.tables import events, signing_keys
from campaigns.core.clock import process_now
from campaigns.core.settings import settings

AT_ONCE = 500
TIMEOUT = timedelta(seconds=10)
FIRST_WAIT, LONGEST_WAIT, GIVE_UP = timedelta(seconds=1), timedelta(minutes=10), timedelta(hours=24)
SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"
router = APIRouter(prefix="/v3", dependencies=GUARDS)


@router.get("/user/webhooks/event/settings/signed")
def show_public_key(connection: Transaction) -> dict[str, str]:
    """The key that signatures are checked with."""
    key = signing_key(connection).public_key()
    form = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"public_key": base64.b64encode(form).decode()}


def signing_key(connection: Connection) -> ec.EllipticCurvePrivateKey:
    """The key that signs posts, made at the first use."""
    number = connection.execute(select(signing_keys.c.number)).scalar_one_or_none()
    if number is None:
        new = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        connection.execute(insert(signing_keys).values(id=1, number=str(new)).on_conflict_do_nothing())
        number = connection.execute(select(signing_keys.c.number)).scalar_one()
    return ec.derive_private_key(int(number), ec.SECP256R1())


def post_due(engine: Engine) -> int:
    """Post the events that are due, in the order in which they happened; returns how many were taken."""
    with engine.begin() as connection:
        due, key = _claimed(connection), signing_key(connection)
    if not due:
        return 0
    body = json.dumps([row.body for row in due]).encode()
    if not _is_taken(body, key):
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


def _is_taken(body: bytes, key: ec.EllipticCurvePrivateKey) -> bool:
    timestamp = str(int(process_now().timestamp()))
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: timestamp, "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{settings().port}/webhooks/sendgrid"
    try:
        return httpx.post(url, content=body, headers=headers, timeout=TIMEOUT.total_seconds()).is_success
    except httpx.HTTPError:
        return False

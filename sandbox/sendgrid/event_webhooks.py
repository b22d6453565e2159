"""Where events are posted to: the event webhooks, each with the events that it hears and, once it signs, a key of its own."""

import base64
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import APIRouter
from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from campaigns.core.clock import process_now
from campaigns.core.settings import settings
from sandbox.sendgrid.calls import JsonBody, Transaction, require_keys
from sandbox.sendgrid.errors import SendgridError
from sandbox.sendgrid.scopes import PERMITTED
from sandbox.sendgrid.tables import signing_keys, webhooks

MOST_ENABLED = 5
# What each event is called among the settings.
FLAGS = {
    "processed": "processed", "deferred": "deferred", "delivered": "delivered", "bounce": "bounce", "dropped": "dropped",
    "spamreport": "spam_report", "unsubscribe": "unsubscribe", "group_unsubscribe": "group_unsubscribe",
    "group_resubscribe": "group_resubscribe", "open": "open", "click": "click",
}  # fmt: skip
OAUTH = {"oauth_client_id", "oauth_token_url"}
GIVEN = {"enabled", "url", "friendly_name", "oauth_client_secret", *OAUTH, *FLAGS.values()}
router = APIRouter(prefix="/v3/user/webhooks/event/settings", dependencies=PERMITTED)


@router.get("/all")
def list_webhooks(connection: Transaction) -> dict[str, Any]:
    """Every event webhook, each with its public key where it signs."""
    return {"max_allowed": MOST_ENABLED, "webhooks": [{**_shown(row), "public_key": public_key(row.key)} for row in there(connection)]}


@router.post("", status_code=201)
def create_webhook(body: JsonBody, connection: Transaction) -> dict[str, Any]:
    """A new event webhook; it does not sign until it is told to."""
    given = _given(body)
    if "url" not in given:
        raise SendgridError("url is required", "url")
    _require_room(given, there(connection))
    return _shown(_made(connection, given["url"], given))


@router.get("/signed")
@router.get("/signed/{webhook_id}")
def show_public_key(connection: Transaction, webhook_id: str | None = None) -> dict[str, str]:
    """The key that signatures are checked with; without an id, that of the oldest."""
    row = _one(connection, webhook_id)
    return {"id": row.id, "public_key": public_key(row.key)}


@router.patch("/signed/{webhook_id}")
def sign(webhook_id: str, body: JsonBody, connection: Transaction) -> dict[str, str]:
    """Have it sign with a key of its own, or no longer."""
    require_keys(body, {"enabled"})
    if not isinstance(body.get("enabled"), bool):
        raise SendgridError("enabled must be true or false", "enabled")
    row = _one(connection, webhook_id)
    key = (row.key or new_key()) if body["enabled"] else None
    connection.execute(update(webhooks).where(webhooks.c.id == row.id).values(key=key, updated_at=process_now()))
    return {"id": row.id, "public_key": public_key(key)}


@router.get("/{webhook_id}")
def show_webhook(webhook_id: str, connection: Transaction) -> dict[str, Any]:
    """One event webhook."""
    row = _one(connection, webhook_id)
    return {**_shown(row), "public_key": public_key(row.key)}


@router.patch("/{webhook_id}")
def change_webhook(webhook_id: str, body: JsonBody, connection: Transaction) -> dict[str, Any]:
    """The webhook with other settings; what is not given stays."""
    row, given = _one(connection, webhook_id), _given(body)
    _require_room({**row.body, **given}, [each for each in there(connection) if each.id != row.id])
    changed = {"body": {**row.body, **given}, "url": given.get("url", row.url), "updated_at": process_now()}
    connection.execute(update(webhooks).where(webhooks.c.id == row.id).values(changed))
    return _shown(_one(connection, webhook_id))


@router.delete("/{webhook_id}", status_code=204)
def delete_webhook(webhook_id: str, connection: Transaction) -> None:
    """The webhook is gone."""
    _one(connection, webhook_id)
    connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(deleted_at=process_now()))


def there(connection: Connection) -> Sequence[Row[Any]]:
    """The webhooks, oldest first; at first use the installation's own, which signs and hears everything."""
    if connection.execute(select(webhooks.c.id).limit(1)).first() is None:
        own_key(connection)  # its row is locked: of two that come at once, the other finds what this one made
        if connection.execute(select(webhooks.c.id).limit(1)).first() is None:
            _made(connection, None, dict.fromkeys(FLAGS.values(), True) | {"enabled": True}, key=own_key(connection))
    kept = select(webhooks).where(webhooks.c.deleted_at.is_(None)).order_by(webhooks.c.created_at, webhooks.c.id)
    return connection.execute(kept).all()


def own_key(connection: Connection) -> str:
    """The key of the installation's own webhook, made at first use."""
    connection.execute(upsert(signing_keys).values(id=1, number=new_key()).on_conflict_do_nothing())
    return str(connection.execute(select(signing_keys.c.number).with_for_update()).scalar_one())


def new_key() -> str:
    return str(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value)


def private_key(number: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(number), ec.SECP256R1())


def public_key(number: str | None) -> str:
    """The public half as SendGrid shows it; empty where it does not sign."""
    if number is None:
        return ""
    public = private_key(number).public_key()
    return base64.b64encode(public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()


def address_of(row: Row[Any]) -> str:
    """Where it posts to; the installation's own, wherever that listens now."""
    return row.url or f"http://127.0.0.1:{settings().port}/webhooks/sendgrid"


def _made(connection: Connection, url: str | None, body: dict[str, Any], key: str | None = None) -> Row[Any]:
    at = process_now()
    row = {"id": str(uuid4()), "url": url, "body": body, "key": key, "created_at": at, "updated_at": at}
    return connection.execute(insert(webhooks).values(row).returning(webhooks)).one()


def _one(connection: Connection, webhook_id: str | None) -> Row[Any]:
    found = [row for row in there(connection) if webhook_id in (None, row.id)]
    if not found:
        raise SendgridError("webhook not found", status=404)
    return found[0]


def _given(body: Any) -> dict[str, Any]:
    require_keys(body, GIVEN)
    for name in ("enabled", *FLAGS.values()):
        if not isinstance(body.get(name, False), bool):
            raise SendgridError(f"{name} must be true or false", name)
    if "url" in body and not str(body["url"]).startswith(("http://", "https://")):
        raise SendgridError("url must be a valid address", "url")
    return {name: value for name, value in body.items() if name != "oauth_client_secret"}


def _require_room(given: dict[str, Any], others: Sequence[Row[Any]]) -> None:
    """Refuse a second webhook at one address, and more that are enabled than the plan allows."""
    if any(address_of(each) == given.get("url") for each in others):
        raise SendgridError("a webhook with this url already exists", "url")
    if given.get("enabled") and sum(bool(each.body.get("enabled")) for each in others) >= MOST_ENABLED:
        raise SendgridError("you have reached the maximum number of enabled webhooks", "enabled")


def _shown(row: Row[Any]) -> dict[str, Any]:
    flags = {name: bool(row.body.get(name)) for name in ("enabled", *FLAGS.values())}
    texts = {name: row.body.get(name) for name in ("friendly_name", *sorted(OAUTH))}
    dates = {"created_date": row.created_at.isoformat(), "updated_date": row.updated_at.isoformat()}
    return {"id": row.id, "url": address_of(row), **flags, **texts, **dates, "account_status_change": False}

"""From whom mail may come: senders that were verified, and domains that were authenticated."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, Row, insert, select

from api.sandbox.sendgrid.calls import GUARDS, Transaction
from api.sandbox.sendgrid.tables import identities
from campaigns.core.settings import settings

SCOPES = (
    "asm.groups.create", "asm.groups.read", "mail.batch.create", "mail.batch.read", "mail.send", "suppression.read",
    "user.scheduled_sends.create", "user.scheduled_sends.read", "user.webhooks.event.settings.read", "user.webhooks.event.settings.update",
    "whitelabel.read",
)  # fmt: skip
DOMAIN, SENDER = "domain", "sender"
router = APIRouter(prefix="/v3", dependencies=GUARDS)


@router.get("/whitelabel/domains")
def list_domains(connection: Transaction, limit: int = 50, offset: int = 0, domain: str = "") -> list[dict[str, Any]]:
    """The authenticated domains, and those whose records were not found."""
    rows = [row for row in _there(connection) if row.kind == DOMAIN and row.name.startswith(domain)]
    return [_domain(row) for row in rows[offset : offset + limit]]


@router.get("/verified_senders")
def list_senders(connection: Transaction, limit: int = 50) -> dict[str, list[dict[str, Any]]]:
    """The single senders, verified or not yet."""
    rows = [row for row in _there(connection) if row.kind == SENDER]
    return {"results": [_sender(row) for row in rows[:limit]]}


@router.get("/scopes")
def list_scopes() -> dict[str, list[str]]:
    """What the key may do: here whatever there is."""
    return {"scopes": list(SCOPES)}


def _there(connection: Connection) -> Sequence[Row[Any]]:
    """What was authenticated; at first the domain that the installation writes from."""
    rows = connection.execute(select(identities).order_by(identities.c.id)).all()
    if rows:
        return rows
    own = {"kind": DOMAIN, "name": settings().mail_from.rpartition("@")[2], "valid": True}
    return [connection.execute(insert(identities).values(own).returning(identities)).one()]


def _domain(row: Row[Any]) -> dict[str, Any]:
    record = {"valid": row.valid, "type": "cname", "host": f"em.{row.name}", "data": "u1.wl.sendgrid.net"}
    return {
        "id": row.id, "user_id": 1, "subdomain": "em", "domain": row.name, "username": "callboard", "ips": [], "custom_spf": False,
        "default": True, "legacy": False, "automatic_security": True, "valid": row.valid, "dns": {"mail_cname": record},
    }  # fmt: skip


def _sender(row: Row[Any]) -> dict[str, Any]:
    empty = dict.fromkeys(("address", "address2", "state", "city", "zip", "country"), "")
    names = {"nickname": row.name, "from_email": row.name, "from_name": "", "reply_to": row.name, "reply_to_name": ""}
    return {"id": row.id, **names, **empty, "verified": row.valid, "locked": False}

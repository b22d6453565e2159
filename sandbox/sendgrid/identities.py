"""From whom mail may come: senders that were verified, and domains that were authenticated."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, Row, select, text

from campaigns.core.settings import settings
from sandbox.sendgrid.calls import Transaction
from sandbox.sendgrid.errors import SendgridError
from sandbox.sendgrid.scopes import PERMITTED
from sandbox.sendgrid.tables import identities

DOMAIN, SENDER = "domain", "sender"
OWN = text("select 1 as id, cast(:kind as text) as kind, cast(:name as text) as name, true as valid")
router = APIRouter(prefix="/v3", dependencies=PERMITTED)


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


def _there(connection: Connection) -> Sequence[Row[Any]]:
    """What was authenticated; as long as nothing was, the domain that the installation writes from."""
    rows: Sequence[Row[Any]] = connection.execute(select(identities).order_by(identities.c.id)).all()
    return rows or connection.execute(OWN, {"kind": DOMAIN, "name": settings().mail_from.rpartition("@")[2]}).all()


def require_identity(connection: Connection, address: str) -> None:
    """Raise a SendgridError unless mail may come from the address: it was verified, or its domain authenticated.

    https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity
    """
    address = address.lower()
    domain = address.rpartition("@")[2]
    for row in _there(connection):
        if row.valid and (address == row.name.lower() if row.kind == SENDER else f".{domain}".endswith(f".{row.name}")):
            return
    sentence = "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved."
    raise SendgridError(sentence, "from", status=403)


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

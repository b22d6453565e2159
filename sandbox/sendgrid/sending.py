"""Mail is taken here, now or for later, and called back by its batch."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection, func, insert, select, update

from campaigns.core.clock import business_now
from sandbox.sendgrid.calls import JsonBody, Transaction, require_keys
from sandbox.sendgrid.errors import SendgridError
from sandbox.sendgrid.identities import require_identity
from sandbox.sendgrid.message import check
from sandbox.sendgrid.scopes import PERMITTED
from sandbox.sendgrid.tables import batches, messages

MOST_BYTES = 30 * 1024**2
MOST_STOPPED = 10
router = APIRouter(prefix="/v3", dependencies=PERMITTED)


@router.post("/mail/send")
def send_mail(request: Request, body: JsonBody, connection: Transaction) -> Response:
    """202 and a message id, or everything that is wrong with the mail."""
    if int(request.headers.get("Content-Length", 0)) > MOST_BYTES:
        raise SendgridError("The total size of your email must be less than 30MB.", status=413)
    now = business_now(connection)
    named = body.get("batch_id") if isinstance(body, dict) else None
    message = check(body, now=now, batch_exists=_batch(connection, str(named)) is not None)
    message_id = secrets.token_urlsafe(16)
    if message.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
        return Response(status_code=200, headers={"X-Message-Id": message_id})  # it was right, and goes nowhere
    require_identity(connection, message["from"]["email"])
    send_at = max(now, datetime.fromtimestamp(message.get("send_at", 0), UTC))
    row = {"id": message_id, "batch_id": named, "send_at": send_at, "body": message, "accepted_at": now}
    connection.execute(insert(messages).values(row))
    request.app.state.at_work.wake()
    return Response(status_code=202, headers={"X-Message-Id": message_id})


@router.post("/mail/batch", status_code=201)
def create_batch(connection: Transaction) -> dict[str, str]:
    """A new batch id."""
    batch_id = secrets.token_urlsafe(40)
    connection.execute(insert(batches).values(id=batch_id))
    return {"batch_id": batch_id}


@router.get("/mail/batch/{batch_id}")
def validate_batch(batch_id: str, connection: Transaction) -> dict[str, str]:
    """The id, if it is one."""
    _existing(connection, batch_id)
    return {"batch_id": batch_id}


@router.get("/user/scheduled_sends")
def list_stopped(connection: Transaction) -> list[dict[str, str]]:
    """Every batch that is cancelled or paused."""
    stopped = connection.execute(select(batches).where(batches.c.status.is_not(None)).order_by(batches.c.status_since))
    return [{"batch_id": row.id, "status": row.status} for row in stopped]


@router.get("/user/scheduled_sends/{batch_id}")
def show_stopped(batch_id: str, connection: Transaction) -> list[dict[str, str]]:
    """The batch in a list, if it is cancelled or paused; else an empty list."""
    return [stopped for stopped in list_stopped(connection) if stopped["batch_id"] == batch_id]


@router.post("/user/scheduled_sends")
def stop_batch(body: JsonBody, connection: Transaction) -> Response:
    """Cancel or pause a batch that is neither yet; at most ten are at a time."""
    require_keys(body, {"batch_id", "status"})
    status, batch = _status(body), _existing(connection, str(body.get("batch_id")), lock=True)
    if batch["status"] is not None:
        raise SendgridError("The batch already has a status, use PATCH to change it.", "batch_id")
    if connection.execute(select(func.count()).where(batches.c.status.is_not(None))).scalar_one() >= MOST_STOPPED:
        raise SendgridError("The maximum number of cancelled or paused batches is reached.")
    _set(connection, batch["id"], status)
    return JSONResponse({"batch_id": batch["id"], "status": status}, status_code=201)


@router.patch("/user/scheduled_sends/{batch_id}", status_code=204)
def change_stop(batch_id: str, body: JsonBody, connection: Transaction) -> None:
    """Cancel what is paused, or pause what is cancelled."""
    require_keys(body, {"status"})
    _stopped(connection, batch_id)
    _set(connection, batch_id, _status(body))


@router.delete("/user/scheduled_sends/{batch_id}", status_code=204)
def let_go(batch_id: str, connection: Transaction) -> None:
    """The batch is neither cancelled nor paused any more."""
    _stopped(connection, batch_id)
    _set(connection, batch_id, None)


def _status(body: Any) -> str:
    status = body.get("status")
    if status not in {"cancel", "pause"}:
        raise SendgridError("status must be one of: cancel, pause", "status")
    return str(status)


def _set(connection: Connection, batch_id: str, status: str | None) -> None:
    since = business_now(connection) if status else None
    connection.execute(update(batches).where(batches.c.id == batch_id).values(status=status, status_since=since))


def _batch(connection: Connection, batch_id: str, *, lock: bool = False) -> Mapping[str, Any] | None:
    query = select(batches).where(batches.c.id == batch_id)
    found = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return dict(found) if found else None


def _existing(connection: Connection, batch_id: str, *, lock: bool = False) -> Mapping[str, Any]:
    batch = _batch(connection, batch_id, lock=lock)
    if batch is None:
        raise SendgridError("invalid batch id")
    return batch


def _stopped(connection: Connection, batch_id: str) -> None:
    batch = _batch(connection, batch_id, lock=True)
    if batch is None or batch["status"] is None:
        raise SendgridError("batch id not found", status=404)

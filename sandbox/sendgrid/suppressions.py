"""Who is not written to: SendGrid's own lists and the unsubscribe groups."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from campaigns.core.clock import business_now
from sandbox.sendgrid.calls import JsonBody, Transaction, require_keys
from sandbox.sendgrid.errors import SendgridError
from sandbox.sendgrid.scopes import PERMITTED
from sandbox.sendgrid.tables import groups, suppressions

LISTS = frozenset({"bounces", "blocks", "invalid_emails", "spam_reports", "unsubscribes"})
LONGEST_NAME, LONGEST_DESCRIPTION = 30, 100
router = APIRouter(prefix="/v3", dependencies=PERMITTED)


def suppress(connection: Connection, name: str, email: str, reason: str = "", status: str = "") -> None:
    """Put the address on the list of that name, or of that group's id, unless it is there."""
    created = int(business_now(connection).timestamp())
    row = {"list": name, "email": email.lower(), "reason": reason, "status": status, "created": created}
    connection.execute(upsert(suppressions).values(row).on_conflict_do_nothing())


@router.get("/suppression/{name}")
def list_suppressed(
    name: str, connection: Transaction, start_time: int = 0, end_time: int | None = None, limit: int = 500, offset: int = 0
) -> list[dict[str, Any]]:
    """The addresses on a list, oldest first, created within the given times."""
    _require_list(name)
    within = [suppressions.c.created >= start_time]
    within += [suppressions.c.created <= end_time] if end_time is not None else []
    query = select(suppressions).where(suppressions.c.list == name, *within).order_by(suppressions.c.created, suppressions.c.email)
    return [_shown(name, row) for row in connection.execute(query.limit(min(limit, 500)).offset(offset)).mappings()]


@router.get("/suppression/{name}/{email}")
def show_suppressed(name: str, email: str, connection: Transaction) -> list[dict[str, Any]]:
    """The address in a list, if it is on this one; else an empty list."""
    _require_list(name)
    return [_shown(name, row) for row in connection.execute(select(suppressions).where(*_entry(name, email))).mappings()]


@router.delete("/suppression/{name}/{email}", status_code=204)
def write_again(name: str, email: str, connection: Transaction) -> None:
    """The address is on the list no more."""
    _require_list(name)
    _remove(connection, name, email)


@router.post("/asm/suppressions/global", status_code=201)
def unsubscribe_from_all(body: JsonBody, connection: Transaction) -> dict[str, list[str]]:
    """Write nothing more to these addresses."""
    return _add(connection, "unsubscribes", body)


@router.get("/asm/suppressions/global/{email}")
def show_unsubscribed(email: str, connection: Transaction) -> dict[str, str]:
    """The address, if it is unsubscribed from everything; else an empty object."""
    return {"recipient_email": email} if show_suppressed("unsubscribes", email, connection) else {}


@router.delete("/asm/suppressions/global/{email}", status_code=204)
def subscribe_again(email: str, connection: Transaction) -> None:
    """The address may be written to again."""
    _remove(connection, "unsubscribes", email)


@router.get("/asm/groups")
def list_groups(connection: Transaction) -> list[dict[str, Any]]:
    """Every unsubscribe group."""
    return [_group_shown(row) for row in connection.execute(select(groups).order_by(groups.c.id)).mappings()]


@router.post("/asm/groups", status_code=201)
def create_group(body: JsonBody, connection: Transaction) -> dict[str, Any]:
    """A new unsubscribe group, under a name of its own."""
    values = _group_given(body, {"name", "description"})
    try:
        row = connection.execute(insert(groups).values(values).returning(groups)).mappings().one()
    except IntegrityError as error:
        raise SendgridError("unsubscribe group name already exists", "name") from error
    return _group_shown(row)


@router.get("/asm/groups/{group_id}")
def show_group(group_id: int, connection: Transaction) -> dict[str, Any]:
    """One unsubscribe group."""
    return _group_shown(_group(connection, group_id))


@router.patch("/asm/groups/{group_id}", status_code=201)
def change_group(group_id: int, body: JsonBody, connection: Transaction) -> dict[str, Any]:
    """The group under another name or description."""
    _group(connection, group_id)
    connection.execute(update(groups).where(groups.c.id == group_id).values(_group_given(body, set())))
    return show_group(group_id, connection)


@router.delete("/asm/groups/{group_id}", status_code=204)
def delete_group(group_id: int, connection: Transaction) -> None:
    """The group is gone, and whom it kept from mail with it."""
    _group(connection, group_id)
    connection.execute(delete(suppressions).where(suppressions.c.list == str(group_id)))
    connection.execute(delete(groups).where(groups.c.id == group_id))


@router.get("/asm/groups/{group_id}/suppressions")
def list_left(group_id: int, connection: Transaction) -> list[str]:
    """Who has left the group."""
    _group(connection, group_id)
    left = select(suppressions.c.email).where(suppressions.c.list == str(group_id)).order_by(suppressions.c.created, suppressions.c.email)
    return list(connection.execute(left).scalars())


@router.post("/asm/groups/{group_id}/suppressions", status_code=201)
def leave_group(group_id: int, body: JsonBody, connection: Transaction) -> dict[str, list[str]]:
    """Write nothing more of the group to these addresses."""
    _group(connection, group_id)
    return _add(connection, str(group_id), body)


@router.delete("/asm/groups/{group_id}/suppressions/{email}", status_code=204)
def rejoin_group(group_id: int, email: str, connection: Transaction) -> None:
    """The group may write to the address again."""
    _remove(connection, str(group_id), email)


def _require_list(name: str) -> None:
    if name not in LISTS:
        raise SendgridError("not found", status=404)


def _entry(name: str, email: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return suppressions.c.list == name, suppressions.c.email == email.lower()


def _add(connection: Connection, name: str, body: Any) -> dict[str, list[str]]:
    require_keys(body, {"recipient_emails"})
    emails = body.get("recipient_emails")
    if not isinstance(emails, list) or not emails or not all(isinstance(email, str) for email in emails):
        raise SendgridError("recipient_emails must be a list of addresses", "recipient_emails")
    for email in emails:
        suppress(connection, name, email)
    return {"recipient_emails": emails}


def _remove(connection: Connection, name: str, email: str) -> None:
    if not connection.execute(delete(suppressions).where(*_entry(name, email))).rowcount:
        raise SendgridError("not found", status=404)


def _shown(name: str, row: Any) -> dict[str, Any]:
    shown = {"created": row["created"], "email": row["email"]}
    if name in {"bounces", "blocks", "invalid_emails"}:
        shown["reason"] = row["reason"]
    if name in {"bounces", "blocks"}:
        shown["status"] = row["status"]
    return shown | ({"ip": "127.0.0.1"} if name == "spam_reports" else {})


def _group(connection: Connection, group_id: int) -> Any:
    row = connection.execute(select(groups).where(groups.c.id == group_id)).mappings().one_or_none()
    if row is None:
        raise SendgridError("unsubscribe group not found", status=404)
    return row


def _group_given(body: Any, required: set[str]) -> dict[str, Any]:
    given = body if isinstance(body, dict) else {}
    if required - given.keys() or given.keys() - {"name", "description", "is_default"}:
        raise SendgridError("A group has a name, a description and may be the default.")
    if len(str(given.get("name", ""))) > LONGEST_NAME or len(str(given.get("description", ""))) > LONGEST_DESCRIPTION:
        raise SendgridError("The name has at most 30 characters and the description 100.", "name")
    return {name: int(value) if name == "is_default" else str(value) for name, value in given.items()}


def _group_shown(row: Any) -> dict[str, Any]:
    return {"id": row["id"], "name": row["name"], "description": row["description"], "is_default": bool(row["is_default"])}

"""Everybody's mailbox, for people at a sandbox and for the demo; SendGrid itself has none."""

from html import escape
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, select

from sandbox.sendgrid.calls import Transaction
from sandbox.sendgrid.errors import SendgridError
from sandbox.sendgrid.tables import emails

NEWEST = 200
# An email is somebody else's HTML: it may be looked at and its links followed, and nothing more.
SANDBOXED = {"Content-Security-Policy": "sandbox allow-popups allow-top-navigation-by-user-activation; script-src 'none'"}
STYLE = """
:root { color-scheme: light dark; --line: #dcdce0; --quiet: #656571; }
body { font: 16px/1.5 Inter, system-ui, sans-serif; max-width: 760px; margin: 40px auto; padding: 0 20px; }
h1 { font-size: 1.5rem; } form { margin: 0 0 24px; } input { font: inherit; padding: 8px 10px; width: 20rem; max-width: 100%; }
li { list-style: none; border-top: 1px solid var(--line); padding: 12px 0; } ul { padding: 0; } a { font-weight: 600; }
small { color: var(--quiet); display: block; }
@media (prefers-color-scheme: dark) { :root { --line: #2f3036; --quiet: #babac1; } }
"""
router = APIRouter(prefix="/sandbox/mailbox")


@router.get("")
def mailbox(connection: Transaction, to: str = "", limit: int = NEWEST) -> list[dict[str, Any]]:
    """The emails to an address, or to everybody, newest first."""
    query = select(emails).order_by(emails.c.id.desc()).limit(min(limit, NEWEST))
    found = connection.execute(query.where(emails.c.address == to.lower()) if to else query).mappings()
    return [{**row, "at": row["at"].isoformat()} for row in found]


@router.get("/page")
def page(connection: Transaction, to: str = "") -> HTMLResponse:
    """The same as a page."""
    items = "".join(_item(email) for email in mailbox(connection, to)) or "<li>No emails yet.</li>"
    return HTMLResponse(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Mailbox</title>"
        f"<style>{STYLE}</style><h1>Sandbox mailbox</h1>"
        f"<form><label for=to>Emails to</label> <input id=to name=to type=email placeholder=everyone value='{escape(to)}'></form>"
        f"<ul>{items}</ul></html>"
    )


@router.get("/emails/{email_id}")
def email_page(email_id: int, connection: Transaction) -> HTMLResponse:
    """One email as its reader sees it."""
    return HTMLResponse(_html(connection, email_id), headers=SANDBOXED)


def _item(email: dict[str, Any]) -> str:
    return (
        f"<li><a href='/sandbox/mailbox/emails/{email['id']}'>{escape(email['subject'])}</a>"
        f"<small>to {escape(email['address'])}, {escape(email['at'][:16].replace('T', ' '))}</small></li>"
    )


def _html(connection: Connection, email_id: int) -> str:
    html: str | None = connection.execute(select(emails.c.html).where(emails.c.id == email_id)).scalar_one_or_none()
    if html is None:
        raise SendgridError("There is no such email.", status=404)
    return html

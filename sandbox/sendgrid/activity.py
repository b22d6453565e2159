"""The Email Activity API, which SendGrid sells beside the plan: what it has taken, by the arguments that a message carries."""

import json
import re
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, Row, select, text

from campaigns.core.clock import business_now
from sandbox.sendgrid.calls import Transaction
from sandbox.sendgrid.errors import SendgridError
from sandbox.sendgrid.scopes import PERMITTED
from sandbox.sendgrid.tables import add_ons

ACTIVITY = "email_activity"
MOST = 1000
# SendGrid names no time, only that data in real time is the event webhook's: longer than an email of ours waits for its word.
# https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/email-activity
LAG = timedelta(minutes=5)
# Of its query language only what asks for one argument: https://www.twilio.com/docs/sendgrid/for-developers/sending-email/
# getting-started-email-activity-api
BY_ARGUMENT = re.compile(r"""\(?unique_args\['(\w+)'\]\s*=\s*"([^"]*)"\)?""")
FOUND = text("""
    select m.id, m.accepted_at, m.body ->> 'subject' as subject, m.body -> 'from' ->> 'email' as from_email,
        one.value -> 'to' -> 0 ->> 'email' as to_email,
        exists (select from sendgrid_sandbox.email l where l.message_id = m.id
            and l.address = lower(one.value -> 'to' -> 0 ->> 'email')) as arrived
    from sendgrid_sandbox.message m cross join lateral jsonb_array_elements(m.body -> 'personalizations') one
    where m.accepted_at <= :seen
        and coalesce(m.body -> 'custom_args', '{}') || coalesce(one.value -> 'custom_args', '{}') @> cast(:wanted as jsonb)
    order by m.accepted_at desc limit :limit
""")
router = APIRouter(prefix="/v3", dependencies=PERMITTED)


@router.get("/messages")
def list_messages(connection: Transaction, query: str = "", limit: int = 10) -> dict[str, list[dict[str, Any]]]:
    """What was taken under an argument, newest first, up to some minutes ago; 403 without the add-on."""
    if connection.execute(select(add_ons).where(add_ons.c.name == ACTIVITY)).first() is None:
        raise SendgridError("access forbidden", status=403)
    asked = BY_ARGUMENT.fullmatch(query)
    if asked is None or not 0 < limit <= MOST:
        raise SendgridError("invalid query", "query")
    return {"messages": [_shown(row) for row in _found(connection, {asked[1]: asked[2]}, limit)]}


def _found(connection: Connection, wanted: dict[str, str], limit: int) -> list[Row[Any]]:
    asked = {"wanted": json.dumps(wanted), "limit": limit, "seen": business_now(connection) - LAG}
    return list(connection.execute(FOUND, asked))


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "from_email": row.from_email, "msg_id": f"{row.id}.recvd-sandbox-1", "subject": row.subject or "", "to_email": row.to_email,
        "status": "delivered" if row.arrived else "processed", "opens_count": 0, "clicks_count": 0,
        "last_event_time": row.accepted_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip

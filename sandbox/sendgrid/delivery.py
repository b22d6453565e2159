"""Accepted mail on its way into mailboxes, and the events that tell of it."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from campaigns.core.clock import business_now, process_now
from sandbox.sendgrid.message import Body, recipients
from sandbox.sendgrid.suppressions import suppress
from sandbox.sendgrid.tables import batches, emails, events, messages, suppressions

AT_ONCE = 20
LAST_CANCEL = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=72)
# A list, the words of its `dropped` event, and the settings that pass it by.
BARRIERS = (
    ("bounces", "Bounced Address", {"bypass_list_management", "bypass_bounce_management"}),
    ("invalid_emails", "Invalid", {"bypass_list_management"}),
    ("spam_reports", "Spam Reporting Address", {"bypass_list_management", "bypass_spam_management"}),
    ("unsubscribes", "Unsubscribed Address", {"bypass_list_management", "bypass_unsubscribe_management"}),
)
# How it ended, and the list that this puts the address on.
LISTS = {
    "bounce": "bounces",
    "blocked": "blocks",
    "Invalid": "invalid_emails",
    "spamreport": "spam_reports",
    "unsubscribe": "unsubscribes",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """One address that a message goes to, with the personalization that it comes from."""

    address: str
    one: Body
    message_id: str
    body: Body


def deliver_due(connection: Connection) -> int:
    """Deliver or discard the messages whose time has come; returns how many."""
    now = business_now(connection)
    stopped_in_time = batches.c.status_since <= messages.c.send_at - LAST_CANCEL
    resting = (batches.c.status == "pause") & stopped_in_time & (messages.c.send_at > now - LONGEST_PAUSE)
    due = (
        select(messages, (batches.c.status.is_not(None) & stopped_in_time).label("stopped"))
        .outerjoin(batches, batches.c.id == messages.c.batch_id)
        .where(messages.c.done_at.is_(None), messages.c.send_at <= now, resting.is_not(True))
        .order_by(messages.c.send_at, messages.c.accepted_at)
        .limit(AT_ONCE)
        .with_for_update(of=messages, skip_locked=True)
    )
    found = connection.execute(due).mappings().all()
    for message in found:
        if not message["stopped"]:
            _deliver(connection, message["id"], message["body"], now)
        connection.execute(update(messages).where(messages.c.id == message["id"]).values(done_at=now))
    return len(found)


def _deliver(connection: Connection, message_id: str, body: Body, now: datetime) -> None:
    envelopes = [Envelope(address, one, message_id, body) for one in body["personalizations"] for address in recipients(one)]
    barred = _barred(connection, body, [e.address.lower() for e in envelopes])
    arrived, told = [], []
    for envelope in envelopes:
        history = list(_history(envelope, barred))
        told += [_event(envelope, happening, now) for happening in history]
        if any(happening["event"] == "delivered" for happening in history):
            arrived.append(_email(envelope, now))
        _remember(connection, envelope, history)
    if arrived:
        connection.execute(insert(emails), arrived)
    connection.execute(insert(events), [{"body": event, "due_at": process_now()} for event in told])


def _barred(connection: Connection, body: Body, addresses: list[str]) -> Mapping[str, str]:
    """Why which of the addresses is not written to."""
    passed = {name for name, setting in body.get("mail_settings", {}).items() if setting.get("enable")}
    words = {name: reason for name, reason, passes in BARRIERS if not passes & passed}
    if "asm" in body and not passed & {"bypass_list_management", "bypass_unsubscribe_management"}:
        words[str(body["asm"]["group_id"])] = "Unsubscribed Address"
    query = select(suppressions.c.email, suppressions.c.list).where(suppressions.c.list.in_(words), suppressions.c.email.in_(addresses))
    return {row.email: words[row.list] for row in connection.execute(query)}


def _history(envelope: Envelope, barred: Mapping[str, str]) -> Iterator[Body]:
    """What happens to it: whoever is called bounce, blocked, invalid, deferred, spam or unsubscribe at example.net acts so."""
    name, _, domain = envelope.address.lower().partition("@")
    act = name.partition("+")[0] if domain == "example.net" else ""
    if reason := barred.get(envelope.address.lower()) or ("Invalid" if act == "invalid" else None):
        yield {"event": "dropped", "reason": reason}
        return
    yield {"event": "processed"}
    if act in {"bounce", "blocked"}:
        yield {"event": "bounce", "type": act, "reason": "550 5.1.1 The mailbox does not exist", "status": "5.1.1"}
        return
    if act == "deferred":
        yield {"event": "deferred", "response": "451 4.3.0 Try again later", "attempt": "1"}
    yield {"event": "delivered", "response": "250 2.0.0 OK"}
    if act in {"spam", "unsubscribe"}:
        yield {"event": "spamreport" if act == "spam" else "unsubscribe"}


def _remember(connection: Connection, envelope: Envelope, history: list[Body]) -> None:
    last = history[-1]
    end = last.get("type") or (last["reason"] if last["event"] == "dropped" else last["event"])
    if end in LISTS:
        suppress(connection, LISTS[end], envelope.address, last.get("reason", ""), last.get("status", ""))


def _event(envelope: Envelope, happening: Body, now: datetime) -> Body:
    body = envelope.body
    group = {"asm_group_id": body["asm"]["group_id"]} if "asm" in body else {}
    custom = {**body.get("custom_args", {}), **envelope.one.get("custom_args", {})}
    return {
        **custom, "email": envelope.address, "timestamp": int(now.timestamp()), "category": body.get("categories", []), **group,
        "sg_event_id": secrets.token_urlsafe(16), "sg_message_id": f"{envelope.message_id}.recvd-sandbox-1", **happening,
    }  # fmt: skip


def _email(envelope: Envelope, now: datetime) -> Body:
    body, one = envelope.body, envelope.one
    parts = {part["type"]: part["value"] for part in body.get("content", [])}

    def filled(text: str) -> str:
        for tag, value in one.get("substitutions", {}).items():
            text = text.replace(tag, value)
        return text

    return {
        "message_id": envelope.message_id, "address": envelope.address.lower(), "at": now,
        "subject": filled(one.get("subject") or body.get("subject", "")),
        "text": filled(parts.get("text/plain", "")), "html": filled(parts.get("text/html", "")),
        "headers": {**body.get("headers", {}), **one.get("headers", {})},
    }  # fmt: skip

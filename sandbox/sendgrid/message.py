"""What SendGrid checks in the body of POST /v3/mail/send before it answers 202."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sandbox.sendgrid.errors import BadMessage, complaint

Body = dict[str, Any]
Complaints = Iterator[dict[str, Any]]

TOP_LEVEL = frozenset({
    "personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id", "headers", "categories",
    "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings", "tracking_settings", "sections",
})  # fmt: skip
PERSONALIZATION = frozenset({
    "to", "cc", "bcc", "from", "subject", "headers", "substitutions", "dynamic_template_data", "custom_args", "send_at",
})  # fmt: skip
NARROW_BYPASSES = frozenset({"bypass_spam_management", "bypass_bounce_management", "bypass_unsubscribe_management"})
MAIL_SETTINGS = NARROW_BYPASSES | {"bypass_list_management", "footer", "sandbox_mode"}
TRACKING_SETTINGS = frozenset({"click_tracking", "open_tracking", "subscription_tracking", "ganalytics"})
RESERVED_HEADERS = frozenset({
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from", "subject", "reply-to",
    "cc", "bcc",
})  # fmt: skip
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
MOST_RECIPIENTS = 1000
MOST_CATEGORIES = 10
LONGEST_CATEGORY = 255
MOST_BYTES = 10_000
LONGEST_SCHEDULE = timedelta(hours=72)


def check(body: Any, *, now: datetime, batch_exists: bool) -> Body:
    """The body, if SendGrid takes it; raises BadMessage with everything that is wrong."""
    if not isinstance(body, dict):
        raise BadMessage([complaint("Bad Request")])
    wrong = [*_top_level(body), *_content(body), *_extras(body), *_schedule(body, "", now), *_settings(body)]
    wrong += _personalizations(body, now)
    if "batch_id" in body and not batch_exists:
        wrong.append(complaint("The batch_id is not valid.", "batch_id"))
    if wrong:
        raise BadMessage(wrong)
    return body


def recipients(personalization: Body) -> list[str]:
    """Every address of one envelope: to, cc and bcc."""
    return [str(who.get("email", "")) for part in ("to", "cc", "bcc") for who in personalization.get(part, []) if isinstance(who, dict)]


def _top_level(body: Body) -> Complaints:
    yield from _unknown(body, TOP_LEVEL, "")
    yield from _person(body.get("from"), "from")
    if "reply_to" in body:
        yield from _person(body["reply_to"], "reply_to")
    if len(body.get("reply_to_list", [])) > MOST_RECIPIENTS or {"reply_to", "reply_to_list"} <= body.keys():
        yield complaint("Use reply_to, or reply_to_list with at most 1000 addresses.", "reply_to_list")
    per_person = all(p.get("subject") for p in body.get("personalizations") or [{}] if isinstance(p, dict))
    if "template_id" not in body and not body.get("subject") and not per_person:
        yield complaint("The subject is required, unless a template with a subject is used.", "subject")


def _content(body: Body) -> Complaints:
    content = body.get("content")
    if not isinstance(content, list) or not content:
        if "template_id" not in body:
            yield complaint("Unless a valid template_id is provided, the content parameter is required.", "content")
        return
    for number, part in enumerate(content):
        if not isinstance(part, dict) or not part.get("type") or not isinstance(part.get("value"), str) or not part["value"]:
            yield complaint("The content type and value must be strings at least one character in length.", f"content.{number}")
        elif re.search(r"[;,\r\n]", part["type"]):
            yield complaint("The content type cannot contain ';', ',' or CRLF characters.", f"content.{number}.type")
    order = [kind for part in content if isinstance(part, dict) and (kind := part.get("type")) in {"text/plain", "text/html"}]
    if order != sorted(order, reverse=True):
        yield complaint("If present, text/plain must be first, followed by text/html.", "content")


def _extras(body: Body) -> Complaints:
    categories = body.get("categories", [])
    if not isinstance(categories, list) or len(categories) > MOST_CATEGORIES or len(set(map(str, categories))) != len(categories):
        yield complaint("The categories must be an array of at most 10 unique strings.", "categories")
    elif any(not isinstance(c, str) or len(c) > LONGEST_CATEGORY for c in categories):
        yield complaint("Each category must be a string of at most 255 characters.", "categories")
    yield from _headers(body, "")
    yield from _custom_args(body, {}, "")
    asm = body.get("asm", {"group_id": 0})
    if not isinstance(asm, dict) or not isinstance(asm.get("group_id"), int) or asm.keys() - {"group_id", "groups_to_display"}:
        yield complaint("The asm group_id must be an integer.", "asm.group_id")
    elif len(asm.get("groups_to_display", [])) > 25:
        yield complaint("You cannot display more than 25 unsubscribe groups.", "asm.groups_to_display")


def _settings(body: Body) -> Complaints:
    mail, tracking = body.get("mail_settings", {}), body.get("tracking_settings", {})
    yield from _unknown(mail, MAIL_SETTINGS, "mail_settings.")
    yield from _unknown(tracking, TRACKING_SETTINGS, "tracking_settings.")
    if "bypass_list_management" in mail and mail.keys() & {
        name for name in MAIL_SETTINGS if name.startswith("bypass_") and "list" not in name
    }:
        yield complaint("The bypass_list_management filter cannot be combined with the other bypass filters.", "mail_settings")


def _personalizations(body: Body, now: datetime) -> Complaints:
    envelopes = body.get("personalizations")
    if not isinstance(envelopes, list) or not envelopes or not all(isinstance(one, dict) for one in envelopes):
        yield complaint("The personalizations field is required and must have at least one personalization.", "personalizations")
        return
    if len(envelopes) > MOST_RECIPIENTS or sum(len(recipients(one)) for one in envelopes) > MOST_RECIPIENTS:
        yield complaint("There is a limit of 1000 total recipients (including to, cc, and bcc) per request.", "personalizations")
        return
    for number, one in enumerate(envelopes):
        yield from _personalization(one, body, f"personalizations.{number}.", now)


def _personalization(one: Body, body: Body, at: str, now: datetime) -> Complaints:
    yield from _unknown(one, PERSONALIZATION, at)
    if not one.get("to"):
        yield complaint("The to array is required for all personalization objects, and must have at least one email object.", f"{at}to")
    for part in ("to", "cc", "bcc"):
        for number, who in enumerate(one.get(part, [])):
            yield from _person(who, f"{at}{part}.{number}")
    addresses = [address.lower() for address in recipients(one)]
    if len(set(addresses)) != len(addresses):
        yield complaint("Each email address in the personalization block should be unique between to, cc, and bcc.", at.rstrip("."))
    yield from _headers(one, at)
    yield from _custom_args(one, body.get("custom_args", {}), at)
    yield from _schedule(one, at, now)
    substitutions = one.get("substitutions", {})
    if not _are_strings(substitutions) or _size(substitutions) > MOST_BYTES:
        yield complaint("The substitutions must be strings, and may not exceed 10000 bytes.", f"{at}substitutions")


def _person(who: Any, at: str) -> Complaints:
    if not isinstance(who, dict) or not isinstance(who.get("email"), str) or not ADDRESS.fullmatch(who["email"]):
        yield complaint("Does not contain a valid address.", f"{at}.email")
    elif re.search(r"[;,]", str(who.get("name", ""))) or who.keys() - {"email", "name"}:
        yield complaint("The name may not contain ';' or ','.", f"{at}.name")


def _headers(where: Body, at: str) -> Complaints:
    headers = where.get("headers", {})
    if not _are_strings(headers):
        yield complaint("The headers must be strings.", f"{at}headers")
    elif reserved := sorted(name for name in headers if name.lower() in RESERVED_HEADERS):
        yield complaint(f"The header {reserved[0]} is reserved.", f"{at}headers.{reserved[0]}")


def _custom_args(where: Body, shared: Body, at: str) -> Complaints:
    mine = where.get("custom_args", {})
    if not _are_strings(mine) or _size({**shared, **mine}) >= MOST_BYTES:
        yield complaint("The custom_args must be strings of less than 10000 bytes together.", f"{at}custom_args")


def _schedule(where: Body, at: str, now: datetime) -> Complaints:
    send_at = where.get("send_at", 0)
    if not isinstance(send_at, int) or isinstance(send_at, bool):
        yield complaint("The send_at must be an integer.", f"{at}send_at")
    elif send_at > (now + LONGEST_SCHEDULE).timestamp():
        yield complaint("The send_at cannot be more than 72 hours in the future.", f"{at}send_at")


def _unknown(found: Any, known: frozenset[str], at: str) -> Complaints:
    names = sorted(found.keys() - known) if isinstance(found, dict) else ["not an object"]
    for name in names:
        yield complaint(f"Invalid property: {name}", f"{at}{name}")


def _are_strings(found: Any) -> bool:
    return isinstance(found, dict) and all(isinstance(value, str) for value in found.values())


def _size(found: Body) -> int:
    return sum(len(f"{name}{value}".encode()) for name, value in found.items())

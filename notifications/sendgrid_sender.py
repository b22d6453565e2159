"""SendGrid as the carrier: the only importer of its SDK."""

import base64
import binascii
import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from http.client import HTTPException
from itertools import count
from socket import gaierror
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener
from uuid import UUID

from python_http_client.client import Client
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook

from campaigns.core.settings import Settings, settings
from notifications.sender import LEFT, UNSUBSCRIBE_TAG, EmailKind, EmailRefused, FateUnknown, NotTaken, Outgoing, OutgoingChunk

log = logging.getLogger("callboard.emails")
TIMEOUT = timedelta(seconds=10)  # shorter than the relay's lease
# SendGrid posts what nobody took again for a day, each time under the timestamp and signature of the first.
OLDEST_SIGNATURE = timedelta(hours=25)
CLOCKS_APART = timedelta(minutes=5)
LONGEST_COMPLAINT = 500
TRY_AGAIN = frozenset({401, 403, 429})
NOT_ALLOWED = frozenset({401, 403})
MOST_FOUND = 10
GROUPS = {
    EmailKind.ANNOUNCEMENT: ("Open calls", "Announcements of new open calls."),
    EmailKind.DIGEST: ("Monday letter", "The status of a brand's campaigns, once a week."),
    EmailKind.WORK: ("Your work", "News about your work and your money."),
}
LISTS = {"bounces": "bounce", "invalid_emails": "invalid", "spam_reports": "spamreport", "unsubscribes": "unsubscribe"}
PAGE = 500  # addresses of a list in one answer, at most
QUIET = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}


class BadSignature(Exception):
    """An event post that SendGrid did not sign, or longer ago than it repeats a post."""


class SendgridSender:
    """Emails by SendGrid's v3 API; it knows no idempotency, so whoever calls keeps book of what may have been taken."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._groups: dict[EmailKind, int] = {}

    def send(self, email: Outgoing) -> str:
        """Send the email now; returns SendGrid's message id."""
        to: dict[str, Any] = {"to": [{"email": email.address}], "custom_args": {"mid": str(email.email_id)}}
        if email.unsubscribe_url:
            to["headers"] = one_click(email.unsubscribe_url)
        body = self._message(email.kind, email.subject, email.text, email.html) | {"personalizations": [to]}
        return self._post(body)

    def send_chunk(self, chunk: OutgoingChunk) -> str:
        """Leave the chunk with SendGrid until its time; returns SendGrid's message id."""
        body = self._message(EmailKind.ANNOUNCEMENT, chunk.subject, chunk.text, chunk.html) | {
            "personalizations": [
                {
                    "to": [{"email": one.address}],
                    "custom_args": {"mid": str(one.email_id), "cid": str(chunk.chunk_id)},
                    "substitutions": {UNSUBSCRIBE_TAG: one.unsubscribe_url},
                    "headers": one_click(one.unsubscribe_url),
                }
                for one in chunk.addressees
            ],
            "batch_id": chunk.batch_id,
            "send_at": int(chunk.send_at.timestamp()),
        }
        return self._post(body)

    def find(self, email_id: UUID) -> Sequence[str]:
        """What SendGrid's Email Activity has of an email, each by its message id; none where the key may not ask it."""
        # It is a snapshot: data in real time is the event webhook's alone, and nothing says how far it lags behind. See
        # https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/email-activity
        if not self._settings.sendgrid_activity:
            return ()
        query = {"query": f"(unique_args['mid']=\"{email_id}\")", "limit": str(MOST_FOUND)}
        try:
            return [str(each["msg_id"]) for each in self.ask(lambda client: client.messages.get(query_params=query))["messages"]]
        except EmailRefused as refusal:
            log.warning("SendGrid's Email Activity does not answer: %s", refusal)
        except NotTaken as refusal:
            if not isinstance(refusal.__cause__, HTTPError) or refusal.__cause__.status_code not in NOT_ALLOWED:
                raise
            log.warning("the key may not ask SendGrid's Email Activity: %s", refusal)
        return ()

    def new_batch(self) -> str:
        """A batch under which a chunk can be called back."""
        with asking():
            return str(self._client().mail.batch.post().to_dict["batch_id"])

    def cancel(self, batch_id: str) -> None:
        """Call a batch back, after asking whether it has been; raises EmailRefused when SendGrid holds too many such calls already."""
        with asking():
            scheduled = self._client().user.scheduled_sends
            if not any(found["status"] == "cancel" for found in scheduled._(batch_id).get().to_dict):
                self._client().user.scheduled_sends.post(request_body={"batch_id": batch_id, "status": "cancel"})

    def forget(self, batch_id: str) -> None:
        """Make room for another call, SendGrid holds ten; the batch's time must be over, or what was called back would go out."""
        with suppress(EmailRefused), asking():  # it has been forgotten before
            self._client().user.scheduled_sends._(batch_id).delete()

    def suppressed(self) -> Iterator[tuple[str, str]]:
        """Every address on a list of SendGrid's or gone from one of our groups, after the reason as our own table names it."""
        for name, reason in LISTS.items():
            yield from ((reason, address) for address in self._listed(name))
        for kind, reason in LEFT.items():
            group = self._group(kind)
            with asking():
                left = self._client().asm.groups._(group).suppressions.get().to_dict
            yield from ((reason, str(address)) for address in left)

    def ask(self, question: Callable[[Any], Any]) -> Any:
        """What the answer to any other question to the SDK holds; raises NotTaken or EmailRefused."""
        with asking():
            return question(self._client()).to_dict

    def _listed(self, name: str) -> Iterator[str]:
        for offset in count(step=PAGE):
            with asking():
                page = self._client().suppression._(name).get(query_params={"limit": PAGE, "offset": offset}).to_dict
            yield from (str(entry["email"]) for entry in page)
            if len(page) < PAGE:
                return

    @cached_property
    def webhook_key(self) -> str:
        """The public key that signs event posts."""
        if self._settings.sendgrid_webhook_key:
            return self._settings.sendgrid_webhook_key
        with asking():
            return str(self._client().user.webhooks.event.settings.signed.get().to_dict["public_key"])

    def _post(self, body: dict[str, Any]) -> str:
        with sending():
            answer = self._client().mail.send.post(request_body=body)
            return str(answer.headers["X-Message-Id"])

    def _message(self, kind: EmailKind, subject: str, text: str, html: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "from": {"email": self._settings.mail_from, "name": self._settings.mail_from_name},
            "subject": subject,
            "content": [{"type": "text/plain", "value": text}, {"type": "text/html", "value": html}],
            "categories": [kind.value],
            "tracking_settings": QUIET,
        }
        if kind is EmailKind.SIGN_IN:
            bypass = {"bypass_unsubscribe_management": {"enable": True}, "bypass_spam_management": {"enable": True}}
            return body | {"mail_settings": bypass}
        return body | {"asm": {"group_id": self._group(kind)}}

    def _group(self, kind: EmailKind) -> int:
        """The id of the kind's unsubscribe group, which is made when the account has none of its name."""
        if kind not in self._groups:
            try:
                self._groups[kind] = self._found_or_made(*GROUPS[kind])
            except EmailRefused as refusal:  # made by another relay just now, or the account may have no more
                raise NotTaken(str(refusal)) from refusal
        return self._groups[kind]

    def _found_or_made(self, name: str, description: str) -> int:
        with asking():
            there = {group["name"]: int(group["id"]) for group in self._client().asm.groups.get().to_dict}
            if name in there:
                return there[name]
            return int(self._client().asm.groups.post(request_body={"name": name, "description": description}).to_dict["id"])

    def _client(self) -> Any:
        # One for each call: the SDK shares a dictionary of headers between the calls of a client, whatever the thread.
        made = SendGridAPIClient(self._settings.sendgrid_key, host=self._settings.sendgrid_url).client
        return Unled(made.host, made.request_headers, version=3, timeout=TIMEOUT.total_seconds())


class NoRedirects(HTTPRedirectHandler):
    """Takes an answer with another address for what it is: no answer."""

    def redirect_request(self, *_asked: Any) -> None:
        return None


class Unled(Client):  # type: ignore[misc]  # python_http_client has no types
    """The SDK's HTTP client, which would carry our key and the email to whatever address an answer names."""

    def _build_client(self, name: str | None = None) -> "Unled":
        path = [*self._url_path, name] if name else self._url_path
        return Unled(self.host, self.request_headers, self._version, path, self.append_slash, self.timeout)

    def _make_request(self, _opener: OpenerDirector, request: Request, timeout: float | None = None) -> Any:
        return super()._make_request(build_opener(NoRedirects), request, timeout)


def one_click(url: str) -> dict[str, str]:
    """The headers by which a mail program ends emails of a kind with one click (RFC 8058)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


@contextmanager
def sending() -> Iterator[None]:
    """Whatever goes wrong inside becomes one of the three: not taken, refused, fate unknown."""
    try:
        yield
    except HTTPError as error:
        if error.status_code in TRY_AGAIN or error.status_code < 400:
            raise NotTaken(f"SendGrid answered {error.status_code}: {_said(error)}") from error
        if error.status_code < 500:
            raise EmailRefused(_said(error), _culprits(error)) from error
        raise FateUnknown(f"SendGrid answered {error.status_code}") from error
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError | gaierror):
            raise NotTaken(f"SendGrid cannot be reached: {error.reason}") from error
        raise FateUnknown(str(error.reason)) from error
    except (OSError, HTTPException) as error:
        raise FateUnknown(repr(error)) from error


@contextmanager
def asking() -> Iterator[None]:
    """What is only asked, or may be repeated without harm, is never of unknown fate."""
    try:
        with sending():
            yield
    except FateUnknown as error:
        raise NotTaken(str(error)) from error


def _complaints(error: HTTPError) -> list[tuple[str, str]]:
    """What SendGrid complains of: each time the field, empty when it names none, and the message."""
    answer = bytes(error.body or b"").decode(errors="replace")
    try:
        return [(each.get("field") or "", str(each["message"])) for each in json.loads(answer)["errors"]]
    except (ValueError, KeyError, TypeError, AttributeError):  # not SendGrid's form
        return [("", answer)]


def _said(error: HTTPError) -> str:
    return "; ".join(f"{field}: {message}" if field else message for field, message in _complaints(error))[:LONGEST_COMPLAINT]


def _culprits(error: HTTPError) -> Iterator[int]:
    named = (re.match(r"personalizations\.(\d+)\.", field) for field, _message in _complaints(error))
    return (int(found[1]) for found in named if found)


@lru_cache
def sender() -> SendgridSender:
    """The carrier of this process."""
    return SendgridSender(settings())


def signed_events(body: bytes, signature: str, timestamp: str, *, now: datetime) -> list[dict[str, Any]]:
    """The events of a post to our webhook; raises BadSignature unless SendGrid signed it for the first time within a day of `now`.

    `now` is process time. Whoever repeats a post within that day changes nothing: each event is kept once, by its id.
    """
    try:
        age = now.timestamp() - int(timestamp)
        # The SDK decodes leniently; junk must be refused, not raise.
        base64.b64decode(signature, validate=True)
        genuine = EventWebhook(sender().webhook_key).verify_signature(body.decode(), signature, timestamp)
    except (ValueError, binascii.Error) as error:
        raise BadSignature("The signature cannot be read.") from error
    if not genuine:
        raise BadSignature("The signature is not SendGrid's.")
    if not -CLOCKS_APART.total_seconds() <= age <= OLDEST_SIGNATURE.total_seconds():
        raise BadSignature("The signature is too old, or dated in the future.")
    events: list[dict[str, Any]] = json.loads(body)
    return events

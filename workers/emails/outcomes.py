"""What became of the emails: handler of `sendgrid_event`, and the end of waiting for its word."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import clock, inbox, outbox
from campaigns.core.emails import Email, EmailChunk
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.words import _
from notifications.registry import NOTIFICATIONS
from notifications.sender import WAIT
from notifications.suppressing import learn_of_address
from workers.emails.announce import enqueue_emails
from workers.emails.chunks import send_chunk_again, settle_chunk
from workers.emails.sending import settle, wait_for_word
from workers.transactions import unit_of_work

MOST_SENDS = 3
ON_ITS_WAY = frozenset({"processed", "delivered"})
UNDELIVERED = frozenset({"bounce", "dropped"})


def take_event(claimed: outbox.Claimed) -> None:
    """Learn from an event of SendGrid's what became of an email, and who must not be written to."""
    with unit_of_work() as session:
        event = session.get_one(inbox.Received, ("sendgrid", claimed.body["event"])).body
        at = clock.business_now(session)
        if (email := _email_of(session, event)) is not None:
            _learn(email, event, at)
        learn_of_address(session, event, at=at)


def settle_unknown(session: Session, *, at: datetime) -> int:
    """End the wait for emails of unknown fate; returns how many were settled or are sent again.

    Of a chunk, some seen means sent. What nothing was seen of is sent again, until the carrier has said nothing of MOST_SENDS tries, or
    of two of a chunk. No wait ends before all that the carrier has told until its end has been looked into.
    """
    looked_into = min(outbox.open_since(session, OutboxKind.SENDGRID_EVENT) or clock.process_now(), clock.process_now())
    return _settle_chunks(session, at, looked_into) + _settle_emails(session, at, looked_into)


def _settle_chunks(session: Session, at: datetime, looked_into: datetime) -> int:
    over = func.greatest(EmailChunk.tried_at, EmailChunk.send_at) <= at - WAIT
    unknown = session.scalars(select(EmailChunk).where(EmailChunk.state == "unknown", over).with_for_update(skip_locked=True)).all()
    for chunk in unknown:
        if chunk.wait_until is None:  # its time has come only now, perhaps by a jump of the business's clock
            wait_for_word(chunk)
    chunks = [chunk for chunk in unknown if chunk.wait_until and chunk.wait_until <= looked_into]
    seen_in = select(Email.chunk_id).where(Email.chunk_id.in_([c.id for c in chunks]), Email.state.in_(("sent", "failed"))).distinct()
    seen = set(session.scalars(seen_in))
    for chunk in chunks:
        if chunk.id in seen:
            settle_chunk(session, chunk, "sent", at)
        elif not send_chunk_again(session, chunk):
            settle_chunk(session, chunk, "failed", at, reason=_silence())
    return len(chunks)


def _settle_emails(session: Session, at: datetime, looked_into: datetime) -> int:
    over = (Email.state == "unknown", Email.wait_until <= looked_into)
    emails = session.scalars(select(Email).where(*over).with_for_update(skip_locked=True)).all()
    for email in emails:
        if email.sends >= MOST_SENDS:
            settle(email, "failed", at, reason=_silence())
        else:
            email.state = "promised"
    for name in {email.notification for email in emails}:
        again = [(email.id, f"{email.id}:{email.sends}") for email in emails if (email.notification, email.state) == (name, "promised")]
        enqueue_emails(session, again, NOTIFICATIONS[name].lane(len(again)))
    return len(emails)


def _email_of(session: Session, event: dict[str, Any]) -> Email | None:
    return session.get(Email, UUID(event["mid"]), with_for_update=True) if "mid" in event else None


def _learn(email: Email, event: dict[str, Any], at: datetime) -> None:
    """The carrier's word moves an email forward only: to sent, or to failed when it did not arrive."""
    if event["event"] in UNDELIVERED and email.state != "dropped":
        settle(email, "failed", at, reason=event.get("reason") or event["event"])
    elif event["event"] in ON_ITS_WAY and (email.state in {"promised", "sending", "unknown"} or email.reason == _silence()):
        settle(email, "uncertain" if email.sends > 1 else "sent", at)


def _silence() -> str:
    """Why an email has failed of which the carrier never said anything."""
    return _("SendGrid did not answer and has not reported what became of it.")

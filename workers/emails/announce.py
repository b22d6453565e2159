"""From facts to emails: handler of `event`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import clock, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.db import as_rows, insert_rows
from campaigns.core.emails import Email, EmailChunk
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.ids import new_id
from campaigns.core.lanes import Lane
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Person
from campaigns.core.words import _
from notifications.notification import EmailDraft, Notification
from notifications.registry import NOTIFICATIONS, notifications_of
from notifications.render import Recipient, Written, write
from notifications.strangers import is_stranger, may_be_written_to, neutral
from notifications.unsubscribing import unsubscribe_url
from workers.emails.chunks import call_back
from workers.emails.community import write_chunks
from workers.transactions import unit_of_work

BATCH = 500
WRITE_EMAILS = insert_rows("email", "on conflict do nothing returning id")
CHANGES_THE_CALL = frozenset({EventName.CAMPAIGN_PAUSED, EventName.CAMPAIGN_CANCELLED})
END_OF_WAITING = frozenset({EventName.CAMPAIGN_RESUMED, EventName.CAMPAIGN_CANCELLED})


class WrittenTwice(ValueError):
    """A notification gave one person two emails about one fact."""


def announce(claimed: outbox.Claimed) -> None:
    """Write every email that the event asks for and enqueue it; what has been written before stays as it is."""
    event_id = UUID(claimed.body["event"])
    with unit_of_work() as session:
        fact = session.get_one(Event, event_id)
        told = notifications_of(fact.name)
        for notification in told:
            if not notification.announcement:
                write_emails(session, notification, fact, at=clock.business_now(session))
        if fact.name in CHANGES_THE_CALL and fact.campaign_id:
            call_back(session, fact.campaign_id, because=fact.id)
        if fact.name in END_OF_WAITING:
            release(session, fact)
    for notification in told:
        if notification.announcement:
            write_chunks(notification, event_id)


def write_emails(session: Session, notification: Notification, fact: Event, *, at: datetime) -> None:
    """The emails of one notification about one fact, each written and enqueued once for each recipient."""
    campaign = session.get(Campaign, fact.campaign_id) if fact.campaign_id else None
    told = 0
    for drafts in _batches(_by_recipient(notification, notification.build(session, fact))):
        told += len(drafts)
        paired = list(_paired(session, drafts))
        emails = [_email(notification, fact, draft, reader, campaign, at) for draft, reader in paired]
        too_many = _too_many(session, notification, fact, {reader.id for _draft, reader in paired if is_stranger(notification, reader)}, at)
        rows = [email | too_many.get(email["recipient_id"], {}) for email in emails]
        new: set[UUID] = set(session.scalars(WRITE_EMAILS, {"rows": as_rows(rows)})) if rows else set()
        sent = [row["id"] for row in rows if row["id"] in new and row["state"] == "promised"]
        enqueue_emails(session, [(email_id, str(email_id)) for email_id in sent], notification.lane(told))


def _too_many(session: Session, notification: Notification, fact: Event, strangers: set[UUID], at: datetime) -> dict[UUID, dict[str, Any]]:
    """What becomes of the emails to those of the strangers who have had their few; one that was written before counts once."""
    if not strangers:
        return {}
    before = select(Email.recipient_id).where(
        Email.event_id == fact.id, Email.notification == notification.name, Email.recipient_id.in_(strangers)
    )
    strangers -= set(session.scalars(before))
    reason = _("This person has never signed in, and has had as many emails as we send in that case.")
    dropped = {"state": "dropped", "settled_at": at, "reason": reason}
    return dict.fromkeys(strangers - may_be_written_to(session, strangers), dropped)


def enqueue_emails(session: Session, emails: Sequence[tuple[UUID, str]], lane: Lane) -> None:
    """Enqueue each of these emails, under its own key and in this lane, in one statement."""
    if emails:
        outbox.enqueue_each(session, OutboxKind.EMAIL, {key: {"email": str(email_id)} for email_id, key in emails}, lane=lane)


def release(session: Session, fact: Event) -> None:
    """At the end of a pause, enqueue once more whatever waited for it; an email that was not waiting is sent once all the same."""
    of_campaign = (Email.campaign_id == fact.campaign_id, Email.state == "promised", Email.chunk_id.is_(None))
    waited = session.scalars(select(Email).where(*of_campaign)).all()
    rewrite(session, waited)
    for name, waited_for in groupby(sorted(waited, key=_notification), _notification):
        emails = [(email.id, f"{email.id}:{fact.id}") for email in waited_for]
        enqueue_emails(session, emails, NOTIFICATIONS[name].lane(len(emails)))
    facts = select(Event.id).where(Event.chain_id == fact.campaign_id)
    for chunk_id in session.scalars(select(EmailChunk.id).where(EmailChunk.event_id.in_(facts), EmailChunk.state == "promised")):
        outbox.enqueue(session, OutboxKind.EMAIL_CHUNK, key=f"{chunk_id}:{fact.id}", chunk=str(chunk_id))


def _notification(email: Email) -> str:
    return email.notification


def rewrite(session: Session, waited: Sequence[Email]) -> None:
    """Write emails anew that lay through a pause: it has moved the dates that they name."""
    kept: dict[tuple[UUID, str], dict[UUID, Email]] = {}
    for email in waited:
        kept.setdefault((email.event_id, email.notification), {})[email.recipient_id] = email
    for (event_id, name), emails in kept.items():
        notification, fact = NOTIFICATIONS[name], session.get_one(Event, event_id)
        campaign = session.get(Campaign, fact.campaign_id) if fact.campaign_id else None
        drafts = [draft for draft in notification.build(session, fact) if draft.to in emails]
        for draft, reader in _paired(session, drafts):
            email = emails[draft.to]
            words = _words(notification, draft, reader, campaign, email.id)
            email.subject, email.text, email.html = words.subject, words.text, words.html


def _by_recipient(notification: Notification, drafts: Any) -> Iterator[EmailDraft]:
    told: set[UUID] = set()
    for draft in drafts:
        if draft.to in told:
            raise WrittenTwice(f"{notification.name} writes twice to {draft.to} about one fact: make it one email with a list")
        told.add(draft.to)
        yield draft


def _batches(drafts: Iterator[EmailDraft]) -> Iterator[list[EmailDraft]]:
    while batch := list(islice(drafts, BATCH)):
        yield batch


def _paired(session: Session, drafts: Sequence[EmailDraft]) -> Iterator[tuple[EmailDraft, Person]]:
    readers = session.scalars(select(Person).where(Person.id.in_([draft.to for draft in drafts])))
    known = {reader.id: reader for reader in readers}
    return ((draft, known[draft.to]) for draft in drafts)


def _words(notification: Notification, draft: EmailDraft, to: Person, campaign: Campaign | None, email_id: UUID) -> Written:
    if is_stranger(notification, to):
        notification, draft, campaign = NOTIFICATIONS["first_word"], neutral(draft), None
    reader, leave = Recipient(to.name, to.locale, to.time_zone), unsubscribe_url(email_id) if notification.digest else None
    return write(notification, draft.params, path=draft.path, reader=reader, campaign=campaign, unsubscribe=leave)


def _email(
    notification: Notification, fact: Event, draft: EmailDraft, reader: Person, campaign: Campaign | None, at: datetime
) -> dict[str, Any]:
    email_id = new_id()
    words = _words(notification, draft, reader, campaign, email_id)
    return {
        "id": email_id, "event_id": fact.id, "recipient_id": reader.id, "notification": notification.name, "campaign_id": fact.campaign_id,
        "address": reader.email, "subject": words.subject, "text": words.text, "html": words.html, "state": "promised",
        "enqueued_at": at, "sends": 0,
    }  # fmt: skip

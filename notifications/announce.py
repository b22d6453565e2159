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
from campaigns.core.db import as_rows, insert_rows, unit_of_work
from campaigns.core.events import Event
from campaigns.core.ids import new_id
from campaigns.core.lanes import Lane
from campaigns.core.mail import Mail, MailChunk
from campaigns.core.people import Person
from campaigns.core.words import _
from notifications.chunks import call_back
from notifications.community import write_chunks
from notifications.notice import EmailDraft, Notice
from notifications.notices import NOTICES, notices_of
from notifications.render import Reader, Written, write
from notifications.strangers import is_stranger, may_be_written_to, neutral
from notifications.unsubscribing import unsubscribe_url

BATCH = 500
WRITE_MAILS = insert_rows("mail", "on conflict do nothing returning id")
CHANGES_THE_CALL = frozenset({"campaign.paused", "campaign.cancelled"})
END_OF_WAITING = frozenset({"campaign.resumed", "campaign.cancelled"})


class WrittenTwice(ValueError):
    """A notice gave one person two emails about one fact."""


def announce(claimed: outbox.Claimed) -> None:
    """Write every email that the event asks for and enqueue it; what has been written before stays as it is."""
    event_id = UUID(claimed.body["event"])
    with unit_of_work() as session:
        fact = session.get_one(Event, event_id)
        told = notices_of(fact.name)
        for notice in told:
            if not notice.announcement:
                write_emails(session, notice, fact, at=clock.business_now(session))
        if fact.name in CHANGES_THE_CALL and fact.campaign_id:
            call_back(session, fact.campaign_id, because=fact.id)
        if fact.name in END_OF_WAITING:
            release(session, fact)
    for notice in told:
        if notice.announcement:
            write_chunks(notice, event_id)


def write_emails(session: Session, notice: Notice, fact: Event, *, at: datetime) -> None:
    """The emails of one notice about one fact, each written and enqueued once for each recipient."""
    campaign = session.get(Campaign, fact.campaign_id) if fact.campaign_id else None
    told = 0
    for emails in _batches(_by_recipient(notice, notice.build(session, fact))):
        told += len(emails)
        paired = list(_paired(session, emails))
        mails = [_mail(notice, fact, email, reader, campaign, at) for email, reader in paired]
        too_many = _too_many(session, notice, fact, {reader.id for _email, reader in paired if is_stranger(notice, reader)}, at)
        rows = [mail | too_many.get(mail["recipient_id"], {}) for mail in mails]
        new: set[UUID] = set(session.scalars(WRITE_MAILS, {"rows": as_rows(rows)})) if rows else set()
        sent = [row["id"] for row in rows if row["id"] in new and row["state"] == "promised"]
        enqueue_mails(session, [(mail_id, str(mail_id)) for mail_id in sent], notice.lane(told))


def _too_many(session: Session, notice: Notice, fact: Event, strangers: set[UUID], at: datetime) -> dict[UUID, dict[str, Any]]:
    """What becomes of the emails to those of the strangers who have had their few; one that was written before counts once."""
    if not strangers:
        return {}
    before = select(Mail.recipient_id).where(Mail.event_id == fact.id, Mail.notice == notice.name, Mail.recipient_id.in_(strangers))
    strangers -= set(session.scalars(before))
    reason = _("This person has never signed in, and has had as many emails as we send in that case.")
    dropped = {"state": "dropped", "settled_at": at, "reason": reason}
    return dict.fromkeys(strangers - may_be_written_to(session, strangers), dropped)


def enqueue_mails(session: Session, mails: Sequence[tuple[UUID, str]], lane: Lane) -> None:
    """Enqueue each of these emails, under its own key and in this lane, in one statement."""
    if mails:
        outbox.enqueue_each(session, "mail", {key: {"mail": str(mail_id)} for mail_id, key in mails}, lane=lane)


def release(session: Session, fact: Event) -> None:
    """At the end of a pause, enqueue once more whatever waited for it; an email that was not waiting is sent once all the same."""
    of_campaign = (Mail.campaign_id == fact.campaign_id, Mail.state == "promised", Mail.chunk_id.is_(None))
    waited = session.scalars(select(Mail).where(*of_campaign)).all()
    rewrite(session, waited)
    for name, waited_for in groupby(sorted(waited, key=_notice), _notice):
        mails = [(mail.id, f"{mail.id}:{fact.id}") for mail in waited_for]
        enqueue_mails(session, mails, NOTICES[name].lane(len(mails)))
    facts = select(Event.id).where(Event.chain_id == fact.campaign_id)
    for chunk_id in session.scalars(select(MailChunk.id).where(MailChunk.event_id.in_(facts), MailChunk.state == "promised")):
        outbox.enqueue(session, "mail_chunk", key=f"{chunk_id}:{fact.id}", chunk=str(chunk_id))


def _notice(mail: Mail) -> str:
    return mail.notice


def rewrite(session: Session, waited: Sequence[Mail]) -> None:
    """Write emails anew that lay through a pause: it has moved the dates that they name."""
    kept: dict[tuple[UUID, str], dict[UUID, Mail]] = {}
    for mail in waited:
        kept.setdefault((mail.event_id, mail.notice), {})[mail.recipient_id] = mail
    for (event_id, name), mails in kept.items():
        notice, fact = NOTICES[name], session.get_one(Event, event_id)
        campaign = session.get(Campaign, fact.campaign_id) if fact.campaign_id else None
        emails = [email for email in notice.build(session, fact) if email.to in mails]
        for email, reader in _paired(session, emails):
            mail = mails[email.to]
            words = _words(notice, email, reader, campaign, mail.id)
            mail.subject, mail.text, mail.html = words.subject, words.text, words.html


def _by_recipient(notice: Notice, emails: Any) -> Iterator[EmailDraft]:
    told: set[UUID] = set()
    for email in emails:
        if email.to in told:
            raise WrittenTwice(f"{notice.name} writes twice to {email.to} about one fact: make it one email with a list")
        told.add(email.to)
        yield email


def _batches(emails: Iterator[EmailDraft]) -> Iterator[list[EmailDraft]]:
    while batch := list(islice(emails, BATCH)):
        yield batch


def _paired(session: Session, emails: Sequence[EmailDraft]) -> Iterator[tuple[EmailDraft, Person]]:
    readers = session.scalars(select(Person).where(Person.id.in_([email.to for email in emails])))
    known = {reader.id: reader for reader in readers}
    return ((email, known[email.to]) for email in emails)


def _words(notice: Notice, email: EmailDraft, to: Person, campaign: Campaign | None, mail_id: UUID) -> Written:
    if is_stranger(notice, to):
        notice, email, campaign = NOTICES["first_word"], neutral(email), None
    reader, leave = Reader(to.name, to.locale, to.time_zone), unsubscribe_url(mail_id) if notice.digest else None
    return write(notice, email.params, path=email.path, reader=reader, campaign=campaign, unsubscribe=leave)


def _mail(notice: Notice, fact: Event, email: EmailDraft, reader: Person, campaign: Campaign | None, at: datetime) -> dict[str, Any]:
    mail_id = new_id()
    words = _words(notice, email, reader, campaign, mail_id)
    return {
        "id": mail_id, "event_id": fact.id, "recipient_id": reader.id, "notice": notice.name, "campaign_id": fact.campaign_id,
        "address": reader.email, "subject": words.subject, "text": words.text, "html": words.html, "state": "promised",
        "promised_at": at, "sends": 0,
    }  # fmt: skip

"""The one email that goes to the whole community, in chunks that each go out in one call."""

from uuid import UUID

from sqlalchemy import exists, func, insert, select, text
from sqlalchemy.orm import Session

from campaigns.core import clock, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email, EmailChunk
from campaigns.core.events import Event
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Person, is_artist
from notifications.notification import COMMUNITY, Notification
from notifications.render import Recipient, Written, write
from notifications.sender import LEAD, UNSUBSCRIBE_TAG
from notifications.suppressing import is_left_alone
from workers.transactions import unit_of_work

CHUNK = 1000
NOBODY = UUID(int=0)


def write_chunks(notification: Notification, event_id: UUID) -> None:
    """Write the announcement to everyone in chunks, a transaction each, going on from the last that was written."""
    while _write_next_chunk(notification, event_id):
        pass


def _write_next_chunk(notification: Notification, event_id: UUID) -> bool:
    with unit_of_work() as session:
        # Two relays may be at it when a lease has run out: they take turns, and each goes on where the other stopped.
        session.execute(text("select pg_advisory_xact_lock(hashtextextended(:event, 0))"), {"event": f"chunks {event_id}"})
        last = session.scalars(
            select(EmailChunk).where(EmailChunk.event_id == event_id).order_by(EmailChunk.number.desc()).limit(1)
        ).first()
        locale, readers = _next_readers(session, event_id, last)
        if locale is not None:
            _write_chunk(session, notification, session.get_one(Event, event_id), last.number + 1 if last else 1, locale, readers)
    return locale is not None


def _next_readers(session: Session, event_id: UUID, last: EmailChunk | None) -> tuple[str | None, list[tuple[UUID, str]]]:
    """Up to 1,000 who share a language, in order of language and id, after the last who was written to."""
    if last is not None:
        of_last = select(Email.recipient_id).where(Email.chunk_id == last.id).order_by(Email.recipient_id.desc())
        if rest := _readers(session, event_id, last.locale, session.scalars(of_last.limit(1)).one()):
            return last.locale, rest
    locale = _locale_after(session, last.locale if last else "")
    while locale is not None and not (readers := _readers(session, event_id, locale, NOBODY)):
        locale = _locale_after(session, locale)
    return (locale, readers) if locale is not None else (None, [])


def _locale_after(session: Session, locale: str) -> str | None:
    return session.scalar(select(func.min(Person.locale)).where(Person.locale > locale))


def _readers(session: Session, event_id: UUID, locale: str, after: UUID) -> list[tuple[UUID, str]]:
    written_to = exists().where(Email.event_id == event_id, Email.recipient_id == Person.id)
    query = select(Person.id, Person.email).where(Person.locale == locale, Person.id > after, is_artist())
    query = query.where(Person.known_since.is_not(None))  # whoever was only named by others has asked for nothing
    query = query.where(~is_left_alone(Person.email), ~written_to)
    return [(person_id, address) for person_id, address in session.execute(query.order_by(Person.id).limit(CHUNK))]


def _write_chunk(
    session: Session, notification: Notification, fact: Event, number: int, locale: str, readers: list[tuple[UUID, str]]
) -> None:
    words, now = words_for(session, notification, fact, locale), clock.business_now(session)
    chunk = EmailChunk(
        id=new_id(), event_id=fact.id, number=number, notification=notification.name, locale=locale, send_at=now + LEAD,
        subject=words.subject, text=words.text, html=words.html,
    )  # fmt: skip
    session.add(chunk)
    session.flush()
    email = {
        "event_id": fact.id, "notification": notification.name, "campaign_id": fact.campaign_id, "chunk_id": chunk.id,
        "subject": "", "text": "", "html": "", "state": "promised", "enqueued_at": now, "sends": 0,
    }  # fmt: skip
    rows = [email | {"id": new_id(), "recipient_id": person_id, "address": address} for person_id, address in readers]
    session.execute(insert(Email), rows)
    outbox.enqueue(session, OutboxKind.EMAIL_CHUNK, key=str(chunk.id), chunk=str(chunk.id))


def words_for(session: Session, notification: Notification, fact: Event, locale: str) -> Written:
    """The email as everyone of one language reads it: nobody's name, and every time in the zone that the email states."""
    (draft,) = notification.build(session, fact)
    if draft.to != COMMUNITY:
        raise ValueError(f"the announcement {notification.name} is addressed to {draft.to}, not to the community")
    campaign = session.get(Campaign, fact.campaign_id) if fact.campaign_id else None
    return write(notification, draft.params, path=draft.path, reader=Recipient("", locale), campaign=campaign, unsubscribe=UNSUBSCRIBE_TAG)

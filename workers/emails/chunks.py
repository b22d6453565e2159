"""Announcements on their way, a thousand at a time: handler of `email_chunk` and of `batch_over`."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from campaigns.core import clock, outbox
from campaigns.core.emails import Email, EmailChunk, EmailState
from campaigns.core.events import Event
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.words import _
from notifications.registry import NOTIFICATIONS
from notifications.sender import LAST_CANCEL, LEAD, Addressee, EmailRefused, FateUnknown, NotTaken, OutgoingChunk
from notifications.sendgrid_sender import sender
from notifications.suppressing import is_left_alone
from notifications.unsubscribing import unsubscribe_url
from workers.emails.community import words_for
from workers.emails.sending import is_waiting, untrue
from workers.transactions import unit_of_work

THROWN_AWAY = timedelta(hours=1)  # after its time, at the latest, the carrier has thrown away what was called back
log = logging.getLogger("callboard.emails")


def send_chunk(claimed: outbox.Claimed) -> None:
    """Leave the chunk with the carrier; if an earlier call may have done so, that one is called back first, so that it arrives once.

    Raises NotTaken or FateUnknown to be asked again, without those for whose sake it was refused; what can no longer be called back
    waits for the carrier's word.
    """
    chunk_id = UUID(claimed.body["chunk"])
    if not (_is_due(chunk_id) or _called_back(chunk_id)):
        return
    chunk = _taken(chunk_id, sender().new_batch())
    if chunk is None:
        return
    try:
        message_id = sender().send_chunk(chunk)
    except (NotTaken, FateUnknown) as error:
        _record(chunk, "promised" if isinstance(error, NotTaken) else "unknown")
        raise
    except EmailRefused as refusal:
        log.error("chunk %s is refused: %s", chunk_id, refusal)
        if refusal.culprits:
            _strike(chunk, refusal)
            raise NotTaken(str(refusal)) from refusal
        _record(chunk, "failed", reason=str(refusal))
    else:
        _record(chunk, "sent", message_id)


def forget_batch(claimed: outbox.Claimed) -> None:
    """Make room at the carrier, which holds few called-back batches at a time."""
    sender().forget(claimed.body["batch"])


def call_back(session: Session, campaign_id: UUID, *, because: UUID) -> None:
    """Enqueue a call-back of announcements that still lie with the carrier; `because` is the fact that changed what they say."""
    lying = (EmailChunk.state == "sent", EmailChunk.send_at > clock.business_now(session) + LAST_CANCEL)
    of_campaign = EmailChunk.event_id.in_(select(Event.id).where(Event.chain_id == campaign_id))
    for chunk in session.scalars(select(EmailChunk).where(of_campaign, *lying).with_for_update()).all():
        chunk.state = "unknown"
        session.execute(update(Email).where(Email.chunk_id == chunk.id, Email.state == "sent").values(state="promised", settled_at=None))
        outbox.enqueue(session, OutboxKind.EMAIL_CHUNK, key=f"{chunk.id}:{because}", chunk=str(chunk.id))


def settle_chunk(
    session: Session, chunk: EmailChunk, state: EmailState, at: datetime, message_id: str | None = None, *, reason: str | None = None
) -> None:
    """Nothing more will be done about the chunk; what is still open of its emails shares its end, uncertain if it was sent again."""
    chunk.state = state
    still_open = (Email.chunk_id == chunk.id, Email.state == "promised")
    email_state = case((Email.sends > 1, "uncertain"), else_="sent") if state == "sent" else state
    session.execute(update(Email).where(*still_open).values(state=email_state, settled_at=at, message_id=message_id, reason=reason))


def send_chunk_again(session: Session, chunk: EmailChunk) -> bool:
    """Whether the chunk, about which the carrier has said nothing, is sent once more: not a third time, nor after a restored backup."""
    still_open = (Email.chunk_id == chunk.id, Email.state == "promised")
    again = update(Email).where(*still_open, Email.sends == 0).values(sends=2).returning(Email.id)
    if not session.scalars(again).all():
        return False
    chunk.state, chunk.batch_id = "promised", None
    outbox.enqueue(session, OutboxKind.EMAIL_CHUNK, key=f"{chunk.id}:again", chunk=str(chunk.id))
    return True


def _is_due(chunk_id: UUID) -> bool:
    """Whether the chunk is to be sent now: it has not been, no pause holds it up, and it is still true."""
    with unit_of_work() as session:
        chunk = session.get_one(EmailChunk, chunk_id, with_for_update=True)
        fact, notification = session.get_one(Event, chunk.event_id), NOTIFICATIONS[chunk.notification]
        if chunk.state != "promised" or is_waiting(session, notification, fact.campaign_id):
            return False
        if reason := untrue(session, notification, fact.id):
            settle_chunk(session, chunk, "dropped", clock.business_now(session), reason=reason)
        return chunk.state == "promised"


def _called_back(chunk_id: UUID) -> bool:
    """Whether a chunk that may have been sent now certainly reaches nobody, so that it can be sent again."""
    with unit_of_work() as session:
        chunk = session.get_one(EmailChunk, chunk_id, with_for_update=True)
        if chunk.state not in {"sending", "unknown"}:
            return False
        chunk.state = "unknown"
        batch_id, in_time = chunk.batch_id, clock.business_now(session) < chunk.send_at - LAST_CANCEL
    if batch_id is None or not in_time:
        return False
    try:
        sender().cancel(batch_id)
    except EmailRefused as refusal:
        log.error("chunk %s cannot be called back: %s", chunk_id, refusal)
        return False
    with unit_of_work() as session:
        same = (EmailChunk.id == chunk_id, EmailChunk.batch_id == batch_id, EmailChunk.state == "unknown")
        time_is_over = session.execute(
            update(EmailChunk).where(*same).values(state="promised", batch_id=None).returning(EmailChunk.send_at)
        )
        for send_at in time_is_over.scalars():
            due_at = clock.process_now() + (send_at - clock.business_now(session)) + THROWN_AWAY
            outbox.enqueue(session, OutboxKind.BATCH_OVER, key=batch_id, due_at=due_at, batch=batch_id)
    return _is_due(chunk_id)


def _taken(chunk_id: UUID, batch_id: str) -> OutgoingChunk | None:
    """The chunk, its batch and time committed before anyone is called; None when another relay was faster or nobody is left."""
    with unit_of_work() as session:
        chunk, now = session.get_one(EmailChunk, chunk_id, with_for_update=True), clock.business_now(session)
        if chunk.state != "promised":
            return None
        addressees = _addressees(session, chunk, now)
        if not addressees:
            chunk.state = "dropped"
            return None
        # Anew: what lay through a pause names dates that the pause has moved.
        words = words_for(session, NOTIFICATIONS[chunk.notification], session.get_one(Event, chunk.event_id), chunk.locale)
        chunk.subject, chunk.text, chunk.html = words.subject, words.text, words.html
        chunk.state, chunk.batch_id, chunk.send_at = "sending", batch_id, now + LEAD
        chunk.tried_at, chunk.attempts, chunk.wait_until = now, chunk.attempts + 1, None
        return OutgoingChunk(chunk.id, batch_id, chunk.send_at, chunk.subject, chunk.text, chunk.html, addressees)


def _addressees(session: Session, chunk: EmailChunk, now: datetime) -> Sequence[Addressee]:
    still_open = (Email.chunk_id == chunk.id, Email.state == "promised")
    left_alone = update(Email).where(*still_open, is_left_alone(Email.address))
    session.execute(left_alone.values(state="dropped", settled_at=now, reason=_("The address gets no announcements.")))
    rows = session.execute(select(Email.id, Email.address).where(*still_open).order_by(Email.id))
    return [Addressee(email_id, address, unsubscribe_url(email_id)) for email_id, address in rows]


def _strike(refused: OutgoingChunk, refusal: EmailRefused) -> None:
    """Give up the emails for whose sake the chunk was refused, so that the others go out without them."""
    with unit_of_work() as session:
        culprits = [refused.addressees[place].email_id for place in refusal.culprits]
        struck = update(Email).where(Email.id.in_(culprits), Email.state == "promised")
        session.execute(struck.values(state="failed", settled_at=clock.business_now(session), reason=str(refusal)))
    _record(refused, "promised")


def _record(sent: OutgoingChunk, state: EmailState, message_id: str | None = None, *, reason: str | None = None) -> None:
    """What came of the call, unless its batch has been called back meanwhile."""
    with unit_of_work() as session:
        chunk = session.get_one(EmailChunk, sent.chunk_id, with_for_update=True)
        if chunk.batch_id != sent.batch_id or chunk.state not in {"sending", "unknown"}:
            return
        if state in {"promised", "unknown"}:
            chunk.state = state
        else:
            settle_chunk(session, chunk, state, clock.business_now(session), message_id, reason=reason)

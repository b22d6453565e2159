"""Emails on their way, one by one: handler of `email`."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.core import access, clock, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email, EmailChunk, EmailState
from campaigns.core.events import Event
from campaigns.core.settings import settings
from campaigns.core.words import _
from notifications.notification import Notification
from notifications.registry import NOTIFICATIONS
from notifications.sender import EmailKind, EmailRefused, FateUnknown, NotTaken, Outgoing
from notifications.sendgrid_sender import sender
from notifications.suppressing import suppression_of
from notifications.unsubscribing import unsubscribe_url
from workers.transactions import unit_of_work

log = logging.getLogger("callboard.emails")


def send_email(claimed: outbox.Claimed) -> None:
    """Send the email unless a pause holds it up, it is no longer true or must not be written; raises NotTaken to be asked again.

    One that may have been sent before is looked for at the carrier first, where it can be asked.
    """
    email_id = UUID(claimed.body["email"])
    email = None if _is_found(email_id) else _taken(email_id)
    if email is None:
        return
    try:
        message_id = sender().send(email)
    except NotTaken:
        _give_back(email_id)
        raise
    except EmailRefused as refusal:
        log.error("email %s is refused: %s", email_id, refusal)
        _record(email_id, "failed", reason=str(refusal))
    except FateUnknown as unknown:
        log.warning("email %s is of unknown fate: %s", email_id, unknown)
        _record(email_id, "unknown")
    else:
        _record(email_id, "sent", message_id)


def is_waiting(session: Session, notification: Notification, campaign_id: UUID | None) -> bool:
    """Whether the notification's emails wait for the end of the campaign's pause."""
    campaign = session.get(Campaign, campaign_id) if campaign_id and not notification.through_pause else None
    return campaign is not None and campaign.is_live and campaign.paused_at is not None


def untrue(session: Session, notification: Notification, event_id: UUID) -> str | None:
    """Why the email is not to go out, when what the notification tells of the event is no longer so."""
    if notification.still_true is None or notification.still_true(session, session.get_one(Event, event_id)):
        return None
    return _("It was no longer true when it was due to be sent.")


def settle(email: Email, state: EmailState, at: datetime, *, reason: str | None = None) -> None:
    """Nothing more will be done about the email; what must not stay readable goes."""
    email.state, email.settled_at, email.reason = state, at, reason
    if NOTIFICATIONS[email.notification].secret:
        email.text = email.html = ""


def wait_for_word(email: Email | EmailChunk) -> None:
    """The email's fate is unknown: the carrier's events are waited for, which come in seconds whatever the business's clock says."""
    email.state, email.wait_until = "unknown", clock.process_now() + timedelta(seconds=settings().email_wait_seconds)


def _is_found(email_id: UUID) -> bool:
    """Whether the carrier names the email from an earlier try; that it does not yet proves nothing about that try."""
    with unit_of_work() as session:
        email = session.get_one(Email, email_id)
        sends = email.sends if email.state == "promised" else 0
    found = sender().find(email_id) if sends else ()
    if not found:
        return False
    with unit_of_work() as session:
        email = session.get_one(Email, email_id, with_for_update=True)
        if (email.state, email.sends) != ("promised", sends):
            return True  # somebody else has learnt of it meanwhile
        email.message_id = found[0]
        settle(email, "sent" if sends == 1 else "uncertain", clock.business_now(session))
        return True


def _taken(email_id: UUID) -> Outgoing | None:
    """The email, marked as being sent and committed so before anyone is called; None when there is nothing to send."""
    with unit_of_work() as session:
        email, now = session.get_one(Email, email_id, with_for_update=True), clock.business_now(session)
        if email.state == "sending":
            wait_for_word(email)  # whoever marked it died, or still waits for the answer and will then record it
            return None
        notification = NOTIFICATIONS[email.notification]
        if email.state != "promised" or is_waiting(session, notification, email.campaign_id):
            return None
        kind = EmailKind.SIGN_IN if notification.secret else EmailKind.DIGEST if notification.digest else EmailKind.WORK
        if reason := _reason_to_drop(session, email, notification, kind):
            settle(email, "dropped", clock.business_now(session), reason=reason)
            return None
        email.state, email.tried_at, email.sends = "sending", now, email.sends + 1
        if notification.secret:
            access.begin_links(session, email.event_id)
        leave = unsubscribe_url(email.id) if notification.digest else None
        return Outgoing(email.id, kind, email.address, email.subject, email.text, email.html, leave)


def _reason_to_drop(session: Session, email: Email, notification: Notification, kind: EmailKind) -> str | None:
    if reason := suppression_of(session, email.address, kind):
        return _("We must not email this address: {reason}.", reason=reason)
    return untrue(session, notification, email.event_id)


def _give_back(email_id: UUID) -> None:
    """The email may be taken again; not once another relay has found it waiting for its answer: then that wait decides."""
    with unit_of_work() as session:
        sending = (Email.id == email_id, Email.state == "sending")
        session.execute(update(Email).where(*sending).values(state="promised", sends=Email.sends - 1))


def _record(email_id: UUID, state: EmailState, message_id: str | None = None, *, reason: str | None = None) -> None:
    """What came of the call; one that was sent again after no word came of an earlier try stays uncertain, since it may arrive twice."""
    with unit_of_work() as session:
        email = session.get_one(Email, email_id, with_for_update=True)
        if email.state not in {"sending", "unknown"}:
            return
        email.message_id = message_id
        if state == "unknown":
            wait_for_word(email)
        else:
            settle(email, "uncertain" if state == "sent" and email.sends > 1 else state, clock.business_now(session), reason=reason)

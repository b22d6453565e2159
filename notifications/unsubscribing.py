"""Emails that one may do without: one's own choice, and the link in each of them that ends them without a sign-in."""

import hmac
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core.emails import Email
from campaigns.core.errors import NotFound
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.settings import settings
from campaigns.core.words import _
from notifications.registry import NOTIFICATIONS
from notifications.sender import LEFT, OPTIONAL, EmailKind
from notifications.suppressing import left_by, lift, suppress


def unsubscribe_url(email_id: UUID) -> str:
    """Where a POST, from the page or by one click (RFC 8058), ends emails of its kind to whoever got this one."""
    return f"{settings().public_url}/unsubscribe/{email_id.hex}{_seal(email_id, settings().secrets[0])}"


def unsubscribe(session: Session, token: str, *, at: datetime) -> str:
    """Send no more emails of its kind to the address that got this one, and return it; raises NotFound for a link that is not ours."""
    email = session.get(Email, _email_of(token))
    if email is None:
        raise _unknown()
    kind = EmailKind.DIGEST if NOTIFICATIONS[email.notification].digest else EmailKind.ANNOUNCEMENT
    suppress(session, email.address, LEFT[kind], at=at)
    return email.address


def subscriptions(session: Session, *, by: Actor) -> dict[EmailKind, bool]:
    """Of each kind of email that the actor may do without, whether they get it."""
    left = left_by(session, session.get_one(Person, by.person).email)
    return {kind: LEFT[kind] not in left for kind in OPTIONAL}


def subscribe(session: Session, name: str, wanted: bool, *, by: Actor, at: datetime) -> None:
    """Get emails of the kind of this name, or do without; raises NotFound for one that nobody can do without."""
    by.require(Permission.CHANGE_PROFILE)
    kind = next((kind for kind in OPTIONAL if kind == name), None)
    if kind is None:
        raise NotFound(_("You cannot unsubscribe from these emails: they are about what needs you, your own contributions and your money."))
    address = session.get_one(Person, by.person).email
    if wanted:
        lift(session, address, LEFT[kind])
    else:
        suppress(session, address, LEFT[kind], at=at)


def _email_of(token: str) -> UUID:
    try:
        email_id = UUID(hex=token[:32])
    except ValueError as error:
        raise _unknown() from error
    if not any(hmac.compare_digest(token[32:].encode(), _seal(email_id, secret).encode()) for secret in settings().secrets):
        raise _unknown()
    return email_id


def _unknown() -> NotFound:
    return NotFound(_("This link is not one of ours or is incomplete; use the whole link from the email."))


def _seal(email_id: UUID, secret: str) -> str:
    return hmac.digest(secret.encode(), b"unsubscribe " + email_id.bytes, "sha256")[:16].hex()

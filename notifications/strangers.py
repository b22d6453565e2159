"""Emails to people of whom others only have typed the address: they repeat nothing that anybody wrote, and are few."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import throttle
from campaigns.core.events import Event
from campaigns.core.names import fault_of_name
from campaigns.core.people import Person
from campaigns.core.throttle import Rate
from notifications.notification import EmailDraft, Notification, notification

TO_ONE = Rate(burst=3, every=timedelta(days=2))  # full again within the week after which buckets are forgotten


@notification(stage="access", on=(), neutral=True, sample={"path": "/me/contributions/0199a1b2", "sender": "Ana Quispe"})
def first_word(session: Session, fact: Event) -> Iterable[EmailDraft]:  # noqa: ARG001 - every notification is asked alike
    """What stands in the place of any other email to somebody unknown; no event asks for it."""
    return ()


def is_stranger(notification: Notification, reader: Person) -> bool:
    """Whether the reader gets the first word in place of this email."""
    return reader.known_since is None and not notification.neutral


def neutral(draft: EmailDraft) -> EmailDraft:
    """What a stranger reads of the email: that there is one, and who sent it, if that is a name."""
    sender = draft.params.get("sender")
    return EmailDraft(draft.to, path=draft.path or "/", sender=sender if sender and fault_of_name(sender) is None else None)


def may_be_written_to(session: Session, strangers: Collection[UUID]) -> set[UUID]:
    """Those of them who have not had their few emails yet; each of these counts one more."""
    keys = {f"first word to {person_id}": person_id for person_id in strangers}
    return {keys[key] for key in throttle.drawn_each(session, keys, TO_ONE)}

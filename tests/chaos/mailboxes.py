"""What has arrived in mailboxes, as SendGrid's own rows tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

ARRIVED = text("""
    select one.value -> 'custom_args' ->> 'mid' as mid, l.address, l.subject, l.text, l.html from sendgrid_sandbox.email l
    join sendgrid_sandbox.message m on m.id = l.message_id
    cross join lateral jsonb_array_elements(m.body -> 'personalizations') one
    where lower(one.value -> 'to' -> 0 ->> 'email') = l.address
""")


@dataclass(frozen=True, slots=True)
class Arrived:
    """One copy in a mailbox."""

    address: str
    subject: str
    text: str
    html: str


def arrived(session: Session) -> Mapping[UUID, list[Arrived]]:
    """Every copy in a mailbox, by its email; one that names none counts under no email's id."""
    copies: dict[UUID, list[Arrived]] = {}
    for mid, *copy in session.execute(ARRIVED):
        copies.setdefault(UUID(mid) if mid else UUID(int=0), []).append(Arrived(*copy))
    return copies

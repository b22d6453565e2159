"""Who carries emails out, and the three ways in which that can go wrong."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

LEAD = timedelta(minutes=20)  # an announcement lies this long with the carrier, so that it can be called back
LAST_CANCEL = timedelta(minutes=10)  # before it goes out; later the carrier may ignore it
WAIT = timedelta(minutes=10)  # after an announcement was to go out, at the least, for the carrier's word on it
UNSUBSCRIBE_TAG = "-callboard-unsubscribe-"


class EmailKind(StrEnum):
    """The kind of an email, which decides whether a person can unsubscribe from it."""

    SIGN_IN = "sign-in"
    WORK = "work"
    DIGEST = "digest"
    ANNOUNCEMENT = "announcement"


_UNREACHABLE = frozenset({"bounce", "invalid"})
_UNWANTED = _UNREACHABLE | {"spamreport", "unsubscribe"}
RESPECTED = {
    EmailKind.SIGN_IN: _UNREACHABLE,
    EmailKind.WORK: _UNWANTED,
    EmailKind.DIGEST: _UNWANTED | {"digest_unsubscribe"},
    EmailKind.ANNOUNCEMENT: _UNWANTED | {"group_unsubscribe"},
}
# What stands in our table for whoever has left the group of this kind.
LEFT = {EmailKind.WORK: "unsubscribe", EmailKind.DIGEST: "digest_unsubscribe", EmailKind.ANNOUNCEMENT: "group_unsubscribe"}
# What one may do without; all other emails are about what waits for their reader, or about the reader's own contributions and money.
OPTIONAL = (EmailKind.ANNOUNCEMENT, EmailKind.DIGEST)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One email to one address, with the link that ends emails of its kind where it may be done without."""

    email_id: UUID
    kind: EmailKind
    address: str
    subject: str
    text: str
    html: str
    unsubscribe_url: str | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """One who gets an announcement, and the link that ends them."""

    email_id: UUID
    address: str
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class OutgoingChunk:
    """One announcement to up to 1,000 addressees, to go out at `send_at` (business time) under a batch that can be cancelled."""

    chunk_id: UUID
    batch_id: str
    send_at: datetime
    subject: str
    text: str
    html: str
    addressees: Sequence[Addressee]


class NotTaken(Exception):
    """The email is certainly not on its way; the same may be asked again later."""


class EmailRefused(Exception):
    """The email is certainly not on its way and never will be: the carrier names what is wrong with it.

    `culprits` are the addressees of a chunk, by their place in it, for whose sake all of it is refused.
    """

    def __init__(self, message: str, culprits: Iterable[int] = ()) -> None:
        super().__init__(message)
        self.culprits = frozenset(culprits)


class FateUnknown(Exception):
    """The carrier may have taken the email: no answer came."""


class Sender(Protocol):
    """A carrier of emails; every call raises NotTaken or EmailRefused, sending also FateUnknown."""

    def send(self, email: Outgoing) -> str:
        """Send the email now; returns the carrier's name for it."""

    def send_chunk(self, chunk: OutgoingChunk) -> str:
        """Leave the chunk with the carrier until its time; returns the carrier's name for it."""

    def find(self, email_id: UUID) -> Sequence[str]:
        """The carrier's names for what it knows to have taken of an email; it may have taken more, of which it knows later."""

    def new_batch(self) -> str:
        """A batch under which a chunk can be called back."""

    def cancel(self, batch_id: str) -> None:
        """Call a batch back, or leave it called back: whatever was or will be sent under it reaches nobody."""

    def suppressed(self) -> Iterator[tuple[str, str]]:
        """Every address that the carrier itself does not write to, after the reason as our own table names it."""

    def forget(self, batch_id: str) -> None:
        """Make room for another call: the batch's time is over, and what was called back has been thrown away."""

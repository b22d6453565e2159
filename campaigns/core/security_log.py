"""Who came in and how, who tried to, and who was refused what: for operators, beside the chains of facts, and forgotten after a time.

What a stranger can cause is counted by the hour and bounded, for each network and in all, so that no flood of theirs fills the database.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock, throttle
from campaigns.core.db import Base, Id
from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.throttle import Rate

KEPT_FOR = timedelta(days=90)
FROM_ONE_NETWORK = Rate(burst=60, every=timedelta(minutes=1))
FROM_ALL = Rate(burst=3_000, every=timedelta(seconds=20))
SPILL = Rate(burst=1, every=timedelta(seconds=10))
OF_AN_HOUR = text("hour is not null")
COUNTED = ("hour", "kind", "person_id", "subject", "place", "detail")


class SecurityEventKind(StrEnum):
    """The kind of a security event."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    PROVEN = "proven"
    TOKEN_MADE = "token_made"  # nosec B105  # noqa: S105 - a kind of entry
    TOKEN_REVOKED = "token_revoked"  # nosec B105  # noqa: S105 - a kind of entry
    LINK_ASKED = "link_asked"
    SIGN_IN_FAILED = "sign_in_failed"
    PROOF_FAILED = "proof_failed"
    TOKEN_REFUSED = "token_refused"  # nosec B105  # noqa: S105 - a kind of entry
    FORM_REFUSED = "form_refused"
    MONEY_REFUSED = "money_refused"
    ACCESS_REFUSED = "access_refused"
    LIMIT_REACHED = "limit_reached"
    UNLISTED = "unlisted"


class SecurityEntry(Base):
    """One thing that happened, or that a stranger had happen `times` within an hour."""

    __tablename__ = "security_entry"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(Integer)
    hour: Mapped[datetime | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    subject: Mapped[str] = mapped_column(String(254))
    place: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        Index("ix_security_entry_at", "at"),
        Index("ix_security_entry_kind", "kind", "id"),
        Index("uq_security_entry_hour", *COUNTED, unique=True, postgresql_where=OF_AN_HOUR, postgresql_nulls_not_distinct=True),
    )


def record(session: Session, kind: SecurityEventKind, person_id: UUID, *, place: str | None = None, detail: str = "") -> None:
    """Record what somebody whom we know did, in the transaction in which they did it."""
    now = clock.process_now()
    entry = SecurityEntry(kind=kind.value, at=now, last_at=now, times=1, person_id=person_id)
    entry.subject, entry.place, entry.detail = "", (place or "")[:64], detail[:200]
    session.add(entry)


def count(
    session: Session,
    kind: SecurityEventKind,
    *,
    person_id: UUID | None = None,
    subject: str = "",
    place: str | None = None,
    detail: str = "",
) -> None:
    """Count what was tried, once more within this hour; past what one network or all may have written down, that there was more."""
    network = throttle.network_of(place) or ""
    if throttle.drawn(session, f"noted from {network}", FROM_ONE_NETWORK) and throttle.drawn(session, "noted", FROM_ALL):
        _count(session, kind, person_id, subject[:254], network[:64], detail[:200])
    elif throttle.drawn(session, "noted as more", SPILL):
        _count(session, SecurityEventKind.UNLISTED, None, "", "", "")


def _count(session: Session, kind: SecurityEventKind, person_id: UUID | None, subject: str, place: str, detail: str) -> None:
    now = clock.process_now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    new = insert(SecurityEntry).values(
        id=new_id(), kind=kind.value, at=now, last_at=now, times=1, hour=hour,
        person_id=person_id, subject=subject, place=place, detail=detail,
    )  # fmt: skip
    again = {"times": SecurityEntry.times + 1, "last_at": now}
    session.execute(new.on_conflict_do_update(index_elements=COUNTED, index_where=OF_AN_HOUR, set_=again))


def entries(
    session: Session, *, kind: SecurityEventKind | None = None, after: UUID | None = None, limit: int | None = None, by: Actor
) -> Sequence[tuple[SecurityEntry, str | None]]:
    """The entries, of one kind or of all, newest first, up to `limit` older than `after`, each with its person's address; for operators."""
    by.require(Permission.OPERATE)
    query = select(SecurityEntry, Person.email).outerjoin(Person, Person.id == SecurityEntry.person_id)
    query = query.where(SecurityEntry.kind == kind.value) if kind else query
    query = query.where(SecurityEntry.id < after) if after else query
    return [(entry, email) for entry, email in session.execute(query.order_by(SecurityEntry.id.desc()).limit(limit))]


def counts(session: Session, *, since: datetime) -> dict[SecurityEventKind, int]:
    """How often each kind happened since a moment of process time."""
    query = select(SecurityEntry.kind, func.sum(SecurityEntry.times)).where(SecurityEntry.at >= since).group_by(SecurityEntry.kind)
    return {SecurityEventKind(kind): int(times) for kind, times in session.execute(query)}

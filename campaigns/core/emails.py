"""Emails as rows: enqueued once for each event, recipient and notification, written before they are sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, case, cast, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from typing_extensions import TypeAliasType

from campaigns.core.campaign import Campaign
from campaigns.core.db import Base, Id
from campaigns.core.dismissals import is_dismissed
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission

EmailState = TypeAliasType("EmailState", Literal["promised", "sending", "sent", "unknown", "uncertain", "dropped", "failed"])
STATES = get_args(EmailState.__value__)
EMAIL = "email "  # before its id: what it is dismissed under
UNDELIVERED = ("failed", "uncertain", "unknown")
REASONS = ("bounce", "invalid", "spamreport", "unsubscribe", "group_unsubscribe", "digest_unsubscribe")


class Email(Base):
    """One email to one person: `unknown` while the carrier's word on it is waited for, until `wait_until` (process time).

    `uncertain` when it was sent again after that: it arrived, and at most as often as `sends` says. `reason` is why it was dropped or has
    failed.
    """

    __tablename__ = "email"

    id: Mapped[Id]
    event_id: Mapped[UUID]
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    notification: Mapped[str] = mapped_column(String(60))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"))
    chunk_id: Mapped[UUID | None] = mapped_column(ForeignKey("email_chunk.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[EmailState] = mapped_column(String(12), default="promised")
    reason: Mapped[str | None] = mapped_column(Text)
    enqueued_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    sends: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(String(120))

    __table_args__ = (
        UniqueConstraint("event_id", "recipient_id", "notification"),
        CheckConstraint(f"state in {STATES}", name="state"),
        Index("ix_email_campaign_id_id", "campaign_id", "id"),
        Index("ix_email_recipient_id_id", "recipient_id", "id"),
        Index("ix_email_open", "state", "tried_at", postgresql_where="state in ('promised', 'sending', 'unknown')"),
        Index("ix_email_undelivered", "id", postgresql_where="state in ('failed', 'uncertain', 'unknown')"),
    )


class EmailChunk(Base):
    """Up to 1,000 emails of one announcement, in one language, that go out in one call, as a batch that can be cancelled."""

    __tablename__ = "email_chunk"

    id: Mapped[Id]
    event_id: Mapped[UUID]
    number: Mapped[int]
    notification: Mapped[str] = mapped_column(String(60))
    locale: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    batch_id: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[EmailState] = mapped_column(String(12), default="promised")
    send_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("event_id", "number"), CheckConstraint(f"state in {STATES}", name="state"))


class Suppression(Base):
    """An address that must not be written to, once for each reason: Callboard's own table decides."""

    __tablename__ = "suppression"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    reason: Mapped[str] = mapped_column(String(30), primary_key=True)
    since: Mapped[datetime]

    __table_args__ = (CheckConstraint(f"reason in {REASONS}", name="reason"),)


def emails_of(
    session: Session,
    campaign: Campaign,
    *,
    name: ColumnElement[str],
    state: EmailState | None = None,
    after: UUID | None,
    limit: int,
    by: Actor,
) -> Sequence[tuple[Email, str | None]]:
    """The campaign's emails and whom each is for, by `name`, newest first, older than `after`; with `state`, only those in it.

    Of an announcement nobody is named: it goes to everyone there is, whatever they have to do with the campaign.
    """
    by.require(Permission.VIEW_TIMELINE, on=campaign)
    query = select(Email, case((Email.chunk_id.is_(None), name))).join(Person, Person.id == Email.recipient_id)
    query = query.where(Email.campaign_id == campaign.id)
    query = query.where(Email.state == state) if state else query
    query = query.where(Email.id < after) if after else query
    return [(email, name) for email, name in session.execute(query.order_by(Email.id.desc()).limit(limit))]


@dataclass(frozen=True, slots=True)
class ReceivedEmail:
    """An email as its reader finds it again: what one in many copies said stands in its chunk."""

    id: UUID
    notification: str
    subject: str
    text: str
    enqueued_at: datetime
    campaign: str | None

    @property
    def dismissal_key(self) -> str:
        """What it is dismissed under."""
        return f"{EMAIL}{self.id}"


def emails_to(
    session: Session,
    *,
    by: Actor,
    but: Collection[str],
    dismissed: bool | None = None,
    at: datetime | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> Sequence[ReceivedEmail]:
    """What the actor was told by email, newest first, older than `after`; no notification named in `but`, nothing that was dropped.

    With `dismissed`, only what they have dismissed by the moment `at`, or only what they have not.
    """
    query = (
        select(
            Email.id,
            Email.notification,
            func.coalesce(EmailChunk.subject, Email.subject),
            func.coalesce(EmailChunk.text, Email.text),
            Email.enqueued_at,
            Campaign.title,
        )
        .outerjoin(EmailChunk, EmailChunk.id == Email.chunk_id)
        .outerjoin(Campaign, Campaign.id == Email.campaign_id)
        .where(Email.recipient_id == by.person, Email.state != "dropped", Email.notification.not_in(but))
        .order_by(Email.id.desc())
        .limit(limit)
    )
    if dismissed is not None and at:
        is_gone = is_dismissed(Email.recipient_id, EMAIL + cast(Email.id, String), at)
        query = query.where(is_gone if dismissed else ~is_gone)
    return [ReceivedEmail(*row) for row in session.execute(query.where(Email.id < after) if after else query)]


def was_written_to(session: Session, dismissal_key: str, *, by: Actor) -> bool:
    """Whether this is an email to the actor."""
    query = exists().where(Email.recipient_id == by.person, EMAIL + cast(Email.id, String) == dismissal_key, Email.state != "dropped")
    return session.scalar(select(query)) or False


def undelivered(session: Session, limit: int | None = None, *, after: UUID | None = None) -> Sequence[Email]:
    """The emails of all campaigns that did not arrive, or of which nobody knows whether they did; newest first, older than `after`."""
    query = select(Email).where(Email.state.in_(UNDELIVERED)).order_by(Email.id.desc()).limit(limit)
    return session.scalars(query.where(Email.id < after) if after else query).all()


def count_undelivered(session: Session) -> int:
    return session.scalar(select(func.count()).where(Email.state.in_(UNDELIVERED))) or 0

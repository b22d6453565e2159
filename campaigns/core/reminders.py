"""Who was reminded of what they are waited for, by whom and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.db import Base, Id

QUIET = timedelta(days=1)


class Reminder(Base):
    """One reminder to one person about one gate of a campaign."""

    __tablename__ = "reminder"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    gate: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reminded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reminded_at: Mapped[datetime]

    __table_args__ = (Index("ix_reminder_campaign_id_reminded_at", "campaign_id", "reminded_at"),)


def last_reminders(session: Session, campaign_id: UUID, *, since: datetime) -> Mapping[tuple[str, UUID], datetime]:
    """When each person was last reminded of each gate of the campaign, for those reminded after `since`."""
    query = select(Reminder.gate, Reminder.person_id, func.max(Reminder.reminded_at)).where(
        Reminder.campaign_id == campaign_id, Reminder.reminded_at > since
    )
    return {(gate, person): at for gate, person, at in session.execute(query.group_by(Reminder.gate, Reminder.person_id))}


def reminders(session: Session, campaign_id: UUID, *, after: UUID | None = None, limit: int = 30) -> Sequence[Reminder]:
    """The reminders of a campaign, newest first, up to `limit` older than `after`."""
    query = select(Reminder).where(Reminder.campaign_id == campaign_id).order_by(Reminder.id.desc()).limit(limit)
    return session.scalars(query.where(Reminder.id < after) if after else query).all()

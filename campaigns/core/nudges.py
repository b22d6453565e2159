"""Who was reminded of what they are waited for, by whom and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.db import Base, Id

QUIET = timedelta(days=1)


class Nudge(Base):
    """One word to one person about one gate of a campaign."""

    __tablename__ = "nudge"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    gate: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    nudged_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    nudged_at: Mapped[datetime]

    __table_args__ = (Index("ix_nudge_campaign_id_nudged_at", "campaign_id", "nudged_at"),)


def last_nudges(session: Session, campaign_id: UUID, *, since: datetime) -> Mapping[tuple[str, UUID], datetime]:
    """When each person was last reminded of each gate of the campaign, for those reminded after `since`."""
    query = select(Nudge.gate, Nudge.person_id, func.max(Nudge.nudged_at)).where(Nudge.campaign_id == campaign_id, Nudge.nudged_at > since)
    return {(gate, person): at for gate, person, at in session.execute(query.group_by(Nudge.gate, Nudge.person_id))}


def nudges(session: Session, campaign_id: UUID, *, after: UUID | None = None, limit: int = 30) -> Sequence[Nudge]:
    """The reminders of a campaign, newest first, up to `limit` older than `after`."""
    query = select(Nudge).where(Nudge.campaign_id == campaign_id).order_by(Nudge.id.desc()).limit(limit)
    return session.scalars(query.where(Nudge.id < after) if after else query).all()

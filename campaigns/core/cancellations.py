"""Who asked for a campaign to be cancelled, and who confirmed it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.confirmations import Confirmable
from campaigns.core.db import Base, Id


class Cancellation(Confirmable, Base):
    """One person's request to cancel a funded campaign: another person confirms it, or it is dropped."""

    __tablename__ = "cancellation"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    dropped_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    dropped_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("confirmed_by <> asked_by", name="two_people"),
        CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed"),
        CheckConstraint("(dropped_by is null) = (dropped_at is null)", name="dropped"),
        CheckConstraint("confirmed_at is null or dropped_at is null", name="one_answer"),
        Index("uq_cancellation_standing", "campaign_id", unique=True, postgresql_where="dropped_at is null"),
    )


def find_cancellation(session: Session, campaign_id: UUID) -> Cancellation | None:
    """The request that stands for this campaign, confirmed or not; None where there is none."""
    standing = (Cancellation.campaign_id == campaign_id, Cancellation.dropped_at.is_(None))
    return session.scalars(select(Cancellation).where(*standing).execution_options(populate_existing=True)).one_or_none()

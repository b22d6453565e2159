"""Since when a balance is not paid out, and for which reason."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base


class BlockedPayout(Base):
    """Why a balance was left where it is when last looked at, so that the person is told once for each change of reason."""

    __tablename__ = "blocked_payout"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    reason: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]

"""The sandbox's moves of business time, as rows; apart from `clock`, which knows no model."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Double, Identity
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base


class ClockMove(Base):
    """One jump forward; business time is real time plus the sum of all jumps."""

    __tablename__ = "clock_move"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    seconds: Mapped[float] = mapped_column(Double)
    moved_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("seconds > 0", name="forward"),)

"""Which Monday each of the brands' people was last written to about."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base


class WeekTold(Base):
    """The last Monday, as the person's own calendar has it, whose digest was asked for."""

    __tablename__ = "week_told"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    monday: Mapped[date]

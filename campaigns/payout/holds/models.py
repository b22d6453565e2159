"""A hold on a person's payments, with who placed and who lifted it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base, Id


class Hold(Base):
    """A person's payments stand still, for a reason, until someone lifts it; what they earn is not touched."""

    __tablename__ = "payout_hold"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str]
    placed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]

    __table_args__ = (Index("uq_payout_hold_open", "person_id", unique=True, postgresql_where="lifted_at is null"),)

"""How many things wait for a person, as last counted: read on every page, counted on few."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock
from campaigns.core.db import Base

FRESH_FOR = timedelta(minutes=1)


class Attention(Base):
    """What was counted for one person, and when, in process time; `earns` is whether there is money for them, or may be."""

    __tablename__ = "attention"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    needed: Mapped[int]
    earns: Mapped[bool] = mapped_column(default=False)
    counted_at: Mapped[datetime]

    @property
    def is_fresh(self) -> bool:
        return self.counted_at > clock.process_now() - FRESH_FOR


def counted(session: Session, person_id: UUID) -> Attention | None:
    """What was last counted for this person; None before it ever was."""
    return session.get(Attention, person_id, populate_existing=True)


def keep_count(session: Session, person_id: UUID, needed: int, *, earns: bool) -> None:
    """Keep what was counted just now."""
    now = {"needed": needed, "earns": earns, "counted_at": clock.process_now()}
    session.execute(insert(Attention).values(person_id=person_id, **now).on_conflict_do_update(index_elements=["person_id"], set_=now))

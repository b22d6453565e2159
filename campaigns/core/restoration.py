"""What a restored backup leaves behind: until we have heard what the provider did since it was taken, nothing goes out."""

from datetime import datetime

from sqlalchemy import ColumnElement, String, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.db import Base, Id


class Restoration(Base):
    """One restore of a backup: `taken_at`, business time, is when it was taken; `caught_up_at` when we had heard what happened since."""

    __tablename__ = "restoration"

    id: Mapped[Id]
    backup: Mapped[str] = mapped_column(String(120))
    taken_at: Mapped[datetime]
    restored_at: Mapped[datetime]
    caught_up_at: Mapped[datetime | None]


def is_behind() -> ColumnElement[bool]:
    """Whether a restored backup has not caught up with the provider yet, as a part of a query."""
    return exists().where(Restoration.caught_up_at.is_(None))


def behind(session: Session) -> Restoration | None:
    """The earliest restored backup that has not caught up with the provider yet."""
    return session.scalars(select(Restoration).where(Restoration.caught_up_at.is_(None)).order_by(Restoration.taken_at)).first()

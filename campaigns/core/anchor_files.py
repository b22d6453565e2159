"""What the database remembers of the files of anchors: how many lines were written into each, and the signature of the last."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.anchors import Anchor
from campaigns.core.db import Base


class Loss(StrEnum):
    """What was found wrong with a file of anchors."""

    GONE = "gone"
    CUT = "cut"
    CHANGED = "changed"
    TORN = "torn"


class AnchorFile(Base):
    """One file: the first, or one begun anew (`because` something was wrong with the one before). In process time."""

    __tablename__ = "anchor_file"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime]
    because: Mapped[str | None] = mapped_column(String(10))
    lines: Mapped[int]
    last_at: Mapped[datetime]
    signature: Mapped[str] = mapped_column(String(64))

    __table_args__ = (CheckConstraint("lines > 0", name="has_lines"),)


def present(session: Session, *, locked: bool = False) -> AnchorFile | None:
    """The file that is written into at present; None before there ever was one."""
    query = select(AnchorFile).order_by(AnchorFile.number.desc()).limit(1)
    return session.scalar(query.with_for_update() if locked else query)


def is_short(known: AnchorFile | None, found: Sequence[Anchor]) -> bool:
    """Whether an anchor that was written is not among those found."""
    return known is not None and (len(found) < known.lines or found[known.lines - 1].signature != known.signature)


def remember(session: Session, known: AnchorFile | None, done: Anchor, lines: int, *, because: Loss | None = None) -> None:
    """Remember that the file has so many anchors and `done` as its last; with `because`, or before anything is known, it is a new file."""
    if known is None or because:
        known = AnchorFile(number=known.number + 1 if known else 1, begun_at=done.at, because=because and because.value)
        session.add(known)
    known.lines, known.last_at, known.signature = lines, done.at, done.signature
    session.flush()

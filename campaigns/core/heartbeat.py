"""A sign of life from each program that works by itself: given while it runs, looked at by an operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock
from campaigns.core.db import Base

PROGRAMS = ("relay", "sweep", "worker")
SILENT_AFTER = timedelta(minutes=1)


class Heartbeat(Base):
    """One process of a program, by its `place`, host and process id; `trouble` is what went wrong in its last turn. In process time.

    A worker is overloaded while flow runs wait for it that it has no place for.
    """

    __tablename__ = "heartbeat"

    program: Mapped[str] = mapped_column(String(20), primary_key=True)
    place: Mapped[str] = mapped_column(String(120), primary_key=True)
    began_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    trouble: Mapped[str | None] = mapped_column(Text)
    overloaded_since: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """A program, how many processes of it are alive, and the one that was heard of last."""

    program: str
    alive: int
    last: Heartbeat | None
    overloaded_since: datetime | None = None


def beat(session: Session, program: str, place: str, trouble: str | None = None, *, overloaded_since: datetime | None = None) -> None:
    """Note that this process is alive, what went wrong in its last turn, and since when it has more to do than it can."""
    now = clock.process_now()
    again = {"beat_at": now, "trouble": trouble, "overloaded_since": overloaded_since}
    new = insert(Heartbeat).values(program=program, place=place, began_at=now, **again)
    session.execute(new.on_conflict_do_update(index_elements=["program", "place"], set_=again))


def lives(session: Session) -> Sequence[ProgramStatus]:
    """Every program that there ought to be, alive or not."""
    now = clock.process_now()
    heard = session.scalars(select(Heartbeat).order_by(Heartbeat.beat_at.desc())).all()
    return [_life(program, [each for each in heard if each.program == program], now) for program in PROGRAMS]


def _life(program: str, heard: Sequence[Heartbeat], now: datetime) -> ProgramStatus:
    alive = [each for each in heard if each.beat_at > now - SILENT_AFTER]
    overloaded = [each.overloaded_since for each in alive if each.overloaded_since]
    return ProgramStatus(program, len(alive), heard[0] if heard else None, min(overloaded, default=None))

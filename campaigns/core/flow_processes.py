"""The processes of flow runs: each is in a worker's hands from the moment it is taken until it is known to be gone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Interval, Row, String, and_, case, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.db import Base, Id, one_of
from campaigns.core.heartbeat import Heartbeat
from campaigns.core.ids import new_id

# What a process may be silent for, at least; on a machine where they take long to start, so many times what the slowest took.
PATIENCE, TIMES_A_START = timedelta(seconds=45), 4
LOOKED_BACK_ON = timedelta(minutes=15)
# After an outage of PostgreSQL everybody seems silent: whoever lives is heard of again within this time.
SECOND_LOOK = timedelta(seconds=15)
WORKER_IS_LOST_AFTER = timedelta(minutes=3)
TAKING = 74


class FlowProcess(Base):
    """One process of a flow run; `carried_id` is the campaign or payout run that it carries, `process` what the kernel knows it by.

    Of what is carried there is never a second process before the first one is known to be gone: the database refuses it.
    """

    __tablename__ = "flow_process"

    id: Mapped[Id]
    flow_run_id: Mapped[UUID]
    carried_id: Mapped[UUID | None]
    machine: Mapped[str] = mapped_column(String(120))
    worker: Mapped[str] = mapped_column(String(120))
    worker_process: Mapped[str] = mapped_column(String(60))
    process: Mapped[str | None] = mapped_column(String(60))
    taken_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    spawned_at: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    silent_since: Mapped[datetime | None]
    condemned_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_flow_process_flow_run_id_alive", "flow_run_id", unique=True, postgresql_where="ended_at is null"),
        Index("uq_flow_process_carried_id_alive", "carried_id", unique=True, postgresql_where="ended_at is null"),
        Index("ix_flow_process_taken_at", "taken_at"),
    )


IS_ALIVE = FlowProcess.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """A worker: its machine, its place there as in its heartbeat, and what the kernel knows it by."""

    machine: str
    place: str
    process: str


@dataclass(frozen=True, slots=True)
class ActiveFlowRuns:
    """The flow runs that have a process, or are about to have one, and since when what they carry is carried."""

    runs: set[UUID]
    carried: Mapping[UUID, datetime]


@dataclass(frozen=True, slots=True)
class Taken:
    """The process of each flow run that was taken, and whether the machine has no place left."""

    processes: Mapping[UUID, UUID]
    is_full: bool


def take(session: Session, worker: WorkerProcess, runs: Mapping[UUID, UUID | None], limit: int) -> Taken:
    """Take as many of these flow runs, by what they carry, as the machine has places for.

    None is taken that is in somebody's hands, or whose carried thing is.
    """
    session.execute(text("select pg_advisory_xact_lock(:kind, hashtext(:machine))"), {"kind": TAKING, "machine": worker.machine})
    places = limit - (session.scalar(select(func.count()).where(IS_ALIVE, FlowProcess.machine == worker.machine)) or 0)
    busy = held(session)
    free = [run for run, carried in runs.items() if run not in busy.runs and carried not in busy.carried][: max(places, 0)]
    if not free:
        return Taken({}, places <= 0)
    at = {"machine": worker.machine, "worker": worker.place, "worker_process": worker.process}
    rows = [{"id": new_id(), "flow_run_id": run, "carried_id": runs[run], **at} for run in free]
    taken = insert(FlowProcess).values(rows).on_conflict_do_nothing().returning(FlowProcess.flow_run_id, FlowProcess.id)
    processes = {row.flow_run_id: row.id for row in session.execute(taken)}
    return Taken(processes, len(processes) >= places)


def held(session: Session) -> ActiveFlowRuns:
    """All that is in a worker's hands."""
    rows = session.execute(select(FlowProcess.flow_run_id, FlowProcess.carried_id, FlowProcess.taken_at).where(IS_ALIVE)).all()
    return ActiveFlowRuns({run for run, _carried, _since in rows}, {carried: since for _run, carried, since in rows if carried})


def is_held(session: Session, carried_id: UUID) -> bool:
    """Whether a process carries this, or is about to."""
    return session.scalar(select(FlowProcess.id).where(IS_ALIVE, FlowProcess.carried_id == carried_id)) is not None


def spawn(session: Session, process_id: UUID) -> bool:
    """Note that the process is started now; False when it must not be, because it is condemned or counts as gone."""
    wanted = (FlowProcess.id == process_id, IS_ALIVE, FlowProcess.condemned_at.is_(None))
    spawned = update(FlowProcess).where(*wanted).values(spawned_at=func.clock_timestamp(), silent_since=None).returning(FlowProcess.id)
    return session.scalar(spawned) is not None


def end_all_but(session: Session, worker: WorkerProcess, ids: Collection[UUID]) -> None:
    """Note that of this worker's processes all are gone but these."""
    ours = (FlowProcess.machine == worker.machine, FlowProcess.worker_process == worker.process)
    _end(session, *ours, ~one_of(FlowProcess.id, ids))


def end(session: Session, ids: Collection[UUID]) -> None:
    """Note that these processes are gone."""
    _end(session, one_of(FlowProcess.id, ids))


def end_lost(session: Session) -> None:
    """Note that processes are gone which, like their worker, have been silent for so long, and still are at a second look."""
    now = func.clock_timestamp()
    heard = select(Heartbeat.place).where(Heartbeat.program == "worker", Heartbeat.beat_at > now - WORKER_IS_LOST_AFTER)
    last_heard = func.coalesce(FlowProcess.heard_at, FlowProcess.spawned_at, FlowProcess.taken_at)
    lost = (IS_ALIVE, FlowProcess.worker.not_in(heard), last_heard < now - WORKER_IS_LOST_AFTER)
    session.execute(update(FlowProcess).where(*lost, FlowProcess.silent_since.is_(None)).values(silent_since=now))
    _end(session, *lost, FlowProcess.silent_since < now - SECOND_LOOK)


def _end(session: Session, *which: ColumnElement[bool]) -> None:
    session.execute(update(FlowProcess).where(IS_ALIVE, *which).values(ended_at=func.clock_timestamp()))


def of_others(session: Session, worker: WorkerProcess) -> Sequence[Row[UUID, str | None, str]]:
    """The processes of other workers on the same machine: each one's id, and what the kernel knows it and its worker by."""
    columns = (FlowProcess.id, FlowProcess.process, FlowProcess.worker_process)
    query = select(*columns).where(IS_ALIVE, FlowProcess.machine == worker.machine, FlowProcess.worker_process != worker.process)
    return session.execute(query).all()


def to_kill(session: Session, ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these processes that are to be ended: condemned, or taken for gone while they live."""
    over = FlowProcess.condemned_at.is_not(None) | FlowProcess.ended_at.is_not(None)
    return session.scalars(select(FlowProcess.id).where(one_of(FlowProcess.id, ids), over)).all()


def was_superseded(session: Session, process_id: UUID) -> bool:
    """Whether the process found, at its start, that a younger one carries on what it would have carried."""
    return session.scalar(select(FlowProcess.superseded_at).where(FlowProcess.id == process_id)) is not None


def condemn(session: Session, carried_id: UUID) -> None:
    """Have the worker end the process that carries this."""
    wanted = (IS_ALIVE, FlowProcess.condemned_at.is_(None), FlowProcess.carried_id == carried_id)
    session.execute(update(FlowProcess).where(*wanted).values(condemned_at=func.clock_timestamp()))


def condemn_silent(session: Session) -> int:
    """Have the workers end what has been silent for too long, and still is at a second look a while later; returns how many."""
    now, undecided = func.clock_timestamp(), and_(IS_ALIVE, FlowProcess.condemned_at.is_(None))
    heard = func.coalesce(FlowProcess.heard_at, FlowProcess.spawned_at)
    silent = heard < now - _patience(session)
    session.execute(update(FlowProcess).where(undecided, FlowProcess.silent_since.is_(None), silent).values(silent_since=now))
    over = (undecided, silent, FlowProcess.silent_since < now - SECOND_LOOK)
    return len(session.execute(update(FlowProcess).where(*over).values(condemned_at=now).returning(FlowProcess.id)).all())


def _patience(session: Session) -> ColumnElement[timedelta]:
    """How long a process may be silent: longer where those that began lately took long to give their first sign of life."""
    now = func.clock_timestamp()
    took: ColumnElement[Any] = func.max(FlowProcess.began_at - FlowProcess.spawned_at, type_=Interval)
    lately = (FlowProcess.taken_at > now - 2 * LOOKED_BACK_ON, FlowProcess.spawned_at > now - LOOKED_BACK_ON)
    slowest = session.execute(select(FlowProcess.machine, took).where(*lately).group_by(FlowProcess.machine)).all()
    longer = {machine: TIMES_A_START * took for machine, took in slowest if took and TIMES_A_START * took > PATIENCE}
    if not longer:
        return literal(PATIENCE)
    return case({machine: literal(took) for machine, took in longer.items()}, value=FlowProcess.machine, else_=literal(PATIENCE))

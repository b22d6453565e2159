"""The outbox: what is to be done outside, written down in the transaction that asks for it and done by the relay."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    FromClause,
    Index,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    any_,
    bindparam,
    column,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningUpdate

from campaigns.core import clock
from campaigns.core.db import Base, Id
from campaigns.core.errors import NotFound
from campaigns.core.ids import new_id
from campaigns.core.lanes import LANES, Lane
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.restoration import is_behind
from campaigns.core.words import _

CHANNEL = "callboard"
LEASE = timedelta(seconds=15)
FIRST_BACK_OFF = timedelta(seconds=0.25)
LONGEST_BACK_OFF = timedelta(minutes=10)
MOST_ATTEMPTS = 12
LOOKED_AT = 100  # of a lane, for when the next falls due: more than are ever on lease in it
ENQUEUE_EACH = text("""
    insert into outbox_message (id, kind, lane, key, body)
    select id, :kind, :lane, key, body
    from unnest(cast(:ids as uuid[]), cast(:keys as text[]), cast(:bodies as jsonb[])) as each(id, key, body)
    on conflict on constraint uq_outbox_message_kind_key do nothing
""")


class OutboxMessage(Base):
    """One thing to do outside, at least once; of one kind and `key` there is one."""

    __tablename__ = "outbox_message"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(30))
    lane: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(160))
    body: Mapped[dict[str, Any]]
    enqueued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint(f"lane in {tuple(lane.value for lane in LANES)}", name="lane"),
        # The lane first: what is open in one is found without a look at what is open in another.
        Index("ix_outbox_message_lane", "lane", "due_at", "id", postgresql_where="done_at is null and failed_at is null"),
        Index("ix_outbox_message_failed", "id", postgresql_where="failed_at is not null"),
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process holds the lease of."""

    id: UUID
    kind: str
    key: str
    body: dict[str, Any]
    attempts: int
    lane: Lane = Lane.EMAILS


OPEN = (OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None))
OUTBOX = Base.metadata.tables[OutboxMessage.__tablename__]


def enqueue(session: Session, kind: OutboxKind, *, key: str, due_at: datetime | None = None, **body: Any) -> None:
    """Enqueue `kind` under `key`, due now or at `due_at` (process time); a second time under the same key changes nothing."""
    values: dict[str, Any] = {"id": new_id(), "kind": kind, "lane": kind.lane, "key": key, "body": body}
    values |= {"due_at": due_at} if due_at else {}
    session.execute(insert(OutboxMessage).values(values).on_conflict_do_nothing(constraint="uq_outbox_message_kind_key"))
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))


def enqueue_again(session: Session, kind: OutboxKind, *, key: str, **body: Any) -> None:
    """Enqueue `kind` under `key`, due now, in the place of what was enqueued under it before, done or not."""
    fresh = {"body": body, "enqueued_at": func.now(), "due_at": func.now(), "attempts": 0}
    fresh |= {"leased_until": None, "done_at": None, "failed_at": None, "last_error": None}
    new = insert(OutboxMessage).values({"id": new_id(), "kind": kind, "lane": kind.lane, "key": key, "body": body})
    session.execute(new.on_conflict_do_update(constraint="uq_outbox_message_kind_key", set_=fresh))
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))


def enqueue_each(session: Session, kind: OutboxKind, bodies: Mapping[str, Mapping[str, Any]], *, lane: Lane | None = None) -> None:
    """Enqueue `kind` under each of these keys, in one statement however many they are; in `lane`, or in that of the kind."""
    columns = {"ids": [new_id() for _key in bodies], "keys": list(bodies), "bodies": [json.dumps(body) for body in bodies.values()]}
    session.execute(ENQUEUE_EACH, {"kind": kind, "lane": lane or kind.lane, **columns})
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))


def is_enqueued(session: Session, kind: OutboxKind, *, key: str) -> bool:
    """Whether there is such a message, done or not."""
    return session.scalar(select(OutboxMessage.id).where(OutboxMessage.kind == kind, OutboxMessage.key == key)) is not None


def open_since(session: Session, kind: OutboxKind) -> datetime | None:
    """Since when the oldest open message of a kind has waited, process time; None when there is none."""
    return session.scalar(
        select(func.min(OutboxMessage.enqueued_at)).where(OutboxMessage.kind == kind, OutboxMessage.lane == kind.lane, *OPEN)
    )


def room(session: Session, kind: OutboxKind, most: int) -> int:
    """How many more messages of a kind may be enqueued, where no more than `most` are open at a time."""
    return max(0, most - (session.scalar(select(func.count()).where(OutboxMessage.kind == kind, *OPEN)) or 0))


def claim(session: Session, limit: int | Mapping[Lane, int] = 20, lease: timedelta = LEASE) -> Sequence[Claimed]:
    """Take the lease of up to `limit` messages of each lane that are due and that no one else holds, oldest first; the urgent lanes first.

    With a mapping, up to as many of each lane as it says. None while a restored backup has not caught up: what waits in it may
    have been done before.
    """
    now = clock.process_now()
    limits = limit if isinstance(limit, Mapping) else dict.fromkeys(LANES, limit)
    taken = session.execute(_claiming(), {"now": now, "until": now + lease, **_as_rows(limits)}).all()
    claimed = (Claimed(row.id, row.kind, row.key, row.body, row.attempts, Lane(row.lane)) for row in taken)
    return sorted(claimed, key=lambda each: (LANES.index(each.lane), each.id))


def renew(session: Session, message_ids: Collection[UUID], lease: timedelta = LEASE) -> None:
    """Lengthen the lease of what is still being done, so that nobody else takes it meanwhile."""
    held = (OutboxMessage.id.in_(message_ids), OutboxMessage.leased_until.is_not(None), *OPEN)
    session.execute(update(OutboxMessage).where(*held).values(leased_until=clock.process_now() + lease))


def seconds_to_next(session: Session, lanes: Collection[Lane] = LANES) -> float:
    """How long until an open message of `lanes` falls due or its lease ends; a year when there is none, or none may be claimed."""
    soonest = session.scalar(_soonest(), _as_rows(dict.fromkeys(lanes, LOOKED_AT)))
    wait = soonest - clock.process_now() if soonest else timedelta(days=365)
    return max(wait.total_seconds(), 0.01)


# Both are asked with every message that is done: put together each time, they cost more than their answers.
@lru_cache
def _claiming() -> ReturningUpdate[Any]:
    # As an array, made once and before the update: a subquery beside it might be asked again for each row, and lock more.
    free = func.array(select(_due().c.id).scalar_subquery())
    taking = update(OUTBOX).where(OUTBOX.c.id == any_(free))
    taking = taking.values(leased_until=bindparam("until", type_=DateTime(timezone=True)), attempts=OUTBOX.c.attempts + 1)
    return taking.returning(*(OUTBOX.c[name] for name in ("lane", "id", "kind", "key", "body", "attempts")))


def _due() -> FromClause:
    """What may be claimed: of each lane the oldest, locked, as many as its limit says."""
    of, now = _lanes(), bindparam("now", type_=DateTime(timezone=True))
    is_free = or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < now)
    due = select(OutboxMessage.id).where(OutboxMessage.lane == of.c.lane, *OPEN, OutboxMessage.due_at <= now, is_free, ~is_behind())
    oldest = due.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(of.c.most).with_for_update(skip_locked=True).lateral()
    return select(oldest.c.id).select_from(of.join(oldest, true())).subquery()


@lru_cache
def _soonest() -> Select[datetime | None]:
    of = _lanes()
    next_in = select(OutboxMessage.due_at, OutboxMessage.leased_until).where(OutboxMessage.lane == of.c.lane, *OPEN, ~is_behind())
    first = next_in.order_by(OutboxMessage.due_at).limit(of.c.most).lateral()
    due = func.greatest(first.c.due_at, func.coalesce(first.c.leased_until, first.c.due_at))
    return select(func.min(due)).select_from(of.join(first, true()))


def _lanes() -> FromClause:
    """Each lane with its limit, as rows; `_as_rows` gives them."""
    names, most = bindparam("lanes", type_=ARRAY(String)), bindparam("most", type_=ARRAY(Integer))
    return func.unnest(names, most).table_valued(column("lane", String), column("most", Integer), name="of").render_derived()


def _as_rows(limits: Mapping[Lane, int]) -> dict[str, Any]:
    return {"lanes": [lane.value for lane in limits], "most": list(limits.values())}


def mark_done(session: Session, message_id: UUID, body: Mapping[str, Any] | None = None) -> None:
    """The message is done; with `body` only if that is still what it says."""
    same = () if body is None else (OutboxMessage.body == body,)
    done = update(OutboxMessage).where(OutboxMessage.id == message_id, *same)
    session.execute(done.values(done_at=clock.process_now(), leased_until=None, last_error=None))


def retry_later(session: Session, claimed: Claimed, error: str, *, longest: timedelta = LONGEST_BACK_OFF, for_ever: bool = False) -> None:
    """Try again after a back-off that doubles up to `longest`; past MOST_ATTEMPTS a person must look, unless `for_ever`."""
    wait = min(FIRST_BACK_OFF * 2 ** min(claimed.attempts - 1, 20), longest)
    is_over = not for_ever and claimed.attempts >= MOST_ATTEMPTS
    now = clock.process_now()
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == claimed.id, OutboxMessage.body == claimed.body)
        .values(due_at=now + wait, leased_until=None, last_error=error[:2000], failed_at=now if is_over else None)
    )


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages of a kind are open, how many of these went wrong when last tried, and since when the oldest is due."""

    kind: str
    open: int
    failing: int
    due_since: datetime | None


@dataclass(frozen=True, slots=True)
class LaneDepth:
    """How many messages of a lane are open, how many of these are due, and since when the oldest is."""

    lane: Lane
    open: int
    due: int
    due_since: datetime | None


def depths(session: Session) -> Sequence[Depth]:
    """What is enqueued and not yet done, by kind, the most first."""
    due = func.min(OutboxMessage.due_at).filter(OutboxMessage.due_at <= clock.process_now())
    failing = func.count(OutboxMessage.last_error)
    query = select(OutboxMessage.kind, func.count(), failing, due).where(*OPEN).group_by(OutboxMessage.kind)
    return [Depth(*row) for row in session.execute(query.order_by(func.count().desc(), OutboxMessage.kind))]


def lane_depths(session: Session) -> Sequence[LaneDepth]:
    """What waits in each lane, the most urgent first; empty ones too."""
    is_due = OutboxMessage.due_at <= clock.process_now()
    query = select(OutboxMessage.lane, func.count(), func.count().filter(is_due), func.min(OutboxMessage.due_at).filter(is_due))
    found = {lane: numbers for lane, *numbers in session.execute(query.where(*OPEN).group_by(OutboxMessage.lane))}
    return [LaneDepth(lane, *found.get(lane.value, (0, 0, None))) for lane in LANES]


def failing(session: Session, limit: int) -> Sequence[OutboxMessage]:
    """The open messages that went wrong when last tried, the most tried first."""
    query = select(OutboxMessage).where(*OPEN, OutboxMessage.last_error.is_not(None))
    return session.scalars(query.order_by(OutboxMessage.attempts.desc(), OutboxMessage.id).limit(limit)).all()


def failed(session: Session, *, after: UUID | None = None, limit: int | None = None) -> Sequence[OutboxMessage]:
    """The messages that nobody tries any more, newest first, older than `after`."""
    query = select(OutboxMessage).where(OutboxMessage.failed_at.is_not(None)).order_by(OutboxMessage.id.desc()).limit(limit)
    return session.scalars(query.where(OutboxMessage.id < after) if after else query).all()


def count_failed(session: Session) -> int:
    return session.scalar(select(func.count()).where(OutboxMessage.failed_at.is_not(None))) or 0


def retry_all(session: Session) -> int:
    """Give every failed message a fresh start; returns how many."""
    fresh = update(OutboxMessage).where(OutboxMessage.failed_at.is_not(None)).values(failed_at=None, attempts=0, due_at=clock.process_now())
    retried = len(session.execute(fresh.returning(OutboxMessage.id)).all())
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))
    return retried


def retry(session: Session, message_id: UUID) -> None:
    """Give a failed message a fresh start; raises NotFound when there is none of this id."""
    failed = (OutboxMessage.id == message_id, OutboxMessage.failed_at.is_not(None))
    fresh = update(OutboxMessage).where(*failed).values(failed_at=None, attempts=0, due_at=clock.process_now())
    if session.execute(fresh.returning(OutboxMessage.id)).scalar() is None:
        raise NotFound(_("There is no failed job with this id."))
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))

"""Promises to the outside world, made in the transaction of the deed that asks for them and kept by the relay."""

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
from campaigns.core.lanes import LANES, Lane, lane_of
from campaigns.core.restoration import is_behind
from campaigns.core.words import _

CHANNEL = "callboard"
LEASE = timedelta(seconds=15)
FIRST_BACK_OFF = timedelta(seconds=0.25)
LONGEST_BACK_OFF = timedelta(minutes=10)
DEAD_AFTER = 12
LOOKED_AT = 100  # of a lane, for when the next falls due: more than are ever on lease in it
PROMISE_EACH = text("""
    insert into outbox (id, kind, lane, key, body)
    select id, :kind, :lane, key, body
    from unnest(cast(:ids as uuid[]), cast(:keys as text[]), cast(:bodies as jsonb[])) as each(id, key, body)
    on conflict on constraint uq_outbox_kind_key do nothing
""")


class Promise(Base):
    """One thing to do outside, at least once; `key` makes the same promise twice impossible."""

    __tablename__ = "outbox"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(30))
    lane: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(160))
    body: Mapped[dict[str, Any]]
    promised_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint(f"lane in {tuple(lane.value for lane in LANES)}", name="lane"),
        # The lane first: what is open in one is found without a look at what is open in another.
        Index("ix_outbox_lane", "lane", "due_at", "id", postgresql_where="kept_at is null and dead_at is null"),
        Index("ix_outbox_dead", "id", postgresql_where="dead_at is not null"),
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A promise that this process holds the lease of."""

    id: UUID
    kind: str
    key: str
    body: dict[str, Any]
    attempts: int
    lane: Lane = Lane.EMAILS


OPEN = (Promise.kept_at.is_(None), Promise.dead_at.is_(None))
OUTBOX = Base.metadata.tables[Promise.__tablename__]


def promise(session: Session, kind: str, *, key: str, due_at: datetime | None = None, **body: Any) -> None:
    """Promise `kind` under `key`, due now or at `due_at` (process time); a second promise under the same key changes nothing."""
    values: dict[str, Any] = {"id": new_id(), "kind": kind, "lane": lane_of(kind), "key": key, "body": body}
    values |= {"due_at": due_at} if due_at else {}
    session.execute(insert(Promise).values(values).on_conflict_do_nothing(constraint="uq_outbox_kind_key"))
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))


def promise_again(session: Session, kind: str, *, key: str, **body: Any) -> None:
    """Promise `kind` under `key`, due now, in the place of what was promised under it before, kept or not."""
    fresh = {"body": body, "promised_at": func.now(), "due_at": func.now(), "attempts": 0}
    fresh |= {"leased_until": None, "kept_at": None, "dead_at": None, "last_error": None}
    new = insert(Promise).values({"id": new_id(), "kind": kind, "lane": lane_of(kind), "key": key, "body": body})
    session.execute(new.on_conflict_do_update(constraint="uq_outbox_kind_key", set_=fresh))
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))


def promise_each(session: Session, kind: str, bodies: Mapping[str, Mapping[str, Any]], *, lane: Lane | None = None) -> None:
    """Promise `kind` under each of these keys, in one statement however many they are; in `lane`, or in that of the kind."""
    columns = {"ids": [new_id() for _key in bodies], "keys": list(bodies), "bodies": [json.dumps(body) for body in bodies.values()]}
    session.execute(PROMISE_EACH, {"kind": kind, "lane": lane or lane_of(kind), **columns})
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))


def is_promised(session: Session, kind: str, *, key: str) -> bool:
    """Whether there is such a promise, kept or not."""
    return session.scalar(select(Promise.id).where(Promise.kind == kind, Promise.key == key)) is not None


def open_since(session: Session, kind: str) -> datetime | None:
    """Since when the oldest open promise of a kind has been promised, process time; None when there is none."""
    return session.scalar(select(func.min(Promise.promised_at)).where(Promise.kind == kind, Promise.lane == lane_of(kind), *OPEN))


def room(session: Session, kind: str, most: int) -> int:
    """How many more promises of a kind may be made, where no more than `most` are open at a time."""
    return max(0, most - (session.scalar(select(func.count()).where(Promise.kind == kind, *OPEN)) or 0))


def claim(session: Session, limit: int | Mapping[Lane, int] = 20, lease: timedelta = LEASE) -> Sequence[Claimed]:
    """Take the lease of up to `limit` promises of each lane that are due and that no one else holds, oldest first; the urgent lanes first.

    With a mapping, up to as many of each lane as it says. None while a restored backup has not caught up: what it promises may have
    been kept before.
    """
    now = clock.process_now()
    limits = limit if isinstance(limit, Mapping) else dict.fromkeys(LANES, limit)
    taken = session.execute(_claiming(), {"now": now, "until": now + lease, **_as_rows(limits)}).all()
    claimed = (Claimed(row.id, row.kind, row.key, row.body, row.attempts, Lane(row.lane)) for row in taken)
    return sorted(claimed, key=lambda each: (LANES.index(each.lane), each.id))


def renew(session: Session, promise_ids: Collection[UUID], lease: timedelta = LEASE) -> None:
    """Lengthen the lease of what is still being kept, so that nobody else takes it meanwhile."""
    held = (Promise.id.in_(promise_ids), Promise.leased_until.is_not(None), *OPEN)
    session.execute(update(Promise).where(*held).values(leased_until=clock.process_now() + lease))


def seconds_to_next(session: Session, lanes: Collection[Lane] = LANES) -> float:
    """How long until an open promise of `lanes` falls due or its lease ends; a year when there is none, or none may be claimed."""
    soonest = session.scalar(_soonest(), _as_rows(dict.fromkeys(lanes, LOOKED_AT)))
    wait = soonest - clock.process_now() if soonest else timedelta(days=365)
    return max(wait.total_seconds(), 0.01)


# Both are asked with every promise that is kept: put together each time, they cost more than their answers.
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
    is_free = or_(Promise.leased_until.is_(None), Promise.leased_until < now)
    due = select(Promise.id).where(Promise.lane == of.c.lane, *OPEN, Promise.due_at <= now, is_free, ~is_behind())
    oldest = due.order_by(Promise.due_at, Promise.id).limit(of.c.most).with_for_update(skip_locked=True).lateral()
    return select(oldest.c.id).select_from(of.join(oldest, true())).subquery()


@lru_cache
def _soonest() -> Select[datetime | None]:
    of = _lanes()
    next_in = select(Promise.due_at, Promise.leased_until).where(Promise.lane == of.c.lane, *OPEN, ~is_behind())
    first = next_in.order_by(Promise.due_at).limit(of.c.most).lateral()
    due = func.greatest(first.c.due_at, func.coalesce(first.c.leased_until, first.c.due_at))
    return select(func.min(due)).select_from(of.join(first, true()))


def _lanes() -> FromClause:
    """Each lane with its limit, as rows; `_as_rows` gives them."""
    names, most = bindparam("lanes", type_=ARRAY(String)), bindparam("most", type_=ARRAY(Integer))
    return func.unnest(names, most).table_valued(column("lane", String), column("most", Integer), name="of").render_derived()


def _as_rows(limits: Mapping[Lane, int]) -> dict[str, Any]:
    return {"lanes": [lane.value for lane in limits], "most": list(limits.values())}


def keep(session: Session, promise_id: UUID, body: Mapping[str, Any] | None = None) -> None:
    """The promise is kept; with `body` only if that is still what is promised."""
    same = () if body is None else (Promise.body == body,)
    kept = update(Promise).where(Promise.id == promise_id, *same)
    session.execute(kept.values(kept_at=clock.process_now(), leased_until=None, last_error=None))


def postpone(session: Session, claimed: Claimed, error: str, *, longest: timedelta = LONGEST_BACK_OFF, for_ever: bool = False) -> None:
    """Try again after a back-off that doubles up to `longest`; past DEAD_AFTER attempts a person must look, unless `for_ever`."""
    wait = min(FIRST_BACK_OFF * 2 ** min(claimed.attempts - 1, 20), longest)
    dead = not for_ever and claimed.attempts >= DEAD_AFTER
    now = clock.process_now()
    session.execute(
        update(Promise)
        .where(Promise.id == claimed.id, Promise.body == claimed.body)
        .values(due_at=now + wait, leased_until=None, last_error=error[:2000], dead_at=now if dead else None)
    )


@dataclass(frozen=True, slots=True)
class Depth:
    """How many promises of a kind are open, how many of these went wrong when last tried, and since when the oldest is due."""

    kind: str
    open: int
    troubled: int
    due_since: datetime | None


@dataclass(frozen=True, slots=True)
class LaneDepth:
    """How many promises of a lane are open, how many of these are due, and since when the oldest is."""

    lane: Lane
    open: int
    due: int
    due_since: datetime | None


def depths(session: Session) -> Sequence[Depth]:
    """What is promised and not yet done, by kind, the most first."""
    due = func.min(Promise.due_at).filter(Promise.due_at <= clock.process_now())
    troubled = func.count(Promise.last_error)
    query = select(Promise.kind, func.count(), troubled, due).where(*OPEN).group_by(Promise.kind)
    return [Depth(*row) for row in session.execute(query.order_by(func.count().desc(), Promise.kind))]


def lane_depths(session: Session) -> Sequence[LaneDepth]:
    """What waits in each lane, the most urgent first; empty ones too."""
    is_due = Promise.due_at <= clock.process_now()
    query = select(Promise.lane, func.count(), func.count().filter(is_due), func.min(Promise.due_at).filter(is_due))
    found = {lane: numbers for lane, *numbers in session.execute(query.where(*OPEN).group_by(Promise.lane))}
    return [LaneDepth(lane, *found.get(lane.value, (0, 0, None))) for lane in LANES]


def troubled(session: Session, limit: int) -> Sequence[Promise]:
    """The open promises that went wrong when last tried, the most tried first."""
    query = select(Promise).where(*OPEN, Promise.last_error.is_not(None))
    return session.scalars(query.order_by(Promise.attempts.desc(), Promise.id).limit(limit)).all()


def dead(session: Session, *, after: UUID | None = None, limit: int | None = None) -> Sequence[Promise]:
    """The promises that nobody tries any more, newest first, older than `after`."""
    query = select(Promise).where(Promise.dead_at.is_not(None)).order_by(Promise.id.desc()).limit(limit)
    return session.scalars(query.where(Promise.id < after) if after else query).all()


def count_dead(session: Session) -> int:
    return session.scalar(select(func.count()).where(Promise.dead_at.is_not(None))) or 0


def revive_all(session: Session) -> int:
    """Give every dead promise a fresh start; returns how many."""
    fresh = update(Promise).where(Promise.dead_at.is_not(None)).values(dead_at=None, attempts=0, due_at=clock.process_now())
    revived = len(session.execute(fresh.returning(Promise.id)).all())
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))
    return revived


def revive(session: Session, promise_id: UUID) -> None:
    """Give a dead promise a fresh start; raises NotFound when there is none of this id."""
    dead = (Promise.id == promise_id, Promise.dead_at.is_not(None))
    fresh = update(Promise).where(*dead).values(dead_at=None, attempts=0, due_at=clock.process_now())
    if session.execute(fresh.returning(Promise.id)).scalar() is None:
        raise NotFound(_("There is no failed job with this id."))
    session.execute(text(f"select pg_notify('{CHANNEL}', 'outbox')"))

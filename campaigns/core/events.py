"""The one door for facts: what happened, sealed into a hash chain and handed to the relay in the same transaction."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, event, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from campaigns.core import outbox
from campaigns.core.campaign import Campaign
from campaigns.core.db import Base, Id, as_rows, insert_rows
from campaigns.core.event_names import EVENTS, EventName
from campaigns.core.ids import new_id
from campaigns.core.lanes import Lane
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor

SYSTEM_CHAIN = UUID(int=0)
# Of what any stranger can have happen: however often they do, the system's own chain grows no longer.
DOOR_CHAIN = UUID(int=1)
NO_CHAIN = UUID(int=2)
UNSEALED = "unsealed_events"


class Event(Base):
    """One fact: never changed, never deleted, and chained by hash to the one before it in its campaign (or in the system's chain)."""

    __tablename__ = "event"

    id: Mapped[Id]
    chain_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"))
    deliverable_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliverable.id"))
    name: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    actor_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    reason: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("chain_id", "number"), Index("ix_event_name_at", "name", "at"))


class ChainHead(Base):
    """The last link of a chain: locked last in every transaction, so that chains never deadlock with what they tell of."""

    __tablename__ = "chain_head"

    chain_id: Mapped[UUID] = mapped_column(primary_key=True)
    length: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


COLUMNS = tuple(Event.__table__.columns.keys())
WRITE = insert_rows("event")


@dataclass(frozen=True, slots=True)
class ChainFault:
    """A link that does not follow from the one before it."""

    chain_id: UUID
    number: int


def record(
    session: Session,
    name: EventName,
    *,
    by: Actor,
    at: datetime,
    campaign_id: UUID | None = None,
    deliverable_id: UUID | None = None,
    reason: str | None = None,
    **facts: Any,
) -> UUID:
    """Record that `name` happened and return the event's id; it is sealed, and the relay told, when the transaction commits.

    `facts` must be JSON values (UUIDs and times as text).
    """
    fact = Event(
        id=new_id(),
        chain_id=campaign_id or SYSTEM_CHAIN,
        campaign_id=campaign_id,
        deliverable_id=deliverable_id,
        name=name.value,
        actor_id=by.person_id,
        actor_name=by.name,
        at=at,
        reason=reason,
        facts=facts,
    )
    return _unsealed(session, fact)


def record_at_the_door(session: Session, name: EventName, *, by: Actor, at: datetime, **facts: Any) -> UUID:
    """Record, in a chain of its own, what any stranger can have happen."""
    fact = Event(id=new_id(), chain_id=DOOR_CHAIN, name=name.value, actor_id=by.person_id, actor_name=by.name, at=at, facts=facts)
    return _unsealed(session, fact)


def _unsealed(session: Session, fact: Event) -> UUID:
    session.info.setdefault(UNSEALED, []).append((fact, _savepoints(session)))
    return fact.id


def recorded(session: Session, name: EventName | None = None) -> list[Event]:
    """What this transaction has recorded so far and not sealed yet, all of it or what is called `name`."""
    return [fact for fact, _savepoints in session.info.get(UNSEALED, []) if name in (None, fact.name)]


def canonical(fact: Event) -> str:
    """The fact as canonical JSON: what its hash covers, and all that a verifier needs."""
    body = {
        "id": str(fact.id),
        "chain": str(fact.chain_id),
        "number": fact.number,
        "name": fact.name,
        "track": str(fact.deliverable_id) if fact.deliverable_id else None,
        "actor": str(fact.actor_id) if fact.actor_id else None,
        "actor_name": fact.actor_name,
        "at": fact.at.astimezone(UTC).isoformat(),
        "reason": fact.reason,
        "facts": fact.facts,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link(previous_hash: str, fact: Event) -> str:
    """The fact's hash: sha256 of the previous hash and its canonical JSON, in hexadecimal."""
    return hashlib.sha256((previous_hash + canonical(fact)).encode()).hexdigest()


def seal(session: Session) -> None:
    """Chain the transaction's facts, wake their campaigns and tell the relay: done once, just before the commit."""
    facts = recorded(session)
    session.info.pop(UNSEALED, None)
    if not facts:
        return
    session.flush()
    # A campaign's row before its chain's head: whoever holds the campaign comes for the head last.
    for campaign_id in sorted({f.campaign_id for f in facts if f.campaign_id}):
        wake(session, campaign_id)
    for chain_id in sorted({f.chain_id for f in facts}):
        _chain(session, chain_id, [f for f in facts if f.chain_id == chain_id])
    for lane, told_in in groupby(sorted(facts, key=_lane), _lane):
        outbox.enqueue_each(session, OutboxKind.EVENT, {str(fact.id): {"event": str(fact.id)} for fact in told_in}, lane=lane)


def _lane(fact: Event) -> Lane:
    return EVENTS[fact.name].lane


def wake(session: Session, campaign_id: UUID) -> None:
    """Ask the relay to have the campaign's flow look again; all that asks for it is one message, whose back-off begins anew."""
    number = session.execute(
        update(Campaign).where(Campaign.id == campaign_id).values(wake=Campaign.wake + 1).returning(Campaign.wake)
    ).scalar_one()
    outbox.enqueue_again(session, OutboxKind.WAKE, key=str(campaign_id), campaign=str(campaign_id), wake=number)


def _chain(session: Session, chain_id: UUID, facts: list[Event]) -> None:
    session.execute(insert(ChainHead).values(chain_id=chain_id, length=0, hash="0" * 64).on_conflict_do_nothing())
    head = session.scalars(
        select(ChainHead).where(ChainHead.chain_id == chain_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    for fact in facts:
        head.length += 1
        fact.number, fact.previous_hash = head.length, head.hash
        head.hash = fact.hash = link(fact.previous_hash, fact)
    session.execute(WRITE, {"rows": as_rows({name: getattr(fact, name) for name in COLUMNS} for fact in facts)})


def chain_faults(session: Session, chain_id: UUID | None = None) -> list[ChainFault]:
    """Every link, of one chain or of all, that does not follow from the one before it."""
    query = select(Event).order_by(Event.chain_id, Event.number)
    query = query.where(Event.chain_id == chain_id) if chain_id else query
    faults, before = [], Event(chain_id=NO_CHAIN, number=0, hash="0" * 64)
    for fact in session.scalars(query.execution_options(yield_per=1000)):
        expected = (before.number + 1, before.hash) if fact.chain_id == before.chain_id else (1, "0" * 64)
        if (fact.number, fact.previous_hash) != expected or fact.hash != link(fact.previous_hash, fact):
            faults.append(ChainFault(fact.chain_id, fact.number))
        before = fact
    return faults + _shortened_chains(session, chain_id)


def _shortened_chains(session: Session, chain_id: UUID | None) -> list[ChainFault]:
    last = text(
        "select h.chain_id, h.length from chain_head h left join event e on e.chain_id = h.chain_id and e.number = h.length "
        "where e.hash is distinct from h.hash and h.length > 0 and (cast(:chain as uuid) is null or h.chain_id = :chain)"
    )
    return [ChainFault(row.chain_id, row.length) for row in session.execute(last, {"chain": chain_id})]


def _savepoints(session: Session) -> tuple[SessionTransaction, ...]:
    """The savepoints that are open now: a fact goes with any of them."""
    inner = session.get_nested_transaction()
    found = []
    while inner is not None and inner.nested:
        found.append(inner)
        inner = inner.parent
    return tuple(found)


@event.listens_for(Session, "before_commit")
def _seal_before_commit(session: Session) -> None:
    if session.get_nested_transaction() is None:
        seal(session)


@event.listens_for(Session, "after_soft_rollback")
def _forget_what_was_undone(session: Session, undone: SessionTransaction) -> None:
    facts = session.info.pop(UNSEALED, [])
    session.info[UNSEALED] = [(fact, savepoints) for fact, savepoints in facts if undone.nested and undone not in savepoints]

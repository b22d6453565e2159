"""What providers tell us, kept once before anything is done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock, outbox
from campaigns.core.db import Base
from campaigns.core.outbox_kinds import OutboxKind

DAY = timedelta(days=1)
# What enqueues a look into an event of each provider.
LOOKS = {"stripe": OutboxKind.STRIPE_EVENT, "sendgrid": OutboxKind.SENDGRID_EVENT}


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """A provider's event whose signature was found right."""

    id: str
    name: str
    body: dict[str, Any]


class Received(Base):
    """A provider's event as it came, under the provider's own id.

    `is_fetched` while no webhook has brought it, and we asked for it; `passed_over` says why nobody looked into it.
    """

    __tablename__ = "inbox"

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    body: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    is_fetched: Mapped[bool] = mapped_column(default=False, server_default="false")
    passed_over: Mapped[str | None] = mapped_column(String(20))


class InboxMark(Base):
    """Until when, by the provider's clock, all that it told has come to us or was fetched."""

    __tablename__ = "inbox_mark"

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    until: Mapped[datetime]


def receive(session: Session, provider: str, event_id: str, name: str, body: dict[str, Any], *, is_fetched: bool = False) -> bool:
    """Keep the event and enqueue a look into it; False when it had come before.

    One that was fetched, and is brought by a webhook after all, counts as brought.
    """
    told = {"provider": provider, "event_id": event_id, "name": name, "body": body, "is_fetched": is_fetched}
    new = session.execute(insert(Received).values(told).on_conflict_do_nothing().returning(Received.event_id)).scalar()
    if new is not None:
        outbox.enqueue(session, LOOKS[provider], key=event_id, event=event_id)
    elif not is_fetched:
        known = Received.provider == provider, Received.event_id == event_id, Received.is_fetched
        session.execute(update(Received).where(*known).values(is_fetched=False))
    return new is not None


@dataclass(frozen=True, slots=True)
class Heard:
    """How many events a provider sent within a day, how many of them are not looked into yet, and when the last one came."""

    provider: str
    within_a_day: int
    last_at: datetime
    waiting: int


def heard(session: Session, depths: Sequence[outbox.Depth]) -> Sequence[Heard]:
    """What came from each provider within a day; `depths` are those of the outbox, in which each event waits to be looked into."""
    waiting = {depth.kind: depth.open for depth in depths}
    lately = Received.received_at > clock.process_now() - DAY
    query = select(Received.provider, func.count(), func.max(Received.received_at)).where(lately)
    rows = session.execute(query.group_by(Received.provider).order_by(Received.provider))
    return [Heard(provider, count, last, waiting.get(LOOKS[provider], 0)) for provider, count, last in rows]

"""How the installation is, for whoever operates it: what works by itself, what is stuck, where each campaign's flow run is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import emails, heartbeat, inbox, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email
from campaigns.core.heartbeat import ProgramStatus
from campaigns.core.inbox import Heard
from campaigns.core.outbox import Depth, LaneDepth, OutboxMessage
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Status:
    """What there is to know at a glance."""

    lives: Sequence[ProgramStatus]
    lanes: Sequence[LaneDepth]
    depths: Sequence[Depth]
    heard: Sequence[Heard]
    failed: int
    undelivered: int

    @property
    def open(self) -> int:
        """How many messages are open."""
        return sum(depth.open for depth in self.depths)

    @property
    def failing(self) -> int:
        """How many of them went wrong when last tried."""
        return sum(depth.failing for depth in self.depths)

    @property
    def silent(self) -> Sequence[str]:
        """The programs of which nothing is heard."""
        return [life.program for life in self.lives if not life.alive]

    @property
    def overloaded_since(self) -> datetime | None:
        """Since when flow runs wait for a place; None while none waits for long."""
        return min((life.overloaded_since for life in self.lives if life.overloaded_since), default=None)


@dataclass(frozen=True, slots=True)
class FlowRun:
    """A live campaign and the flow run that carries it; `generation` is how many have carried it."""

    campaign_id: UUID
    number: int
    title: str
    run_id: UUID | None
    generation: int
    paused_at: datetime | None


def status(session: Session, *, by: Actor) -> Status:
    """What works and what is stuck."""
    by.require(Permission.VIEW_STATUS)
    depths = outbox.depths(session)
    counts = outbox.count_failed(session), emails.count_undelivered(session)
    return Status(heartbeat.lives(session), outbox.lane_depths(session), depths, inbox.heard(session, depths), *counts)


def failing_messages(session: Session, limit: int, *, by: Actor) -> Sequence[OutboxMessage]:
    """What went wrong when last tried and will be tried again, the most tried first."""
    by.require(Permission.VIEW_STATUS)
    return outbox.failing(session, limit)


def failed_messages(session: Session, *, after: UUID | None = None, limit: int | None = None, by: Actor) -> Sequence[OutboxMessage]:
    """What nobody tries any more, newest first, older than `after`."""
    by.require(Permission.VIEW_STATUS)
    return outbox.failed(session, after=after, limit=limit)


def undelivered_emails(session: Session, *, after: UUID | None = None, limit: int | None = None, by: Actor) -> Sequence[Email]:
    """The emails that did not arrive, or may not have; newest first, older than `after`."""
    by.require(Permission.VIEW_STATUS)
    return emails.undelivered(session, limit, after=after)


def flow_runs(session: Session, *, after: UUID | None = None, limit: int | None = None, by: Actor) -> Sequence[FlowRun]:
    """The live campaigns with their flow runs, newest first, older than `after`."""
    by.require(Permission.VIEW_STATUS)
    columns = (Campaign.id, Campaign.number, Campaign.title, Campaign.flow_run_id, Campaign.generation, Campaign.paused_at)
    query = select(*columns).where(Campaign.cancelled_at.is_(None), Campaign.done_at.is_(None), Campaign.generation > 0)
    query = query.order_by(Campaign.id.desc()).limit(limit)
    return [FlowRun(*row) for row in session.execute(query.where(Campaign.id < after) if after else query)]


def retry(session: Session, message_id: UUID, *, by: Actor) -> None:
    """Try a failed message again; raises NotFound when there is none of this id."""
    by.require(Permission.OPERATE)
    outbox.retry(session, message_id)


def retry_all(session: Session, *, by: Actor) -> int:
    """Try every failed message again; returns how many."""
    by.require(Permission.OPERATE)
    return outbox.retry_all(session)

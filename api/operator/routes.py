"""Whether everything works, for programs: what is stuck, and having it tried again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.deps import By, Listing, Page, Tx, page_of
from campaigns.core import clock, status
from campaigns.core.emails import Email, EmailState
from campaigns.core.lanes import Lane
from campaigns.core.outbox import LaneDepth, OutboxMessage
from campaigns.core.status import FlowRun
from campaigns.open_call.media.enclosure import enclosure

router = APIRouter(tags=["operator"])


class ProgramShown(BaseModel):
    """A program that works by itself; `trouble` is what went wrong in its last turn."""

    program: str = Field(examples=["relay"])
    alive: int = Field(description="How many of its processes sent a heartbeat within the last minute.")
    last_heard_at: datetime | None
    trouble: str | None = Field(examples=[None])


class OutboxKindShown(BaseModel):
    """The open messages of one kind; `failing` went wrong when last tried."""

    kind: str = Field(examples=["email"])
    open: int
    failing: int
    due_since: datetime | None


class LaneShown(BaseModel):
    """What waits together in the outbox, with hands of its own; `waiting_seconds` is the age of the oldest that is due."""

    lane: Lane
    open: int
    due: int
    due_since: datetime | None
    waiting_seconds: float = Field(examples=[0.4])

    @classmethod
    def of(cls, depth: LaneDepth) -> "LaneShown":
        waiting = (clock.process_now() - depth.due_since).total_seconds() if depth.due_since else 0.0
        return cls(lane=depth.lane, open=depth.open, due=depth.due, due_since=depth.due_since, waiting_seconds=max(waiting, 0.0))


class EnclosureShown(BaseModel):
    """What is in force around the programs that open contributors' files; `warning` is null where everything holds."""

    sentence: str
    warning: str | None = Field(examples=[None])


class StatusShown(BaseModel):
    programs: list[ProgramShown]
    enclosure: EnclosureShown
    lanes: list[LaneShown]
    outbox: list[OutboxKindShown]
    failed: int
    undelivered_emails: int
    overloaded_since: datetime | None = Field(
        description="Since when flow runs have waited long because the installation runs as many as it can at once; null if none wait."
    )


class OutboxMessageShown(BaseModel):
    """Something to do outside that was given up after many attempts."""

    id: UUID
    kind: str = Field(examples=["brief_invoice"])
    key: str
    attempts: int
    enqueued_at: datetime
    failed_at: datetime | None
    last_error: str | None = Field(examples=["APIConnectionError: Stripe did not answer"])

    @classmethod
    def of(cls, message: OutboxMessage) -> "OutboxMessageShown":
        return cls.model_validate(message, from_attributes=True)


class OutboxMessageList(Listing):
    items: list[OutboxMessageShown]


class FailingMessage(BaseModel):
    """Something to do outside that went wrong when last tried, and is tried again by itself when it is due."""

    id: UUID
    kind: str = Field(examples=["brief_invoice"])
    key: str
    attempts: int
    enqueued_at: datetime
    due_at: datetime
    last_error: str | None = Field(examples=["APIConnectionError: Stripe did not answer"])

    @classmethod
    def of(cls, message: OutboxMessage) -> "FailingMessage":
        return cls.model_validate(message, from_attributes=True)


class FailingMessageList(Listing):
    items: list[FailingMessage]


class Retried(BaseModel):
    """How many failed messages are tried again."""

    messages: int = Field(examples=[3])


class FlowRunShown(BaseModel):
    """A live campaign and the flow run that carries it, None while that is being started; `generation` is how many have carried it."""

    campaign: UUID
    number: int
    title: str
    flow_run: UUID | None
    generation: int
    paused_at: datetime | None

    @classmethod
    def of(cls, run: FlowRun) -> "FlowRunShown":
        return cls(
            campaign=run.campaign_id, number=run.number, title=run.title, flow_run=run.run_id,
            generation=run.generation, paused_at=run.paused_at,
        )  # fmt: skip


class FlowRunList(Listing):
    items: list[FlowRunShown]


class UndeliveredShown(BaseModel):
    """An email that did not arrive, or of which nobody knows."""

    id: UUID
    notification: str = Field(examples=["version_ready"])
    address: str = Field(examples=["ada@example.org"])
    state: EmailState
    reason: str | None = Field(examples=["550 5.1.1 The mailbox does not exist"])
    enqueued_at: datetime

    @classmethod
    def of(cls, email: Email) -> "UndeliveredShown":
        return cls.model_validate(email, from_attributes=True)


class UndeliveredList(Listing):
    items: list[UndeliveredShown]


@router.get("/status")
def show_status(session: Tx, by: By) -> StatusShown:
    """Whether the relay, sweep and worker are running, how long outgoing jobs wait, how many have failed, and any overload."""
    found = status.status(session, by=by)
    return StatusShown(
        programs=[
            ProgramShown(
                program=life.program, alive=life.alive,
                last_heard_at=life.last.beat_at if life.last else None, trouble=life.last.trouble if life.last else None,
            )
            for life in found.lives
        ],
        enclosure=EnclosureShown.model_validate(enclosure(), from_attributes=True),
        lanes=[LaneShown.of(depth) for depth in found.lanes],
        outbox=[OutboxKindShown.model_validate(depth, from_attributes=True) for depth in found.depths],
        failed=found.failed,
        undelivered_emails=found.undelivered,
        overloaded_since=found.overloaded_since,
    )  # fmt: skip


@router.get("/outbox/failed")
def list_failed(session: Tx, by: By, page: Page) -> OutboxMessageList:
    """Outgoing jobs that failed after many attempts, newest first."""
    found = status.failed_messages(session, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda message: message.id)
    return OutboxMessageList(items=[OutboxMessageShown.of(message) for message in shown], next=following)


@router.get("/outbox/failing")
def list_failing(session: Tx, by: By, limit: Annotated[int, Query(ge=1, le=100)] = 30) -> FailingMessageList:
    """Jobs whose last attempt failed and that are retried automatically, most attempts first."""
    return FailingMessageList(items=[FailingMessage.of(message) for message in status.failing_messages(session, limit, by=by)])


@router.post("/outbox/retry")
def retry_all(session: Tx, by: By) -> Retried:
    """Try all failed jobs again."""
    return Retried(messages=status.retry_all(session, by=by))


@router.post("/outbox/{message_id}/retry", status_code=204)
def retry(message_id: UUID, session: Tx, by: By) -> Response:
    """Try a failed job again."""
    status.retry(session, message_id, by=by)
    return Response(status_code=204)


@router.get("/emails/undelivered")
def list_undelivered(session: Tx, by: By, page: Page) -> UndeliveredList:
    """Emails that did not arrive or may not have arrived, newest first."""
    found = status.undelivered_emails(session, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda email: email.id)
    return UndeliveredList(items=[UndeliveredShown.of(email) for email in shown], next=following)


@router.get("/flow-runs")
def list_flow_runs(session: Tx, by: By, page: Page) -> FlowRunList:
    """The flow run of each active campaign, newest first; `next` is the campaign to continue after."""
    found = status.flow_runs(session, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda run: run.campaign_id)
    return FlowRunList(items=[FlowRunShown.of(run) for run in shown], next=following)

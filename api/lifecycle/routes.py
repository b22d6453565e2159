"""Where a campaign stands and what it waits for; pause, resume, and sending one deliverable back."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.deps import TAGGED, At, By, FromRow, Tx, etag, page_of
from api.forms import AwareMoment, Reason, ReasonForm
from api.lifecycle.told import actor_of
from api.scopes import needs_scope
from campaigns import lifecycle
from campaigns.core import audit
from campaigns.core.blockers import Blocker
from campaigns.core.campaign import Deliverable, find_campaign, number_told
from campaigns.core.events import Event
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.open_call.queries import judges_blind
from campaigns.oversight import statuses

router = APIRouter()


class Wait(FromRow):
    """One thing that a deliverable is waiting on, whose it is, and since when."""

    code: str
    message: str
    waits_for: str
    since: datetime | None
    due: datetime | None
    action: str | None
    gate: str = Field(description="The gate to name in a reminder.", examples=["unsigned:legal"])


class DeliverableShown(BaseModel):
    """One deliverable: its stage, the number of its visit there, and what it is waiting on."""

    id: UUID
    title: str
    stage: Stage
    visit: int
    entered_at: datetime
    waits: list[Wait]

    @classmethod
    def of(cls, deliverable: Deliverable, waits: list[Blocker]) -> "DeliverableShown":
        return cls(
            id=deliverable.id,
            title=deliverable.title,
            stage=deliverable.stage,
            visit=deliverable.visit,
            entered_at=deliverable.entered_at,
            waits=[Wait.model_validate(b) for b in waits],
        )


class CampaignShown(BaseModel):
    """A campaign. Its stage is the earliest of its deliverables'; `slack_days` is the number of days left before go-live slips."""

    id: UUID
    number: int | None = Field(description="For staff only.")
    title: str
    brand: UUID
    stage: Stage
    go_live_at: datetime | None
    slack_days: int | None
    paused_at: datetime | None
    pause_reason: str | None
    launched_at: datetime | None
    deliverables: list[DeliverableShown]


class CampaignStateShown(FromRow):
    id: UUID
    paused_at: datetime | None
    cancelled_at: datetime | None
    settled_at: datetime | None = Field(description="When a cancelled campaign's last kill fee was paid.")
    done_at: datetime | None


class SendBackForm(BaseModel):
    to: Literal[Stage.COLLABORATION, Stage.CURATION]
    visit: int = Field(description="The visit that you have seen; an outdated one is refused.", ge=1)
    reason: Reason
    closes_at: AwareMoment | None = Field(None, description="The new collaboration deadline; without it, the manager closes it.")


class FactShown(BaseModel):
    """One event of the timeline, with its place in the campaign's hash chain."""

    number: int
    name: str
    at: datetime
    actor: str = Field(description="Who did it; blind reviewers read “Someone” for makers.")
    reason: str | None
    deliverable: UUID | None
    facts: dict[str, Any]
    hash: str

    @classmethod
    def of(cls, fact: Event, *, blind: bool) -> "FactShown":
        return cls(
            number=fact.number,
            name=fact.name,
            at=fact.at,
            actor=actor_of(fact, blind=blind),
            reason=fact.reason,
            deliverable=fact.deliverable_id,
            facts=fact.facts,
            hash=fact.hash,
        )


class FactList(BaseModel):
    """A page of the timeline. `next` is the number after which the next page begins."""

    items: list[FactShown]
    next: int | None = None


@router.get("/campaigns/{campaign_id}", responses=TAGGED)
def show_campaign(campaign_id: UUID, session: Tx, by: By, at: At, response: Response) -> CampaignShown:
    """Each deliverable that you can see: its stage, what it is waiting on and since when, and the slack before go-live."""
    campaign = find_campaign(session, campaign_id, by=by)
    stands = statuses.standing(session, campaign, at=at)
    deliverables = [(t, waits) for t, waits in stands.deliverables if by.may(Permission.VIEW_CAMPAIGN, on=t)]
    if not deliverables:
        by.require(Permission.VIEW_CAMPAIGN, on=campaign)
    etag(response, campaign.version)
    return CampaignShown(
        id=campaign.id,
        number=number_told(campaign, by=by),
        title=campaign.title,
        brand=campaign.brand_id,
        stage=stands.stage,
        go_live_at=stands.go_live_at,
        slack_days=stands.slack_days,
        paused_at=campaign.paused_at,
        pause_reason=campaign.pause_reason,
        launched_at=campaign.launched_at,
        deliverables=[DeliverableShown.of(t, waits) for t, waits in deliverables],
    )


@router.get("/campaigns/{campaign_id}/timeline")
def show_timeline(
    campaign_id: UUID,
    session: Tx,
    by: By,
    after: Annotated[int | None, Query(ge=1, lt=2**63, description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Items on a page.")] = 50,
) -> FactList:
    """The campaign's events, newest first, each chained to the one before."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.VIEW_TIMELINE, on=campaign)
    blind = judges_blind(by, campaign)
    found = audit.timeline(session, campaign.id, before=after, limit=limit + 1)
    shown, following = page_of(found, limit, lambda fact: fact.number)
    return FactList(items=[FactShown.of(fact, blind=blind) for fact in shown], next=following)


@router.post("/campaigns/{campaign_id}/pause")
def pause(campaign_id: UUID, body: ReasonForm, session: Tx, by: By, at: At) -> CampaignStateShown:
    """Pause the campaign's deadlines and emails."""
    return CampaignStateShown.model_validate(lifecycle.pause(session, campaign_id, body.reason, by=by, at=at))


@router.post("/campaigns/{campaign_id}/resume")
def resume(campaign_id: UUID, session: Tx, by: By, at: At) -> CampaignStateShown:
    """End the pause. Every open date is extended by its length."""
    return CampaignStateShown.model_validate(lifecycle.resume(session, campaign_id, by=by, at=at))


@router.post("/deliverables/{deliverable_id}/send-back", dependencies=[needs_scope("client_delivery")])
def send_back(deliverable_id: UUID, body: SendBackForm, session: Tx, by: By, at: At) -> DeliverableShown:
    """Send one deliverable back to collaboration or curation. Other deliverables are not affected."""
    deliverable = lifecycle.send_back(
        session, deliverable_id, Stage(body.to), body.visit, body.reason, by=by, at=at, closes_at=body.closes_at
    )
    return DeliverableShown.of(deliverable, lifecycle.blockers(session, [deliverable], at=at)[deliverable.id])

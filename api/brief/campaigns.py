"""Campaigns begun, found and launched, and the plan from go-live back to today."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, OnlyOnce, Page, Tx, page_of
from api.lifecycle import Wait
from api.scopes import needs_scope
from campaigns.brief import actions, board, queries
from campaigns.brief.board import BoardCampaign, Sought
from campaigns.core.blockers import Blocker
from campaigns.core.campaign import Campaign, number_told
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.oversight import boards

router = APIRouter()


class CampaignForm(BaseModel):
    brand: UUID
    title: str = Field(max_length=160, examples=["Holiday traditions"])


class CampaignBegun(BaseModel):
    """A campaign that was created or launched."""

    id: UUID
    number: int | None = Field(description="For staff only.")
    title: str
    brand: UUID
    created_at: datetime
    launched_at: datetime | None

    @classmethod
    def of(cls, campaign: Campaign, by: Actor) -> "CampaignBegun":
        return cls(
            id=campaign.id, number=number_told(campaign, by=by), title=campaign.title, brand=campaign.brand_id,
            created_at=campaign.created_at, launched_at=campaign.launched_at,
        )  # fmt: skip


class CampaignListed(CampaignBegun):
    """A campaign on the board. `waits` is for people who work on it; `must_open_at` is the date of its current gate."""

    brand_name: str
    stage: Stage
    paused_at: datetime | None
    go_live_at: datetime | None
    must_open_at: datetime | None
    waits: list[Wait] | None

    @classmethod
    def at_stage(cls, entry: BoardCampaign, waits: list[Blocker] | None, by: Actor) -> "CampaignListed":
        return cls(
            **CampaignBegun.of(entry.campaign, by).model_dump(), brand_name=entry.brand, stage=entry.stage,
            paused_at=entry.campaign.paused_at, go_live_at=entry.go_live_at, must_open_at=entry.must_open_at,
            waits=None if waits is None else [Wait.model_validate(blocker) for blocker in waits],
        )  # fmt: skip


class Campaigns(Listing):
    items: list[CampaignListed]


class GateShown(BaseModel):
    """A gate of the plan: `slack_days` until it must open, negative when late; `room_days` that it can slip before the next gate."""

    gate: str = Field(examples=["curation"])
    planned_at: datetime
    slack_days: int
    room_days: int | None
    is_open: bool


class Plan(BaseModel):
    """The gates from go-live back to the brief."""

    time_zone: str
    gates: list[GateShown]


@router.post("/campaigns", status_code=201, response_model=CampaignBegun)
def create_campaign(body: CampaignForm, session: Tx, by: By, at: At, once: OnlyOnce) -> CampaignBegun | Response:
    """Create a campaign with an empty brief; you become its manager."""
    return once(lambda: CampaignBegun.of(actions.create_campaign(session, body.brand, body.title, by=by, at=at), by))


@router.get("/campaigns", dependencies=[needs_scope("campaign")])
def list_campaigns(
    session: Tx,
    by: By,
    at: At,
    page: Page,
    stage: Annotated[Stage | None, Query(description="Only campaigns in this stage.")] = None,
    paused: Annotated[bool | None, Query(description="Only paused campaigns (true), or only others (false).")] = None,
    blocked: Annotated[bool | None, Query(description="Only campaigns past the date of their gate (true), or only others (false).")] = None,
) -> Campaigns:
    """List the campaigns that you may see, newest first, and what each is waiting for."""
    found = board.campaigns(session, Sought(stage, paused, blocked), after=page.after, limit=page.one_more, by=by, at=at)
    shown, following = page_of(found, page.limit, lambda row: row.campaign.id)
    waits = boards.waits(session, [e.campaign for e in shown if by.may(Permission.VIEW_CAMPAIGN, on=e.campaign)], at=at)
    return Campaigns(items=[CampaignListed.at_stage(entry, waits.get(entry.campaign.id), by) for entry in shown], next=following)


@router.post("/campaigns/{campaign_id}/launch")
def launch(campaign_id: UUID, session: Tx, by: By, at: At) -> CampaignBegun:
    """Open the call to everyone, once the brief is complete, signed and funded."""
    return CampaignBegun.of(actions.launch(session, campaign_id, by=by, at=at), by)


@router.get("/campaigns/{campaign_id}/plan")
def show_plan(campaign_id: UUID, session: Tx, by: By, at: At) -> Plan:
    """Get the plan from go-live back to today, with the slack of each gate."""
    written = queries.brief_for(session, campaign_id, by=by)
    gates = [
        GateShown(gate=g.gate, planned_at=g.planned_at, slack_days=g.slack_days, room_days=g.room_days, is_open=g.is_open)
        for g in queries.plan_back(session, written.campaign, at=at)
    ]
    return Plan(time_zone=written.brief.time_zone, gates=gates)

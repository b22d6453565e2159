"""Reminders: who was reminded of what a campaign waits for."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, OnlyOnce, Page, Tx
from campaigns import gates
from campaigns.core import nudges
from campaigns.core.campaign import find_campaign
from campaigns.core.nudges import Nudge
from campaigns.core.permissions import Permission

router = APIRouter()


class NudgeForm(BaseModel):
    gate: str = Field(max_length=80, description="The `gate` of a wait.", examples=["unsigned:legal"])


class NudgeShown(BaseModel):
    """A reminder to one person about one gate."""

    id: UUID
    gate: str
    person: UUID
    by: UUID
    at: datetime

    @classmethod
    def of(cls, nudge: Nudge) -> "NudgeShown":
        return cls(id=nudge.id, gate=nudge.gate, person=nudge.person_id, by=nudge.nudged_by, at=nudge.nudged_at)


class Nudged(BaseModel):
    items: list[NudgeShown]


class NudgeList(Listing):
    items: list[NudgeShown]


@router.post("/campaigns/{campaign_id}/nudges", status_code=201, response_model=Nudged)
def nudge(campaign_id: UUID, body: NudgeForm, session: Tx, by: By, at: At, once: OnlyOnce) -> Nudged | Response:
    """Remind by email everyone whom a gate is waiting on, each at most once a day. Returns the reminders sent."""
    return once(lambda: Nudged(items=[NudgeShown.of(sent) for sent in gates.nudge(session, campaign_id, body.gate, by=by, at=at)]))


@router.get("/campaigns/{campaign_id}/nudges")
def list_nudges(campaign_id: UUID, session: Tx, by: By, page: Page) -> NudgeList:
    """The reminders sent, newest first."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.VIEW_TIMELINE, on=campaign)
    found = nudges.nudges(session, campaign.id, after=page.after, limit=page.one_more)
    items = [NudgeShown.of(sent) for sent in found[: page.limit]]
    return NudgeList(items=items, next=items[-1].id if len(found) > page.limit else None)

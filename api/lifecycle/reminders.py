"""Reminders: who was reminded of what a campaign waits for."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, OnlyOnce, Page, Tx, page_of
from campaigns.core import reminders
from campaigns.core.campaign import find_campaign
from campaigns.core.permissions import Permission
from campaigns.core.reminders import Reminder
from campaigns.oversight import gates

router = APIRouter()


class ReminderForm(BaseModel):
    gate: str = Field(max_length=80, description="The `gate` of a wait.", examples=["unsigned:legal"])


class ReminderShown(BaseModel):
    """A reminder to one person about one gate."""

    id: UUID
    gate: str
    person: UUID
    by: UUID
    at: datetime

    @classmethod
    def of(cls, reminder: Reminder) -> "ReminderShown":
        return cls(id=reminder.id, gate=reminder.gate, person=reminder.person_id, by=reminder.reminded_by, at=reminder.reminded_at)


class Reminded(BaseModel):
    items: list[ReminderShown]


class ReminderList(Listing):
    items: list[ReminderShown]


@router.post("/campaigns/{campaign_id}/reminders", status_code=201, response_model=Reminded)
def remind(campaign_id: UUID, body: ReminderForm, session: Tx, by: By, at: At, once: OnlyOnce) -> Reminded | Response:
    """Remind by email everyone whom a gate is waiting on, each at most once a day. Returns the reminders sent."""
    return once(lambda: Reminded(items=[ReminderShown.of(sent) for sent in gates.remind(session, campaign_id, body.gate, by=by, at=at)]))


@router.get("/campaigns/{campaign_id}/reminders")
def list_reminders(campaign_id: UUID, session: Tx, by: By, page: Page) -> ReminderList:
    """The reminders sent, newest first."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.VIEW_TIMELINE, on=campaign)
    found = reminders.reminders(session, campaign.id, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda sent: sent.id)
    return ReminderList(items=[ReminderShown.of(sent) for sent in shown], next=following)

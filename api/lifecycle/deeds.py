"""What is done with a campaign as a whole: remind, pause, resume, extend; each with a page that says what it does."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.forms import ReasonForm
from api.lifecycle.moments import ExtensionPageForm, in_zone, local
from api.lifecycle.reminders import ReminderForm
from api.problem_pages import own_address
from api.reader import Reader, SignedIn
from campaigns import lifecycle
from campaigns.brief import queries as brief_queries
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.permissions import Permission
from campaigns.core.words import _, n_
from campaigns.open_call.call.actions import extend_call
from campaigns.open_call.queries import call_of
from campaigns.oversight import gates

pages = APIRouter()


class ReminderPageForm(ReminderForm):
    """A gate, reminded of on the page that the form was on."""

    page: str = Field("", alias="_page", max_length=2000)


def _allowed(campaign_id: UUID, permission: Permission, reader: Reader) -> Campaign:
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    reader.by.require(permission, on=campaign)
    return campaign


@pages.post("/campaigns/{campaign_id}/remind")
def remind(campaign_id: UUID, form: Annotated[ReminderPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Remind whom a gate waits for."""
    sent = gates.remind(reader.session, campaign_id, form.gate, by=reader.by, at=reader.at)
    said = n_("Reminder sent to {count} person.", "Reminder sent to {count} people.", len(sent))
    return reader.done(own_address(form.page) or f"/campaigns/{campaign_id}", said)


@pages.get("/campaigns/{campaign_id}/pause")
def ask_pause(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """What a pause does, before it begins."""
    return reader.page("lifecycle/pause.html", campaign=_allowed(campaign_id, Permission.PAUSE, reader))


@pages.post("/campaigns/{campaign_id}/pause")
def pause(campaign_id: UUID, form: Annotated[ReasonForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Stop the clocks."""
    lifecycle.pause(reader.session, campaign_id, form.reason, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign_id}", _("Campaign paused. Deadlines and emails are on hold."))


@pages.post("/campaigns/{campaign_id}/resume")
def resume(campaign_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Have the clocks run again."""
    lifecycle.resume(reader.session, campaign_id, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign_id}", _("Campaign resumed. Every open date was extended by the length of the pause."))


@pages.get("/campaigns/{campaign_id}/extend")
def ask_extend(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """When the call closes, and how much later it may."""
    campaign = _allowed(campaign_id, Permission.EXTEND_CALL, reader)
    brief = brief_queries.written_brief(reader.session, campaign.id).brief
    call = call_of(reader.session, campaign.id)
    closes_at = call.closes_at if call else brief.call_closes_at
    return reader.page(
        "lifecycle/extend.html", campaign=campaign, brief=brief, closes_at=closes_at, value=local(closes_at, brief.time_zone)
    )


@pages.post("/campaigns/{campaign_id}/extend")
def extend(campaign_id: UUID, form: Annotated[ExtensionPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Close the call later, for everyone."""
    campaign = _allowed(campaign_id, Permission.EXTEND_CALL, reader)
    zone = brief_queries.written_brief(reader.session, campaign.id).brief.time_zone
    extend_call(reader.session, campaign_id, in_zone(form.closes_at, zone), form.reason, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign_id}", _("Call extended. Everyone sees the new deadline, with your reason."))

"""What is done with one deliverable: send it back, extend its collaboration, say that its material is complete."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, BeforeValidator, Field

from api.lifecycle.moments import in_zone, local
from api.reader import Reader, SignedIn
from campaigns import lifecycle
from campaigns.brief.models import Brief
from campaigns.collaboration import actions as collaboration
from campaigns.collaboration.queries import standings
from campaigns.core.campaign import Campaign, Track, find_track
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _

pages = APIRouter()
LeftOpen = Annotated[datetime | None, BeforeValidator(lambda typed: typed or None)]


class BackForm(BaseModel):
    to: Literal[Stage.COLLABORATION, Stage.CURATION]
    visit: int = Field(ge=1)
    reason: str = Field(max_length=2000)
    closes_at: LeftOpen = None


class LaterForm(BaseModel):
    closes_at: datetime
    reason: str = Field(max_length=2000)


class VisitForm(BaseModel):
    visit: int = Field(ge=1)


def _allowed(track_id: UUID, permission: Permission, reader: Reader) -> tuple[Track, Campaign, str]:
    """The deliverable, its campaign, and the zone that its brief states."""
    track = find_track(reader.session, track_id, by=reader.by)
    reader.by.require(permission, on=track)
    campaign, brief = reader.session.get_one(Campaign, track.campaign_id), reader.session.get_one(Brief, track.campaign_id)
    return track, campaign, brief.time_zone


@pages.get("/deliverables/{track_id}/send-back")
def ask_send_back(track_id: UUID, reader: SignedIn) -> HTMLResponse:
    """Where the deliverable may go back to, and what that does."""
    track, campaign, zone = _allowed(track_id, Permission.SEND_BACK, reader)
    back = sorted(lifecycle.BACK.get(track.stage, frozenset()))
    return reader.page("lifecycle/send_back.html", campaign=campaign, track=track, zone=zone, back=back)


@pages.post("/deliverables/{track_id}/send-back")
def send_back(track_id: UUID, form: Annotated[BackForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Send the deliverable back for a new visit."""
    track, campaign, zone = _allowed(track_id, Permission.SEND_BACK, reader)
    closes_at = in_zone(form.closes_at, zone) if form.closes_at else None
    lifecycle.send_back(reader.session, track_id, Stage(form.to), form.visit, form.reason, by=reader.by, at=reader.at, closes_at=closes_at)
    return reader.done(f"/campaigns/{campaign.id}", _("{title} was sent back. Other deliverables are not affected.", title=track.title))


@pages.get("/deliverables/{track_id}/extend")
def ask_extend(track_id: UUID, reader: SignedIn) -> HTMLResponse:
    """When the deliverable's collaboration closes."""
    track, campaign, zone = _allowed(track_id, Permission.CLOSE_COLLABORATION, reader)
    standing = standings(reader.session, [track], at=reader.at).get(track.id)
    closes_at = standing.window.closes_at if standing else None
    return reader.page(
        "lifecycle/extend_collaboration.html", campaign=campaign, track=track, zone=zone, closes_at=closes_at, value=local(closes_at, zone)
    )


@pages.post("/deliverables/{track_id}/extend")
def extend(track_id: UUID, form: Annotated[LaterForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Close the deliverable's collaboration later."""
    track, campaign, zone = _allowed(track_id, Permission.CLOSE_COLLABORATION, reader)
    collaboration.extend(reader.session, track_id, in_zone(form.closes_at, zone), form.reason, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign.id}", _("Collaboration on {title} was extended.", title=track.title))


@pages.post("/deliverables/{track_id}/complete")
def complete(track_id: UUID, form: Annotated[VisitForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Say that the material is complete."""
    track, campaign, _zone = _allowed(track_id, Permission.CLOSE_COLLABORATION, reader)
    collaboration.complete(reader.session, track_id, form.visit, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign.id}", _("Collaboration on {title} is closed.", title=track.title))

"""What is done with one deliverable: send it back, extend its collaboration, say that its material is complete."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.collaboration.routes import VisitForm
from api.forms import EmptyIsNone
from api.lifecycle.moments import ExtensionPageForm, in_zone, local
from api.lifecycle.routes import SendBackForm
from api.reader import Reader, SignedIn
from campaigns import lifecycle
from campaigns.brief.models import Brief
from campaigns.collaboration import actions as collaboration
from campaigns.collaboration.queries import standings
from campaigns.core.campaign import Campaign, Deliverable, find_deliverable
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _

pages = APIRouter()


class SendBackPageForm(SendBackForm):
    """As a program sends it, with the deadline as it is written in the campaign's zone."""

    closes_at: Annotated[datetime | None, EmptyIsNone] = None


def _allowed(deliverable_id: UUID, permission: Permission, reader: Reader) -> tuple[Deliverable, Campaign, str]:
    """The deliverable, its campaign, and the zone that its brief states."""
    deliverable = find_deliverable(reader.session, deliverable_id, by=reader.by)
    reader.by.require(permission, on=deliverable)
    campaign, brief = reader.session.get_one(Campaign, deliverable.campaign_id), reader.session.get_one(Brief, deliverable.campaign_id)
    return deliverable, campaign, brief.time_zone


@pages.get("/deliverables/{deliverable_id}/send-back")
def ask_send_back(deliverable_id: UUID, reader: SignedIn) -> HTMLResponse:
    """Where the deliverable may go back to, and what that does."""
    deliverable, campaign, zone = _allowed(deliverable_id, Permission.SEND_BACK, reader)
    back = sorted(lifecycle.BACK.get(deliverable.stage, frozenset()))
    return reader.page("lifecycle/send_back.html", campaign=campaign, deliverable=deliverable, zone=zone, back=back)


@pages.post("/deliverables/{deliverable_id}/send-back")
def send_back(deliverable_id: UUID, form: Annotated[SendBackPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Send the deliverable back for a new visit."""
    deliverable, campaign, zone = _allowed(deliverable_id, Permission.SEND_BACK, reader)
    closes_at = in_zone(form.closes_at, zone) if form.closes_at else None
    lifecycle.send_back(
        reader.session, deliverable_id, Stage(form.to), form.visit, form.reason, by=reader.by, at=reader.at, closes_at=closes_at
    )
    return reader.done(
        f"/campaigns/{campaign.id}", _("{title} was sent back. Other deliverables are not affected.", title=deliverable.title)
    )


@pages.get("/deliverables/{deliverable_id}/extend")
def ask_extend(deliverable_id: UUID, reader: SignedIn) -> HTMLResponse:
    """When the deliverable's collaboration closes."""
    deliverable, campaign, zone = _allowed(deliverable_id, Permission.CLOSE_COLLABORATION, reader)
    standing = standings(reader.session, [deliverable], at=reader.at).get(deliverable.id)
    closes_at = standing.window.closes_at if standing else None
    return reader.page(
        "lifecycle/extend_collaboration.html",
        campaign=campaign,
        deliverable=deliverable,
        zone=zone,
        closes_at=closes_at,
        value=local(closes_at, zone),
    )


@pages.post("/deliverables/{deliverable_id}/extend")
def extend(deliverable_id: UUID, form: Annotated[ExtensionPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Close the deliverable's collaboration later."""
    deliverable, campaign, zone = _allowed(deliverable_id, Permission.CLOSE_COLLABORATION, reader)
    collaboration.extend(reader.session, deliverable_id, in_zone(form.closes_at, zone), form.reason, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign.id}", _("Collaboration on {title} was extended.", title=deliverable.title))


@pages.post("/deliverables/{deliverable_id}/complete")
def complete(deliverable_id: UUID, form: Annotated[VisitForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Say that the material is complete."""
    deliverable, campaign, _zone = _allowed(deliverable_id, Permission.CLOSE_COLLABORATION, reader)
    collaboration.complete(reader.session, deliverable_id, form.visit, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign.id}", _("Collaboration on {title} is closed.", title=deliverable.title))

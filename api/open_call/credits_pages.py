"""The contributions of a campaign of which somebody who was named as a maker has not answered; the manager takes such a naming back."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Page, page_of
from api.reader import SignedIn
from campaigns.client_delivery.makers.queries import unanswered_versions
from campaigns.core.campaign import find_campaign
from campaigns.core.words import _
from campaigns.open_call.makers.actions import end_namings
from campaigns.open_call.makers.queries import unanswered_of

pages = APIRouter()


@pages.get("/campaigns/{campaign_id}/credits")
def show_credits(campaign_id: UUID, reader: SignedIn, page: Page) -> HTMLResponse:
    """What waits for the word of somebody who was named."""
    found = unanswered_of(reader.session, campaign_id, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.contribution.id)
    return reader.page(
        "open_call/credits.html",
        campaign=find_campaign(reader.session, campaign_id, by=reader.by),
        unanswered=shown,
        versions=unanswered_versions(reader.session, campaign_id),
        next=following,
    )


@pages.post("/campaigns/{campaign_id}/credits/{contribution_id}")
def end_unanswered(campaign_id: UUID, contribution_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take back the naming of everybody who has not confirmed this contribution."""
    contribution = end_namings(reader.session, contribution_id, by=reader.by, at=reader.at)
    sentence = _("“{title}” is now credited only to makers who have confirmed it.", title=contribution.title)
    return reader.done(f"/campaigns/{campaign_id}/credits", sentence)

"""The contributions that take part in a call: to look at, and to build on."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Page, page_of
from api.reader import Reader, SignedIn
from campaigns.collaboration.queries import is_remixing_open
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.call import actions as call_actions
from campaigns.open_call.media.formats import MediaKind
from campaigns.open_call.queries import ContributionDetails, contributions, shows_contributions

pages = APIRouter()
EXAMPLES = 8


def some_contributions(visitor: Reader, campaign: Campaign) -> Sequence[ContributionDetails]:
    """A few of the newest contributions, for whoever is signed in: a guest sees none."""
    return contributions(visitor.session, campaign.id, by=visitor.by, limit=EXAMPLES) if visitor.by.person_id else ()


@pages.get("/calls/{campaign_id}/contributions")
def show_contributions(
    campaign_id: UUID, reader: SignedIn, page: Page, kind: Annotated[MediaKind | None, Query()] = None
) -> HTMLResponse:  # fmt: skip
    """All contributions that take part, newest first, or those of one kind."""
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    found = contributions(reader.session, campaign.id, by=reader.by, after=page.after, limit=page.one_more, kind=kind)
    shown, following = page_of(found, page.limit, lambda row: row.contribution.id)
    return reader.page(
        "open_call/contributions.html",
        campaign=campaign,
        contributions=shown,
        kind=kind,
        kinds=list(MediaKind),
        next=following,
        is_remixing_open=campaign.is_live and is_remixing_open(reader.session, campaign.id, at=campaign.paused_at or reader.at),
        runs_it=reader.by.may(Permission.VIEW_CAMPAIGN, on=campaign),
        is_shown=shows_contributions(reader.session, campaign.id, by=reader.by),
        may_publish=campaign.launched_at is not None and reader.by.may(Permission.PUBLISH_CONTRIBUTIONS, on=campaign),
    )


@pages.post("/calls/{campaign_id}/contributions/publish")
def publish_contributions(campaign_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Show them to everyone who is signed in, also after the call."""
    call_actions.publish_contributions(reader.session, campaign_id, by=reader.by, at=reader.at)
    return reader.done(f"/calls/{campaign_id}/contributions", _("Published. Everyone who is signed in can see these contributions."))


@pages.post("/calls/{campaign_id}/contributions/unpublish")
def stop_publishing_contributions(campaign_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Show them after the call only to those who took part, the brand and the staff."""
    call_actions.stop_publishing_contributions(reader.session, campaign_id, by=reader.by, at=reader.at)
    return reader.done(f"/calls/{campaign_id}/contributions", _("No longer published."))

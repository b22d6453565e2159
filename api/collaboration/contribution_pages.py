"""A contribution as everyone may look at it: to see or hear, who made it, what it came from and what came of it."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse

from api.collaboration.picture import picture_of
from api.deps import Page, Paging, page_of
from api.reader import Reader, SignedIn
from api.spreadsheet import spreadsheet
from campaigns.collaboration.lineage import neighborhoods
from campaigns.collaboration.lineage.neighborhoods import Neighbourhood
from campaigns.collaboration.models import WrapperFinding
from campaigns.collaboration.queries import is_remixing_open
from campaigns.core.campaign import Campaign
from campaigns.core.words import _
from campaigns.open_call import queries
from campaigns.open_call.credits import grants_of
from campaigns.open_call.models import Contribution, ContributionState

pages = APIRouter()
EVERY_ONE = 1_000_000
HEADER = ("contribution", "made by", "source", "made by", "relation")


@pages.get("/contributions/{contribution_id}")
def show_contribution(contribution_id: UUID, reader: SignedIn, page: Page) -> HTMLResponse:
    """The contribution; those who judge it see what it is and what was found of it, and nothing of where it comes from."""
    shown = queries.contribution(reader.session, contribution_id, by=reader.by)
    judges_blind = queries.judges_blind(reader.by, shown.contribution)
    campaign = reader.session.get_one(Campaign, shown.contribution.campaign_id)
    return reader.page(
        "collaboration/contribution.html",
        shown=shown,
        contribution=shown.contribution,
        campaign=campaign,
        is_taking_part=shown.contribution.state is ContributionState.SCREENED_IN,
        is_own=any(credit.person_id == reader.by.person_id for credit in shown.credits),
        can_build_on=shown.contribution.state is ContributionState.SCREENED_IN and can_build(reader, campaign),
        judges_blind=judges_blind,
        finding=reader.session.get(WrapperFinding, contribution_id) if judges_blind else None,
        **({} if judges_blind else _relatives(reader, shown.contribution, page)),
    )


def can_build(reader: Reader, campaign: Campaign) -> bool:
    """Whether contributions of the campaign may be built on now; while it is paused its clocks stand still."""
    return campaign.is_live and is_remixing_open(reader.session, campaign.id, at=campaign.paused_at or reader.at)


def _relatives(reader: Reader, contribution: Contribution, page: Paging[UUID]) -> Mapping[str, Any]:
    found = neighborhoods.relations(reader.session, contribution, by=reader.by, after=page.after, limit=page.one_more)
    into, following = page_of(found.made_into, page.limit, lambda made: made.relative.id)
    return {
        "around": found.around,
        "picture": picture_of(found.around, found.renditions),
        "renditions": found.renditions,
        "made_from": found.made_from,
        "made_into": into,
        "next": following,
        "licences": sorted({grant.version for grant in grants_of(reader.session, [contribution.id])[contribution.id]}),
    }


@pages.get("/contributions/{contribution_id}/lineage")
def show_lineage(contribution_id: UUID, reader: SignedIn) -> HTMLResponse:
    """The whole map: all that led to the contribution, and all that it led to."""
    shown = queries.contribution(reader.session, contribution_id, by=reader.by)
    around = neighborhoods.whole_map(reader.session, contribution_id, by=reader.by)
    return reader.page(
        "collaboration/lineage.html",
        shown=shown,
        contribution=shown.contribution,
        campaign=reader.session.get_one(Campaign, shown.contribution.campaign_id),
        around=around,
        named={relative.id: relative for relative in around.relatives},
        picture=picture_of(around, {}),
    )


@pages.get("/contributions/{contribution_id}/lineage.csv")
def download_lineage(contribution_id: UUID, reader: SignedIn) -> StreamingResponse:
    """The edges of the whole map as a table."""
    return spreadsheet("lineage", HEADER, _rows(neighborhoods.whole_map(reader.session, contribution_id, by=reader.by, most=EVERY_ONE)))


def _rows(around: Neighbourhood) -> Iterator[tuple[str, ...]]:
    gone = _("a withdrawn contribution")
    named = {
        relative.id: (relative.contribution.title if relative.contribution else gone, ", ".join(credit.name for credit in relative.credits))
        for relative in around.relatives
    }
    for source in around.sources:
        yield *named[source.contribution_id], *named[source.source_id], source.kind.value

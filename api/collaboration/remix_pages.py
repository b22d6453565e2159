"""Building on a contribution: the form for a new one, with what it is built on."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.collaboration.contribution_pages import can_build
from api.forms import Line
from api.open_call.contribute_pages import ContributionPageForm, entry_from, form_values
from api.reader import SignedIn
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.collaboration.remixes.queries import citable, contributions_named
from campaigns.core.campaign import find_campaign
from campaigns.core.words import _
from campaigns.open_call import queries
from campaigns.open_call.call.queries import call_page
from campaigns.open_call.models import ContributionState

pages = APIRouter()
OTHER_SOURCES = 4


class RemixPageForm(ContributionPageForm):
    """A contribution that is built on the one whose page it was begun on, and on those that `also` names, each with its `also_kind`."""

    kind: SourceKind
    also: list[Line] = Field(default_factory=list, max_length=OTHER_SOURCES)
    also_kind: list[SourceKind] = Field(default_factory=list, max_length=OTHER_SOURCES)

    @property
    def further(self) -> list[tuple[str, SourceKind]]:
        """What it is built on beside that, as it was named."""
        return [(name, kind) for name, kind in zip(self.also, self.also_kind, strict=False) if name.strip()]


@pages.get("/contributions/{contribution_id}/remix")
def ask_for_remix(contribution_id: UUID, reader: SignedIn) -> HTMLResponse:
    """The form for a contribution that is built on this one."""
    shown = queries.contribution(reader.session, contribution_id, by=reader.by)
    campaign = find_campaign(reader.session, shown.contribution.campaign_id, by=reader.by)
    return reader.page(
        "collaboration/remix.html",
        shown=shown,
        campaign=campaign,
        page=call_page(reader.session, campaign.id, by=reader.by, at=reader.at),
        is_open=shown.contribution.state is ContributionState.SCREENED_IN and can_build(reader, campaign),
        other_sources=OTHER_SOURCES,
        **form_values(reader),
    )


@pages.post("/contributions/{contribution_id}/remix")
def send_remix(contribution_id: UUID, form: Annotated[RemixPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Send it in."""
    source = queries.find_contribution(reader.session, contribution_id, by=reader.by)

    def deed() -> tuple[str, str]:
        names = [name for name, _kind in form.further]
        named = contributions_named(reader.session, source.campaign_id, names, field="also", by=reader.by)
        further = [Citation(found, kind) for found, (_name, kind) in zip(named, form.further, strict=True)]
        cited = [Citation(source.id, form.kind), *further]
        contribution = remix(reader.session, source.campaign_id, entry_from(form, reader), cited, by=reader.by, at=reader.at)
        said = _("“{title}” has been submitted with its sources. You will get an email when its status changes.", title=contribution.title)
        return f"/me/contributions/{contribution.id}", said

    return reader.once(form, deed)


@pages.get("/contributions/{contribution_id}/remix/titles")
def suggest_titles(contribution_id: UUID, reader: SignedIn, like: Annotated[str, Query(max_length=160)]) -> HTMLResponse:
    """The titles with these words in them, to choose from while one types."""
    source = queries.find_contribution(reader.session, contribution_id, by=reader.by)
    return reader.page("collaboration/_titles.html", found=citable(reader.session, source.campaign_id, like, by=reader.by))

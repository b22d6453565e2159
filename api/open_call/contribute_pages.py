"""Sending a contribution in: the file that comes piece by piece, or the text that is written here; its title, its makers, its licence."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.forms import Chosen, Line
from api.reader import OnceForm, Reader, SignedIn
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.open_call import uploads
from campaigns.open_call.call.queries import call_page
from campaigns.open_call.contributions import actions as contribution_actions
from campaigns.open_call.contributions.actions import LONGEST_TITLE, MOST_SHARES, NewContribution
from campaigns.open_call.errors import NothingSent
from campaigns.open_call.makers.queries import makers_at
from campaigns.open_call.media.formats import BY_ENDING, MARKDOWN
from campaigns.open_call.models import UploadState

pages = APIRouter()
OTHER_MAKERS = 4
Shares = Annotated[int, Field(ge=1, le=MOST_SHARES)]


class ContributionPageForm(OnceForm):
    """A contribution: one of the files that have arrived, or a text; `maker` and `shares` name those who made it with the sender."""

    title: Line
    upload_id: Chosen = None
    text: str = Field("", max_length=1_000_000)
    statement: str = Field("", max_length=4_000)
    licence_version: Line = ""
    own_shares: Shares = 1
    maker: list[Line] = Field(default_factory=list, max_length=OTHER_MAKERS)
    shares: list[Shares] = Field(default_factory=list, max_length=OTHER_MAKERS)

    @property
    def others(self) -> list[tuple[str, int]]:
        """Who made it with the sender, by address, with their shares."""
        return [(address, shares) for address, shares in zip(self.maker, self.shares, strict=False) if address.strip()]


@pages.get("/calls/{campaign_id}/contribute")
def ask_for_contribution(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """The form for a contribution, with what is to be known before one fills it in."""
    page = call_page(reader.session, campaign_id, by=reader.by, at=reader.at)
    return reader.page("open_call/contribute.html", page=page, campaign=page.written.campaign, **form_values(reader))


@pages.post("/calls/{campaign_id}/contribute")
def contribute(campaign_id: UUID, form: Annotated[ContributionPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Send the contribution in."""

    def deed() -> tuple[str, str]:
        contribution = contribution_actions.contribute(reader.session, campaign_id, entry_from(form, reader), by=reader.by, at=reader.at)
        said = _("“{title}” has been submitted. You will get an email when its status changes.", title=contribution.title)
        return f"/me/contributions/{contribution.id}", said

    return reader.once(form, deed)


def entry_from(form: ContributionPageForm, reader: Reader) -> NewContribution:
    """The entry that the form describes; a text written in it becomes a file first."""
    upload_id = _file_of(form, reader)
    named = makers_at(reader.session, form.own_shares, form.others, by=reader.by)
    return NewContribution(
        title=form.title, upload_id=upload_id, licence_version=form.licence_version, statement=form.statement,
        makers=named.shares, addresses=named.addresses,
    )  # fmt: skip


def _file_of(form: ContributionPageForm, reader: Reader) -> UUID:
    if form.upload_id and form.text.strip():
        raise NothingSent(_("Submit either a file or a text, not both."), field="text")
    if not form.upload_id and not form.text.strip():
        raise NothingSent(_("Choose a file or write a text."), field="upload_id")
    return form.upload_id or uploads.take_text(reader.session, form.text, MARKDOWN.mime, by=reader.by).id


def form_values(reader: Reader) -> Mapping[str, Any]:
    """What the form for a contribution shows beside the call: the files at hand, and what may be sent."""
    at_hand = uploads.at_hand(reader.session, by=reader.by)
    return {
        "arrived": [upload for upload in at_hand if upload.state is UploadState.PROVEN],
        "under_way": [upload for upload in at_hand if upload.state is not UploadState.PROVEN],
        "accepted": ",".join(f".{ending}" for ending in BY_ENDING),
        "most_bytes": settings().upload_limit_bytes,
        "longest_title": LONGEST_TITLE,
        "other_makers": OTHER_MAKERS,
    }

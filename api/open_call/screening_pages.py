"""The screening desk: one contribution after another, blind, let in or kept out with a reason that its makers read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.deps import Page, page_of
from api.files import sent
from api.forms import Chosen
from api.media import ahead, at_place
from api.reader import Reader, SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.core.campaign import find_campaign
from campaigns.core.people import Actor, Brand
from campaigns.core.words import _
from campaigns.open_call.models import WAITING, Contribution
from campaigns.open_call.queries import waiting_counts
from campaigns.open_call.screening import actions as screening_actions
from campaigns.open_call.screening import queries as screening_queries
from campaigns.open_call.screening.queries import BlindContribution

pages = APIRouter()
HEADER = ("contribution", "title", "kind", "state", "problem", "same file as")


class NextForm(BaseModel):
    """Which contribution comes after this one."""

    following: Chosen = None


class ScreeningPageForm(NextForm):
    """Whether the contribution takes part; a reason is one of the usual ones, one's own words, or both."""

    takes_part: Literal["yes", "no"]
    usual: str = Field("", max_length=400)
    reason: str = Field("", max_length=1_500)

    @property
    def whole_reason(self) -> str | None:
        said = "\n".join(part.strip() for part in (self.usual, self.reason) if part.strip())
        return None if self.takes_part == "yes" else said


def usual_reasons() -> Sequence[str]:
    """What keeps contributions out most often, as their makers read it."""
    return (
        _("It does not answer what the call asks for."),
        _("It shows something that the call asks to leave out."),
        _("It looks like someone else’s work; submit it as a remix that cites its source."),
        _("It is the same file as another contribution of this call."),
        _("It cannot be seen, heard or read well enough to be reviewed."),
    )


@pages.get("/campaigns/{campaign_id}/screening")
def show_desk(campaign_id: UUID, reader: SignedIn, page: Page, contribution: UUID | None = None) -> HTMLResponse:
    """The contributions that wait for a decision, one of them in full."""
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    found = screening_queries.screening_desk(reader.session, campaign_id, by=reader.by, after=page.after, limit=page.one_more)
    shown, next_page = page_of(found, page.limit, lambda contribution: contribution.id)
    waiting = [
        replace(contribution, renditions=at_place(f"/contributions/{contribution.id}/screening", contribution.renditions))
        for contribution in shown
    ]
    counts = waiting_counts(reader.session, [campaign_id])[campaign_id]
    present = next((each for each in waiting if each.id == contribution), waiting[0] if waiting else None)
    following = _after(waiting, present)
    return reader.page(
        "open_call/screening.html",
        campaign=campaign,
        brand=reader.session.get_one(Brand, campaign.brand_id),
        waiting=waiting,
        present=present,
        following=following,
        ahead=ahead(following.renditions) if following else [],
        decided=screening_queries.just_decided(reader.session, campaign_id, reader.at - screening_actions.MAY_TAKE_BACK, by=reader.by),
        counts={state.value: counts.get(state, (0,))[0] for state in WAITING},
        since=min((since for _count, since in counts.values()), default=None),
        usual_reasons=usual_reasons(),
        next=next_page,
    )


def _after(waiting: Sequence[BlindContribution], present: BlindContribution | None) -> BlindContribution | None:
    """The contribution that comes next, or the first where there is none."""
    others = [each for each in waiting if each is not present]
    later = [each for each in others if present and each.id < present.id]
    return next(iter(later or others), None)


@pages.get("/contributions/{contribution_id}/screening/{role}", response_class=FileResponse)
def show_file(contribution_id: UUID, role: str, reader: SignedIn) -> FileResponse:
    """What a contribution on the desk looks or sounds like: always at the same address, so that it can be fetched ahead."""
    return sent(screening_queries.screened_file(reader.session, contribution_id, role, by=reader.by))


@pages.post("/contributions/{contribution_id}/screening")
def screen(contribution_id: UUID, form: Annotated[ScreeningPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Decide, and go on to the next contribution."""
    decided = screening_actions.screen(
        reader.session, contribution_id, form.takes_part == "yes", form.whole_reason, by=reader.by, at=reader.at
    )
    said = _("Accepted. Its makers get an email.") if decided.takes_part else _("Declined. Its makers will read your reason.")
    return reader.done(_desk(contribution_id, form.following, reader), said)


@pages.post("/contributions/{contribution_id}/screening/undo")
def take_back(contribution_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take one's decision back."""
    screening_actions.take_back(reader.session, contribution_id, by=reader.by, at=reader.at)
    return reader.done(_desk(contribution_id, contribution_id, reader), _("Decision undone. The contribution is back in your queue."))


@pages.post("/contributions/{contribution_id}/preparation")
def prepare_again(contribution_id: UUID, form: Annotated[NextForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Have what is shown of the contribution made once more."""
    screening_actions.prepare_again(reader.session, contribution_id, by=reader.by, at=reader.at)
    return reader.done(_desk(contribution_id, form.following, reader), _("Processing it again. It will return to your queue."))


def _desk(contribution_id: UUID, following: UUID | None, reader: Reader) -> str:
    campaign_id = reader.session.get_one(Contribution, contribution_id).campaign_id
    return f"/campaigns/{campaign_id}/screening" + (f"?contribution={following}" if following else "")


@pages.get("/campaigns/{campaign_id}/screening.csv")
def download_desk(campaign_id: UUID, reader: SignedIn) -> StreamingResponse:
    """What waits, as a table; as blind as the desk."""
    screening_queries.screening_desk(reader.session, campaign_id, by=reader.by, limit=1)
    return spreadsheet("screening", HEADER, _rows(campaign_id, reader.by))


def _rows(campaign_id: UUID, by: Actor) -> Iterator[tuple[Any, ...]]:
    every = all_of(
        lambda session, after: screening_queries.screening_desk(session, campaign_id, by=by, after=after, limit=AT_ONCE),
        lambda contribution: contribution.id,
    )
    return (
        (
            contribution.id,
            contribution.title,
            contribution.kind.value,
            contribution.state.value,
            contribution.problem,
            " ".join(map(str, contribution.same_file_as)),
        )
        for contribution in every
    )

"""What is chosen for a deliverable: gathered contribution by contribution with the reviews beside, published in one act, and what earlier
visits chose."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.deps import Page, page_of
from api.forms import Reason
from api.problem_pages import own_address
from api.reader import OnceForm, Reader, SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.core.campaign import Campaign, Deliverable, find_deliverable
from campaigns.core.people import Actor, Brand
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _, n_
from campaigns.curation import queries
from campaigns.curation.models import SelectedContribution
from campaigns.curation.queries import Outstanding, standings
from campaigns.curation.rubrics.actions import rubric
from campaigns.curation.selections import queries as selection_queries
from campaigns.curation.selections.actions import deselect, publish_selected, seal, select_for, selected
from campaigns.curation.selections.ranking import Judged, left_to_judge, ranked
from campaigns.open_call.queries import renditions_of

pages = APIRouter()


class SelectedContributionPageForm(BaseModel):
    """What is said of one contribution; the reason may be missing where nothing is said any more."""

    say: Literal["choose", "leave", "clear"]
    reason: Reason = ""
    page: str = Field("", alias="_page", max_length=2000)


class PublishForm(OnceForm):
    visit: int = Field(ge=1)
    seen: str = Field(pattern="^[0-9a-f]{64}$")
    common_reason: Reason = ""


@pages.get("/deliverables/{deliverable_id}/selection")
def show_selection(deliverable_id: UUID, reader: SignedIn, page: Page) -> HTMLResponse:
    """What was chosen for the deliverable, and the contributions with what was said of them for whoever chooses now."""
    deliverable = find_deliverable(reader.session, deliverable_id, by=reader.by)
    past = selection_queries.selections(reader.session, deliverable.id, by=reader.by)
    campaign = reader.session.get_one(Campaign, deliverable.campaign_id)
    standing = standings(reader.session, [deliverable])[deliverable.id]
    is_open = deliverable.stage is Stage.CURATION and not standing.is_published and reader.by.may(Permission.SELECT, on=deliverable)
    return reader.page(
        "curation/selection.html",
        campaign=campaign,
        brand=reader.session.get_one(Brand, campaign.brand_id),
        deliverable=deliverable,
        past=past,
        is_open=is_open,
        **(_choice(reader, deliverable, standing.outstanding, page) if is_open else {"contributions": [], "said": {}, "next": None}),
    )


def _choice(reader: Reader, deliverable: Deliverable, left: Outstanding | None, page: Page) -> dict[str, Any]:
    found = ranked(reader.session, deliverable.id, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.contribution.id)
    contributions, said = shown, selected(reader.session, deliverable.id, by=reader.by)
    return {
        "contributions": contributions,
        "renditions": renditions_of(reader.session, [judged.contribution.id for judged in contributions]),
        "said": said,
        "seal": seal(said),
        "titles": queries.titles_of(reader.session, said),
        "in_all": queries.count_taking_part(reader.session, deliverable.campaign_id),
        "outstanding": left.reviews if left else 0,
        "own": left_to_judge(reader.session, deliverable.id, by=reader.by),
        "next": following,
    }


@pages.post("/deliverables/{deliverable_id}/selection/contributions/{contribution_id}")
def say(
    deliverable_id: UUID, contribution_id: UUID, form: Annotated[SelectedContributionPageForm, Form()], reader: SignedIn
) -> RedirectResponse:
    """Choose the contribution, leave it with a reason of its own, or say nothing of it any more; nobody reads it until it is published."""
    back = own_address(form.page) or f"/deliverables/{deliverable_id}/selection"
    if form.say == "clear":
        deselect(reader.session, deliverable_id, contribution_id, by=reader.by)
        return reader.done(f"{back}#work-{contribution_id}", _("Decision cleared."))
    select_for(reader.session, deliverable_id, contribution_id, form.say == "choose", form.reason, by=reader.by, at=reader.at)
    return reader.done(f"{back}#work-{contribution_id}", _("Saved as a draft. The makers do not see it until you publish."))


@pages.post("/deliverables/{deliverable_id}/selection")
def publish(deliverable_id: UUID, form: Annotated[PublishForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Publish what is chosen and why, in one act."""

    def deed() -> tuple[str, str]:
        publish_selected(reader.session, deliverable_id, form.visit, form.seen, form.common_reason, by=reader.by, at=reader.at)
        chosen = len(selection_queries.chosen_contributions(reader.session, deliverable_id))
        said = (
            n_("Published: {count} contribution was chosen.", "Published: {count} contributions were chosen.", chosen)
            if chosen
            else _("Published: nothing was chosen.")
        )
        return f"/deliverables/{deliverable_id}/selection", " ".join((said, _("Every maker gets an email with the reason.")))

    return reader.once(form, deed)


@pages.get("/deliverables/{deliverable_id}/selection.csv")
def download_contributions(deliverable_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Every contribution that takes part with what its reviews say, as a table."""
    deliverable = find_deliverable(reader.session, deliverable_id, by=reader.by)
    reader.by.require(Permission.SELECT, on=deliverable)
    names = [criterion.name for criterion in rubric(reader.session, deliverable.campaign_id)]
    header = ("contribution", "kind", "reviews", "pending", "mean", *names, "decision", "reason")
    return spreadsheet(f"contributions-{deliverable.number}", header, _rows(deliverable.id, names, reader.by))


def _rows(deliverable_id: UUID, names: list[str], by: Actor) -> Iterator[tuple[Any, ...]]:
    def some(session: Session, after: UUID | None) -> Sequence[tuple[Judged, Mapping[UUID, SelectedContribution]]]:
        said = selected(session, deliverable_id, by=by)
        return [(judged, said) for judged in ranked(session, deliverable_id, by=by, after=after, limit=AT_ONCE)]

    return (_row(judged, names, said) for judged, said in all_of(some, lambda each: each[0].contribution.id))


def _row(judged: Judged, names: list[str], said: Mapping[UUID, SelectedContribution]) -> tuple[Any, ...]:
    own = said.get(judged.contribution.id)
    meant = None if own is None else ("chosen" if own.chosen else "not chosen")
    means = [judged.means.get(name) for name in names]
    return (
        judged.title,
        judged.contribution.kind.value,
        len(judged.reviews),
        judged.outstanding,
        judged.mean,
        *means,
        meant,
        own and own.reason,
    )

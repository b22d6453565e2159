"""What the reviews say of each contribution, what is chosen, and what its makers read of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.curation.asking import ID
from api.deps import PAGE_BEFORE, At, By, FromRow, Limit, Listing, OnlyOnce, Page, Tx, page_of
from api.forms import Reason
from campaigns.core.campaign import Deliverable
from campaigns.curation.models import Selection, SelectionOutcome
from campaigns.curation.selections import queries as selection_queries
from campaigns.curation.selections import ranking
from campaigns.curation.selections.actions import deselect, publish, select_for, selected_newest_first
from campaigns.curation.selections.queries import Selected
from campaigns.curation.selections.ranking import Judged
from campaigns.open_call.media.formats import MediaKind

router = APIRouter()
BestFirst = Annotated[bool, Query(description="Sort by the mean of all scores, works without a review last.")]
AfterVisit = Annotated[int | None, Query(ge=1, lt=2**31, description=PAGE_BEFORE)]
AfterOutcome = Annotated[str | None, Query(pattern=rf"^{ID}\.[0-9]{{1,9}}$", description=PAGE_BEFORE)]


class VerdictShown(FromRow):
    reason: str
    scores: dict[str, int]


class JudgedShown(BaseModel):
    """A contribution with its reviews and their mean scores, by criterion and overall; `mean` is null without a review."""

    contribution: UUID
    title: str
    kind: MediaKind
    reviews: list[VerdictShown]
    outstanding: int
    means: dict[str, float]
    mean: float | None

    @classmethod
    def of(cls, judged: Judged) -> "JudgedShown":
        return cls(
            contribution=judged.contribution.id, title=judged.title, kind=judged.contribution.kind, outstanding=judged.outstanding,
            reviews=[VerdictShown.model_validate(v) for v in judged.reviews], means=judged.means, mean=judged.mean,
        )  # fmt: skip


class JudgedList(Listing):
    items: list[JudgedShown]


class ChosenShown(BaseModel):
    contribution: UUID
    title: str
    kind: MediaKind
    reason: str


class SelectionShown(BaseModel):
    """The selection of one visit, which may be empty. Selections of earlier visits are kept as history."""

    visit: int
    is_present: bool
    published_at: datetime
    common_reason: str | None
    chosen: list[ChosenShown]

    @classmethod
    def of(cls, selected: Selected) -> "SelectionShown":
        chosen = [ChosenShown(contribution=w.id, title=w.title, kind=w.kind, reason=o.reason) for o, w in selected.chosen]
        return cls(
            visit=selected.selection.visit, is_present=selected.is_present, published_at=selected.selection.published_at,
            common_reason=selected.selection.common_reason, chosen=chosen,
        )  # fmt: skip


class SelectionList(BaseModel):
    """A page of selections. `next` is the visit after which the next page begins."""

    items: list[SelectionShown]
    next: int | None = None


class SelectionForm(BaseModel):
    """The contributions chosen for the deliverable, each with a reason; may be empty. `common_reason` applies to every contribution not
    named."""

    visit: int = Field(ge=1, description="The visit that you have seen; an outdated one is refused.")
    chosen: dict[UUID, Reason]
    not_chosen: dict[UUID, Reason] = Field(default_factory=dict, description="Contributions that are not chosen and get their own reason.")
    common_reason: Reason | None = None


class SelectionPublished(FromRow):
    deliverable_id: UUID
    visit: int
    published_at: datetime
    common_reason: str | None


class SelectedContributionForm(BaseModel):
    chosen: bool
    reason: Reason


class SelectedContributionShown(FromRow):
    """A draft decision on a contribution. Only those who choose can see it."""

    contribution_id: UUID
    chosen: bool
    reason: str
    selected_by: UUID
    selected_at: datetime


class SelectedContributionList(Listing):
    items: list[SelectedContributionShown]


class SelectionOutcomeShown(BaseModel):
    """The outcome of a selection for your work, with the reason."""

    deliverable: UUID
    deliverable_title: str
    visit: int
    chosen: bool
    reason: str
    published_at: datetime

    @classmethod
    def of(cls, outcome: SelectionOutcome, selection: Selection, deliverable: Deliverable) -> "SelectionOutcomeShown":
        return cls(
            deliverable=deliverable.id, deliverable_title=deliverable.title, visit=outcome.visit, chosen=outcome.chosen,
            reason=outcome.reason, published_at=selection.published_at,
        )  # fmt: skip


class SelectionOutcomeList(BaseModel):
    """A page of outcomes. `next` names the deliverable and the visit after which the next page begins."""

    items: list[SelectionOutcomeShown]
    next: str | None = None


@router.get("/deliverables/{deliverable_id}/reviews")
def list_judged(deliverable_id: UUID, session: Tx, by: By, page: Page, best_first: BestFirst = False) -> JudgedList:
    """The contributions with their reviews, newest first unless `best_first` is set, for those who choose."""
    order = ranking.ranked if best_first else ranking.judged
    found = order(session, deliverable_id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda judged: judged.contribution.id)
    return JudgedList(items=[JudgedShown.of(judged) for judged in shown], next=following)


@router.get("/deliverables/{deliverable_id}/selection/contributions")
def list_selected_contributions(deliverable_id: UUID, session: Tx, by: By, page: Page) -> SelectedContributionList:
    """The draft decisions of the present visit, newest contribution first."""
    found = selected_newest_first(session, deliverable_id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda said: said.contribution_id)
    return SelectedContributionList(items=[SelectedContributionShown.model_validate(said) for said in shown], next=following)


@router.put("/deliverables/{deliverable_id}/selection/contributions/{contribution_id}")
def select_contribution(
    deliverable_id: UUID, contribution_id: UUID, body: SelectedContributionForm, session: Tx, by: By, at: At
) -> SelectedContributionShown:
    """Draft the decision to choose a contribution or not, with a reason."""
    return SelectedContributionShown.model_validate(
        select_for(session, deliverable_id, contribution_id, body.chosen, body.reason, by=by, at=at)
    )


@router.delete("/deliverables/{deliverable_id}/selection/contributions/{contribution_id}", status_code=204)
def deselect_contribution(deliverable_id: UUID, contribution_id: UUID, session: Tx, by: By) -> None:
    """Delete the draft decision on a contribution."""
    deselect(session, deliverable_id, contribution_id, by=by)


@router.get("/deliverables/{deliverable_id}/selection")
def show_selections(deliverable_id: UUID, session: Tx, by: By, after: AfterVisit = None, limit: Limit = 30) -> SelectionList:
    """The selections published for the deliverable, newest first."""
    found = selection_queries.selections(session, deliverable_id, by=by, before=after, limit=limit + 1)
    shown, following = page_of(found, limit, lambda selected: selected.selection.visit)
    return SelectionList(items=[SelectionShown.of(selected) for selected in shown], next=following)


@router.post("/deliverables/{deliverable_id}/selection", status_code=201, response_model=SelectionPublished)
def publish_selection(
    deliverable_id: UUID, body: SelectionForm, session: Tx, by: By, at: At, once: OnlyOnce
) -> SelectionPublished | Response:
    """Publish the selection with its reasons. Every maker is notified."""
    return once(
        lambda: SelectionPublished.model_validate(
            publish(session, deliverable_id, body.visit, body.chosen, body.not_chosen, body.common_reason, by=by, at=at)
        )
    )


@router.get("/contributions/{contribution_id}/outcome")
def show_outcome(contribution_id: UUID, session: Tx, by: By, after: AfterOutcome = None, limit: Limit = 30) -> SelectionOutcomeList:
    """The outcome of each selection for your work, with the reason, newest first."""
    found = selection_queries.outcomes(session, contribution_id, by=by, after=_seen(after), limit=limit + 1)
    shown, following = page_of(found, limit, lambda row: f"{row[2].id}.{row[0].visit}")
    return SelectionOutcomeList(items=[SelectionOutcomeShown.of(*row) for row in shown], next=following)


def _seen(place: str | None) -> tuple[UUID, int] | None:
    if place is None:
        return None
    deliverable, _dot, visit = place.partition(".")
    return UUID(deliverable), int(visit)

"""What contributions are judged by, who is asked to judge them, and how far they have come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.deps import (
    PAGE_BEFORE,
    TAGGED,
    At,
    By,
    FromRow,
    IfMatch,
    Limit,
    Listing,
    OnlyOnce,
    Page,
    Tx,
    etag,
    page_of,
    require_version,
    tag_of,
)
from api.scopes import needs_scope
from campaigns.core.campaign import find_campaign
from campaigns.core.permissions import Permission
from campaigns.curation.assignments.actions import assign
from campaigns.curation.assignments.queries import conflicts_declared, coverage, progress
from campaigns.curation.models import Criterion, ReviewRound
from campaigns.curation.rubrics.actions import RubricQuestion, rubric, set_rubric

router = APIRouter()
ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
AfterPlace = Annotated[str | None, Query(pattern=rf"^{ID}\.{ID}$", description=PAGE_BEFORE)]


class CriterionForm(FromRow):
    """A criterion that every review scores from 1 to 5, with its question."""

    name: str = Field(min_length=1, max_length=80, examples=["Craft"])
    question: str = Field(min_length=1, max_length=1000, examples=["Is it made with care?"])


class RubricForm(BaseModel):
    criteria: list[CriterionForm] = Field(max_length=12)


class RubricShown(BaseModel):
    criteria: list[CriterionForm]

    @classmethod
    def of(cls, criteria: Sequence[Criterion]) -> "RubricShown":
        return cls(criteria=[CriterionForm.model_validate(criterion) for criterion in criteria])


class AssignmentForm(BaseModel):
    """The curators to assign and the number of reviews per contribution. Contributions that already have enough reviewers get no more."""

    curators: list[UUID] = Field(min_length=1, max_length=500)
    per_contribution: int = Field(ge=1, le=20, examples=[2])


class RoundShown(FromRow):
    """One round of review assignments. Every draw can be repeated from the seed."""

    id: UUID
    deliverable_id: UUID
    visit: int
    curator_ids: list[UUID]
    per_contribution: int
    seed: str
    asked_at: datetime


class ProgressShown(FromRow):
    """One curator's progress. `lapsed` counts unwritten reviews that are no longer needed."""

    curator_id: UUID
    name: str
    handed_out: int
    reviewed: int
    outstanding: int
    lapsed: int
    conflicts: int
    last_at: datetime | None


class ProgressList(Listing):
    items: list[ProgressShown]


class CoverageShown(FromRow):
    """Review totals of a campaign. `thin` counts contributions with fewer reviewers than requested."""

    written: int
    outstanding: int
    lapsed: int
    contributions: int
    thin: int


class DeclaredShown(FromRow):
    """A conflict of interest that a curator declared, and the number of other curators who review the contribution now."""

    curator: str
    contribution_id: UUID
    title: str
    declared_at: datetime
    reviewers: int


class DeclaredList(BaseModel):
    """A page of conflicts. `next` names the contribution and the curator after whom the next page begins."""

    items: list[DeclaredShown]
    next: str | None = None


@router.get("/campaigns/{campaign_id}/rubric", responses=TAGGED, dependencies=[needs_scope("campaign")])
def show_rubric(campaign_id: UUID, session: Tx, by: By, response: Response) -> RubricShown:
    """The campaign's review criteria, with their version as the response's ETag."""
    campaign = find_campaign(session, campaign_id, by=by)
    if not by.takes_part:
        by.require(Permission.VIEW_CAMPAIGN, on=campaign)
    return _tagged(RubricShown.of(rubric(session, campaign.id)), response)


def _tagged(shown: RubricShown, response: Response) -> RubricShown:
    etag(response, tag_of(shown, "criteria"))
    return shown


@router.put("/campaigns/{campaign_id}/rubric", responses=TAGGED)
def write_rubric(
    campaign_id: UUID, body: RubricForm, session: Tx, by: By, at: At, response: Response, if_match: IfMatch = None
) -> RubricShown:
    """Replace the review criteria. Refused once a contribution has been reviewed."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    require_version(if_match, tag_of(RubricShown.of(rubric(session, campaign.id)), "criteria"))
    questions = [RubricQuestion(c.name, c.question) for c in body.criteria]
    return _tagged(RubricShown.of(set_rubric(session, campaign_id, questions, by=by, at=at)), response)


@router.post("/deliverables/{deliverable_id}/assignments", status_code=201, response_model=RoundShown)
def ask_curators(deliverable_id: UUID, body: AssignmentForm, session: Tx, by: By, at: At, once: OnlyOnce) -> RoundShown | Response:
    """Assign the campaign's contributions to curators, evenly and at random. Nobody gets a contribution that they have a part in."""

    def hand_out() -> RoundShown:
        made: ReviewRound = assign(session, deliverable_id, body.curators, body.per_contribution, by=by, at=at)
        return RoundShown.model_validate(made)

    return once(hand_out)


@router.get("/campaigns/{campaign_id}/curators")
def list_progress(campaign_id: UUID, session: Tx, by: By, page: Page) -> ProgressList:
    """The progress of each assigned curator, for those who assign curators."""
    found = progress(session, campaign_id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.curator_id)
    return ProgressList(items=[ProgressShown.model_validate(each) for each in shown], next=following)


@router.get("/campaigns/{campaign_id}/coverage")
def show_coverage(campaign_id: UUID, session: Tx, by: By) -> CoverageShown:
    """The progress of all curators and the number of contributions that lack reviewers, for those who assign curators."""
    return CoverageShown.model_validate(coverage(session, campaign_id, by=by))


@router.get("/campaigns/{campaign_id}/conflicts")
def list_conflicts(campaign_id: UUID, session: Tx, by: By, after: AfterPlace = None, limit: Limit = 30) -> DeclaredList:
    """The conflicts of interest that curators declared, newest first."""
    found = conflicts_declared(session, campaign_id, by=by, after=after, limit=limit + 1)
    shown, following = page_of(found, limit, lambda each: each.place)
    return DeclaredList(items=[DeclaredShown.model_validate(each) for each in shown], next=following)

"""A curator's desk, blind: the contributions to judge, what was found, and what one cannot judge."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.curation.asking import CriterionForm
from api.deps import At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from api.forms import Reason
from api.open_call.contributions import RenditionShown
from campaigns.curation.assignments.actions import declare_conflict
from campaigns.curation.queries import Which
from campaigns.curation.reviews.actions import submit_review, take_back
from campaigns.curation.reviews.queries import BlindReview, blind_desk, blind_review
from campaigns.open_call.media.formats import MediaKind

router = APIRouter()
Every = Annotated[bool, Query(description="Include contributions that you have reviewed.")]
Points = Annotated[int, Field(strict=True, examples=[4])]


class ReviewListed(BaseModel):
    """A contribution assigned to you, under a code name used only here."""

    id: UUID
    campaign: UUID
    campaign_title: str
    code: str = Field(examples=["7F3A-90C2"])
    kind: MediaKind
    renditions: list[RenditionShown]
    scores: dict[str, int]
    reason: str | None
    may_change: bool

    @classmethod
    def of(cls, blind: BlindReview) -> "ReviewListed":
        return cls(
            id=blind.id, campaign=blind.campaign_id, campaign_title=blind.campaign, code=blind.code, kind=blind.kind,
            renditions=[RenditionShown.model_validate(r) for r in blind.renditions], scores=dict(blind.scores),
            reason=blind.reason, may_change=blind.may_change,
        )  # fmt: skip


class ReviewDesk(Listing):
    items: list[ReviewListed]


class TakenBackShown(FromRow):
    """Your review as it was before you withdrew it."""

    scores: dict[str, int]
    reason: str
    taken_back_at: datetime


class ReviewShown(ReviewListed):
    criteria: list[CriterionForm]
    taken_back: TakenBackShown | None = Field(description="Your withdrawn review, unless submitted again.")


class ReviewForm(BaseModel):
    scores: dict[str, Points] = Field(description="A score from 1 to 5 for each criterion name.", examples=[{"Story": 4, "Craft": 5}])
    reason: Reason


class ReviewKept(FromRow):
    assignment_id: UUID
    reason: str
    submitted_at: datetime
    revised_at: datetime | None


class ConflictShown(FromRow):
    declared_at: datetime


@router.get("/me/reviews")
def show_review_desk(session: Tx, by: By, page: Page, every: Every = False) -> ReviewDesk:
    """The contributions for you to review, blind, in the order drawn for you."""
    found = blind_desk(session, by=by, after=page.after, limit=page.one_more, which=None if every else Which.LEFT)
    shown, following = page_of(found, page.limit, lambda blind: blind.id)
    return ReviewDesk(items=[ReviewListed.of(blind) for blind in shown], next=following)


@router.get("/reviews/{assignment_id}")
def show_review(assignment_id: UUID, session: Tx, by: By) -> ReviewShown:
    """One contribution assigned to you, with the review criteria."""
    blind, criteria = blind_review(session, assignment_id, by=by)
    asked = [CriterionForm.model_validate(criterion) for criterion in criteria]
    undone = TakenBackShown.model_validate(blind.taken_back) if blind.taken_back else None
    return ReviewShown(**ReviewListed.of(blind).model_dump(), criteria=asked, taken_back=undone)


@router.put("/reviews/{assignment_id}")
def write_review(assignment_id: UUID, body: ReviewForm, session: Tx, by: By, at: At) -> ReviewKept:
    """Submit a review, or revise it until the selection is published."""
    return ReviewKept.model_validate(submit_review(session, assignment_id, body.scores, body.reason, by=by, at=at))


@router.delete("/reviews/{assignment_id}")
def undo_review(assignment_id: UUID, session: Tx, by: By, at: At) -> TakenBackShown:
    """Withdraw your review before the selection is published. The contribution is then yours to review again."""
    return TakenBackShown.model_validate(take_back(session, assignment_id, by=by, at=at))


@router.post("/reviews/{assignment_id}/conflict", status_code=201, response_model=ConflictShown)
def say_conflict(assignment_id: UUID, session: Tx, by: By, at: At, once: OnlyOnce) -> ConflictShown | Response:
    """Declare a conflict of interest. The contribution goes to another curator."""
    return once(lambda: ConflictShown.model_validate(declare_conflict(session, assignment_id, by=by, at=at)))

"""The points of an approved version's components, over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import TAGGED, At, By, IfMatch, Tx, etag, require_version, tag_of
from api.forms import Reason
from campaigns.payout.assessments.actions import Impact, assess
from campaigns.payout.assessments.queries import Assessed, assessed
from campaigns.payout.queries import find_payout

router = APIRouter()
POINTS = ("visit", "contributions")
PointsGiven = Annotated[int, Field(strict=True, description="A whole number from 1 up.", examples=[5])]


class ImpactForm(BaseModel):
    contribution: UUID
    points: PointsGiven
    reason: Reason


class AssessmentForm(BaseModel):
    """Every contribution in the approved version, each once."""

    visit: int = Field(ge=1, description="The stage visit that you have seen; an older one is refused.")
    contributions: list[ImpactForm] = Field(max_length=1000)


class ImpactShown(BaseModel):
    contribution: UUID
    title: str
    points: int
    reason: str


class AssessmentShown(BaseModel):
    """The published assessment; `proposal_due_since` while a proposal is being computed from it."""

    visit: int
    version: UUID | None
    assessed_at: datetime | None
    proposal_due_since: datetime | None
    contributions: list[ImpactShown]

    @classmethod
    def of(cls, found: Assessed) -> "AssessmentShown":
        assessment = found.assessment
        contributions = [
            ImpactShown(contribution=row.contribution_id, title=title, points=row.points, reason=row.reason) for row, title in found.points
        ]
        return cls(
            visit=assessment.visit, version=assessment.version_id, assessed_at=assessment.assessed_at,
            proposal_due_since=assessment.due_since, contributions=contributions,
        )  # fmt: skip


@router.get("/deliverables/{deliverable_id}/assessment", responses=TAGGED)
def show_assessment(deliverable_id: UUID, session: Tx, by: By, response: Response) -> AssessmentShown:
    """The points of each contribution in the approved version, with reasons; the ETag covers the points and reasons."""
    shown = AssessmentShown.of(assessed(session, deliverable_id, by=by))
    etag(response, tag_of(shown, *POINTS))
    return shown


@router.put("/deliverables/{deliverable_id}/assessment", responses=TAGGED)
def give_points(
    deliverable_id: UUID, body: AssessmentForm, session: Tx, by: By, at: At, response: Response, if_match: IfMatch = None
) -> AssessmentShown:
    """Assign points to each contribution in the approved version. The proposal is calculated a moment later."""
    if if_match is not None:
        find_payout(session, deliverable_id, by=by, lock=True)
        require_version(if_match, tag_of(AssessmentShown.of(assessed(session, deliverable_id, by=by)), *POINTS))
    assess(
        session,
        deliverable_id,
        body.visit,
        [(each.contribution, Impact(each.points, each.reason)) for each in body.contributions],
        by=by,
        at=at,
    )
    return show_assessment(deliverable_id, session, by, response)

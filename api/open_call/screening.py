"""The screening desk: works without their makers, and the decision on each."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from api.forms import Reason
from api.open_call.contributions import RenditionShown
from campaigns.open_call.media.formats import MediaKind
from campaigns.open_call.models import ContributionState
from campaigns.open_call.screening import actions as screening_actions
from campaigns.open_call.screening import queries as screening_queries

router = APIRouter()


class BlindContributionShown(FromRow):
    """A contribution as screeners and reviewers see it: without makers, file name, original file or popularity."""

    id: UUID
    title: str
    kind: MediaKind
    state: ContributionState
    problem: str | None = Field(description="Why it could not be processed; it can then be retried or declined.")
    renditions: list[RenditionShown]
    same_file_as: list[UUID] = Field(description="Contributions in this call with an identical file; one may be a copy.")


class Desk(Listing):
    items: list[BlindContributionShown]


class ScreeningForm(BaseModel):
    takes_part: bool
    reason: Reason | None = Field(None, description="Shown to its makers; required when the contribution is declined.")


class ScreeningShown(FromRow):
    id: UUID
    contribution_id: UUID
    takes_part: bool
    reason: str | None
    screened_at: datetime


class PreparationShown(FromRow):
    id: UUID
    state: ContributionState


@router.get("/campaigns/{campaign_id}/screening")
def show_desk(campaign_id: UUID, session: Tx, by: By, page: Page) -> Desk:
    """List the contributions to screen, except your own, newest first."""
    found = screening_queries.screening_desk(session, campaign_id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda contribution: contribution.id)
    return Desk(items=[BlindContributionShown.model_validate(contribution) for contribution in shown], next=following)


@router.post("/contributions/{contribution_id}/screening", status_code=201, response_model=ScreeningShown)
def screen(contribution_id: UUID, body: ScreeningForm, session: Tx, by: By, at: At, once: OnlyOnce) -> ScreeningShown | Response:
    """Accept or decline a contribution. Its makers are notified, with the reason."""
    return once(
        lambda: ScreeningShown.model_validate(
            screening_actions.screen(session, contribution_id, body.takes_part, body.reason, by=by, at=at)
        )
    )


@router.delete("/contributions/{contribution_id}/screening")
def take_back(contribution_id: UUID, session: Tx, by: By, at: At) -> PreparationShown:
    """Undo your decision within ten minutes. The contribution has to be screened again."""
    return PreparationShown.model_validate(screening_actions.take_back(session, contribution_id, by=by, at=at))


@router.post("/contributions/{contribution_id}/preparation", status_code=202)
def prepare_again(contribution_id: UUID, session: Tx, by: By, at: At) -> PreparationShown:
    """Process a contribution again after its processing failed."""
    return PreparationShown.model_validate(screening_actions.prepare_again(session, contribution_id, by=by, at=at))

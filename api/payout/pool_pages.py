"""The payout of a campaign, deliverable by deliverable, and the points from which each proposal is computed, as pages."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field, model_validator

from api.reader import SignedIn
from api.spreadsheet import figure, spreadsheet
from campaigns.core.campaign import Deliverable
from campaigns.core.people import Brand
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.payout.assessments.actions import Impact, assess
from campaigns.payout.assessments.queries import assessable
from campaigns.payout.proposals.pools import pools
from campaigns.payout.rules import FINALIZERS, blockers

pages = APIRouter()


class PointsRowForm(BaseModel):
    contribution: UUID
    points: int
    reason: str = Field(max_length=2000)


class PointsForm(BaseModel, extra="allow"):
    """Every contribution in the approved version; its fields are named as the API names them in a refusal: `contributions.0.points`."""

    visit: int = Field(ge=1)
    contributions: list[PointsRowForm] = Field(max_length=1000)

    @model_validator(mode="before")
    @classmethod
    def gathered(cls, typed: dict[str, Any]) -> dict[str, Any]:
        contributions: dict[int, dict[str, Any]] = {}
        for name, value in typed.items():
            place, _dot, field = name.removeprefix("contributions.").partition(".")
            if name.startswith("contributions.") and place.isdecimal() and len(place) <= 4:
                contributions.setdefault(int(place), {})[field] = value
        return {"visit": typed.get("visit"), "contributions": [contributions[number] for number in sorted(contributions)]}


@pages.get("/campaigns/{campaign_id}/payout", response_class=HTMLResponse)
def show_payout(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """How far the payout of each deliverable is, and what it waits for."""
    campaign, found = pools(reader.session, campaign_id, by=reader.by)
    in_payout = [pool.deliverable for pool in found if pool.is_in_payout]
    return reader.page(
        "payout/pools.html",
        campaign=campaign,
        brand=reader.session.get_one(Brand, campaign.brand_id),
        pools=found,
        needed=FINALIZERS,
        waits=blockers(reader.session, in_payout, at=reader.at) if campaign.is_unsettled and in_payout else {},
        may_dispose={
            pool.deliverable.id for pool in found if campaign.is_unsettled and reader.by.may(Permission.DISPOSE, on=pool.deliverable)
        },
        may_assess={pool.deliverable.id for pool in found if campaign.is_live and reader.by.may(Permission.ASSESS, on=pool.deliverable)},
    )


@pages.get("/campaigns/{campaign_id}/payout.csv")
def download_payout(campaign_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Each deliverable with its pool and how far it is."""
    _campaign, found = pools(reader.session, campaign_id, by=reader.by)
    header = (_("Deliverable"), _("Stage"), _("Pool"), _("Currency"), _("Version"), _("State"), _("People"), _("Unanswered comments"))
    rows = (
        (p.deliverable.title, p.deliverable.stage.value, figure(p.price, p.currency), p.currency, p.proposal and p.proposal.number,
         p.proposal and p.proposal.state.value, p.people, p.unanswered)
        for p in found
    )  # fmt: skip
    return spreadsheet(f"payout-{campaign_id}", header, list(rows))


@pages.get("/deliverables/{deliverable_id}/assessment", response_class=HTMLResponse)
def show_assessment(deliverable_id: UUID, reader: SignedIn) -> HTMLResponse:
    """What each contribution in the approved version is worth in it, and why."""
    campaign, deliverable, assessment, contributions = assessable(reader.session, deliverable_id, by=reader.by)
    is_open = deliverable.stage is Stage.PAYOUT and assessment.visit == deliverable.visit and campaign.is_live
    return reader.page(
        "payout/assessment.html",
        campaign=campaign,
        brand=reader.session.get_one(Brand, campaign.brand_id),
        deliverable=deliverable,
        assessment=assessment,
        contributions=contributions,
        may_assess=is_open and reader.by.may(Permission.ASSESS, on=deliverable),
    )


@pages.post("/deliverables/{deliverable_id}/assessment")
def give_points(deliverable_id: UUID, form: Annotated[PointsForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Say what each contribution in the approved version is worth in it."""
    impacts = [(each.contribution, Impact(each.points, each.reason)) for each in form.contributions]
    assess(reader.session, deliverable_id, form.visit, impacts, by=reader.by, at=reader.at)
    campaign_id = reader.session.get_one(Deliverable, deliverable_id).campaign_id
    return reader.done(f"/campaigns/{campaign_id}/payout", _("Points published. The proposal opens in a moment."))

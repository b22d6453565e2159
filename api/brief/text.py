"""The text of a brief and its deliverables."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self, cast
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.deps import TAGGED, At, By, IfMatch, OnlyOnce, Tx, etag, require_version
from api.forms import Moment
from api.lifecycle import Wait
from campaigns.brief import actions, queries, rules
from campaigns.brief.deliverables import actions as deliverable_actions
from campaigns.brief.deliverables.actions import DeliverableOrder
from campaigns.brief.licenses import licence
from campaigns.brief.models import DATES, CancellationFee
from campaigns.brief.queries import WrittenBrief
from campaigns.brief.terms.checks import BriefChanges
from campaigns.core.campaign import Deliverable
from campaigns.core.words import _

router = APIRouter()
FRACTION = "A fraction below 1 with at most four decimal places, as a string."
BPS = "In basis points: 1500 is 15%."


Point = Annotated[str, Field(max_length=2000)]
Fraction = Annotated[str, Field(max_length=40)] | None


class BriefForm(BaseModel):
    """The fields of a brief. Omitted fields stay unchanged; null removes a date."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(None, max_length=160, examples=["Holiday traditions"])
    story: str | None = Field(None, max_length=20_000, examples=["Families everywhere keep a holiday in their own way."])
    asked_for: str | None = Field(None, max_length=20_000, examples=["Stories, pictures, songs and films about a tradition of yours."])
    do_list: list[Point] | None = Field(None, max_length=100, examples=[["Tell it in your own words"]])
    dont_list: list[Point] | None = Field(None, max_length=100, examples=[["No brand names"]])
    time_zone: str | None = Field(None, max_length=64, description="An IANA time zone name.", examples=["America/Los_Angeles"])
    call_closes_at: Moment | None = Field(None, examples=["2026-11-30T23:59:00-08:00"])
    collaboration_closes_at: Moment | None = Field(None, examples=["2026-12-07T23:59:00-08:00"])
    curation_due_at: Moment | None = Field(None, examples=["2026-12-14T18:00:00-08:00"])
    delivery_due_at: Moment | None = Field(None, examples=["2027-01-11T18:00:00-08:00"])
    go_live_at: Moment | None = Field(None, examples=["2027-01-15T09:00:00-08:00"])
    currency: str | None = Field(None, max_length=40, examples=["USD"], description="If changed, prices keep their number of whole units.")
    assembly: Fraction = Field(None, description=f"The editor's share of the pool. {FRACTION}", examples=["0.05"])
    contains: Fraction = Field(
        None, description=f"The share that a contribution passes on to its source contributions. {FRACTION}", examples=["0.30"]
    )
    influenced_by: Fraction = Field(
        None, description=f"The share that a contribution passes on to its influences. {FRACTION}", examples=["0.10"]
    )
    staff_ids: list[UUID] | None = Field(None, description="Staff, whose shares go to everyone else.")
    fee_bps: int | None = Field(None, description=f"The platform fee, as a part of the pool. {BPS}", examples=[1500])
    reserve_bps: int | None = Field(None, description=f"The reserve for kill fees, as a part of the pool. {BPS}", examples=[3300])
    kill_fee_before_changes_bps: int | None = Field(None, description=f"Part of the price, in client delivery. {BPS}", examples=[2500])
    kill_fee_after_changes_bps: int | None = Field(None, description=f"Part of the price, after changes. {BPS}", examples=[3300])
    cancellation_fee: CancellationFee | None = Field(
        None, description="What the platform keeps of its fee for a canceled deliverable: nothing, the kill fee's percentage, or all of it."
    )
    kill_fee_approved_bps: int | None = Field(None, description=f"Part of the price, after approval. {BPS}", examples=[10000])
    licence_version: str | None = Field(None, max_length=40, examples=["2026-01"])
    ai_training: bool | None = Field(None, description="Whether submissions may be used to train AI models.", examples=[False])
    credit_names: bool | None = Field(None, description="Whether makers are credited.", examples=[True])

    @property
    def changes(self) -> BriefChanges:
        """What was sent: null takes a date out, and nothing else can be null."""
        return cast("BriefChanges", self.model_dump(exclude_unset=True))

    @model_validator(mode="after")
    def _only_dates_are_null(self) -> Self:
        sent = self.model_fields_set & BriefForm.model_fields.keys()
        if empty := sorted(name for name in sent if getattr(self, name) is None and name not in DATES):
            raise ValueError(_("“{field}” cannot be null; leave it out to keep its value.", field=empty[0]))
        return self


class DeliverableForm(BaseModel):
    """A deliverable, its price in minor units of the brief's currency."""

    title: str = Field(max_length=160, examples=["Holiday film"])
    kind: str = Field(max_length=20, examples=["film"], description="film, picture, sound, text or other.")
    format: str = Field(max_length=160, examples=["MP4, 1920 × 1080"])
    length: str = Field(max_length=80, examples=["30 to 60 seconds"])
    price: int = Field(strict=True, examples=[3_000_000], lt=2**53)

    @property
    def wanted(self) -> DeliverableOrder:
        return DeliverableOrder(**self.model_dump())


class BriefDeliverable(DeliverableForm):
    id: UUID
    number: int

    @classmethod
    def of(cls, deliverable: Deliverable) -> "BriefDeliverable":
        return cls(
            id=deliverable.id, number=deliverable.number, title=deliverable.title,
            kind=deliverable.kind, format=deliverable.format, length=deliverable.length, price=deliverable.price,
        )  # fmt: skip


class BudgetShown(BaseModel):
    """The brief's budget, in minor units."""

    pool: int
    fee: int
    reserve: int
    total: int
    currency: str


class BriefShown(BriefForm):
    """The current brief; `hash` is what is signed, `waits` is what is still missing before launch."""

    model_config = ConfigDict(extra="ignore")

    campaign: UUID
    hash: str
    exclusivity: Literal["none"]
    rights: list[str]
    few_people: str | None = Field(None, description="What the brand agrees to if few people run the platform; part of what is signed.")
    budget: BudgetShown
    deliverables: list[BriefDeliverable]
    waits: list[Wait]
    edited_at: datetime
    launched_at: datetime | None


def shown(session: Tx, written: WrittenBrief, response: Response, at: datetime) -> BriefShown:
    """The brief with its version as the answer's ETag."""
    brief, budget = written.brief, written.budget
    etag(response, brief.version)
    fields: dict[str, Any] = {name: getattr(brief, name) for name in BriefForm.model_fields if name != "title"}
    fields |= {name: f"{fields[name]:.4f}" for name in ("assembly", "contains", "influenced_by")}
    return BriefShown(
        **fields, title=written.campaign.title, campaign=written.campaign.id, hash=written.hash, exclusivity="none",
        rights=list(licence(brief.licence_version).sentences), few_people=written.content["terms"].get("few_people"),
        budget=BudgetShown(pool=budget.pool, fee=budget.fee, reserve=budget.reserve, total=budget.total, currency=budget.currency),
        deliverables=[BriefDeliverable.of(d) for d in written.deliverables],
        waits=[Wait.model_validate(b) for b in rules.waits(session, [written.campaign.id], at=at)[written.campaign.id]],
        edited_at=brief.edited_at, launched_at=written.campaign.launched_at,
    )  # fmt: skip


@router.get("/campaigns/{campaign_id}/brief", responses=TAGGED)
def show_brief(campaign_id: UUID, session: Tx, by: By, at: At, response: Response) -> BriefShown:
    """Get the current brief and what it is still waiting for."""
    return shown(session, queries.brief_for(session, campaign_id, by=by), response, at)


@router.patch("/campaigns/{campaign_id}/brief", responses=TAGGED)
def edit_brief(campaign_id: UUID, body: BriefForm, session: Tx, by: By, at: At, response: Response, if_match: IfMatch = None) -> BriefShown:
    """Change some of its fields; any change will require new signatures."""
    require_version(if_match, queries.brief_for(session, campaign_id, by=by, lock=True).brief.version)
    return shown(session, actions.edit_brief(session, campaign_id, body.changes, by=by, at=at), response, at)


@router.post("/campaigns/{campaign_id}/deliverables", status_code=201, response_model=BriefDeliverable)
def add_deliverable(campaign_id: UUID, body: DeliverableForm, session: Tx, by: By, at: At, once: OnlyOnce) -> BriefDeliverable | Response:
    """Add a deliverable with its price."""
    return once(lambda: BriefDeliverable.of(deliverable_actions.add_deliverable(session, campaign_id, body.wanted, by=by, at=at)))


@router.put("/campaigns/{campaign_id}/deliverables/{deliverable_id}")
def edit_deliverable(
    campaign_id: UUID, deliverable_id: UUID, body: DeliverableForm, session: Tx, by: By, at: At, if_match: IfMatch = None
) -> BriefDeliverable:
    """Replace a deliverable; `If-Match` is the brief's ETag."""
    require_version(if_match, queries.brief_for(session, campaign_id, by=by, lock=True).brief.version)
    return BriefDeliverable.of(deliverable_actions.edit_deliverable(session, campaign_id, deliverable_id, body.wanted, by=by, at=at))


@router.delete("/campaigns/{campaign_id}/deliverables/{deliverable_id}", status_code=204)
def remove_deliverable(campaign_id: UUID, deliverable_id: UUID, session: Tx, by: By, at: At, if_match: IfMatch = None) -> None:
    """Remove a deliverable from the brief; `If-Match` is the brief's ETag."""
    require_version(if_match, queries.brief_for(session, campaign_id, by=by, lock=True).brief.version)
    deliverable_actions.remove_deliverable(session, campaign_id, deliverable_id, by=by, at=at)

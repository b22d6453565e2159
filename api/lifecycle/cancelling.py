"""Cancelling a campaign over HTTP: what it would do, asking for it, confirming it, and keeping the campaign after all."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.deps import At, By, FromRow, Tx
from api.lifecycle.routes import CampaignEnded, Why
from campaigns import cancelling
from campaigns.cancelling import Preview
from campaigns.core.cancellations import Cancellation, find_cancellation
from campaigns.core.people import Person

router = APIRouter()


class KillFeeOwed(BaseModel):
    """What would be owed for one deliverable: `bps` ten-thousandths of its price, in minor units."""

    deliverable: UUID
    price: int
    bps: int = Field(examples=[2_500])
    amount: int
    fee: int = Field(description="What the platform would keep of its fee for this deliverable.")
    version: UUID | None = Field(description="The version that counts, the latest that the brand was shown; null where there is none.")
    works: list[UUID] = Field(description="What it would be divided over: the works in that version, or those that were chosen.")


class CancellationAsked(FromRow):
    """Who asks for the cancellation, why and since when."""

    asked_by: UUID
    name: str
    asked_at: datetime
    reason: str


class CancellationShown(BaseModel):
    """What cancelling would do now, in minor units, and whether somebody asks for it; whoever confirms names the `preview`."""

    preview: str = Field(description="A hash that changes with anything that is shown.")
    takes_two: bool = Field(description="Whether another person must confirm it: money has come for the campaign.")
    currency: str = Field(examples=["USD"])
    owed: list[KillFeeOwed]
    kill_fees: int = Field(description="Held back until their own proposals are final.")
    fee: int
    refund: int = Field(description="What goes back to the brand at once.")
    let_go: int = Field(description="What the brand need not pay any more of what was advanced.")
    still_owed: int = Field(description="What the brand still has to pay of what was advanced.")
    asked: CancellationAsked | None

    @classmethod
    def of(cls, shown: Preview, asked: CancellationAsked | None) -> "CancellationShown":
        owed = [
            KillFeeOwed(
                deliverable=each.track.id, price=each.price, bps=each.bps, amount=each.amount, fee=each.fee,
                version=each.cut_id, works=list(each.works),
            )
            for each in shown.owed
        ]  # fmt: skip
        sums = {name: getattr(shown, name) for name in ("currency", "kill_fees", "fee", "refund", "let_go", "still_owed")}
        return cls(preview=shown.hash, takes_two=shown.is_funded, owed=owed, asked=asked, **sums)


class Seen(BaseModel):
    preview: str = Field(max_length=64, description="The hash of what you have seen; an older one is refused.")


def asked_of(session: Session, asked: Cancellation | None) -> CancellationAsked | None:
    """The request as its readers see it."""
    if asked is None:
        return None
    name = session.get_one(Person, asked.asked_by).name
    return CancellationAsked(asked_by=asked.asked_by, name=name, asked_at=asked.asked_at, reason=asked.reason)


@router.get("/campaigns/{campaign_id}/cancellation")
def show_cancellation(campaign_id: UUID, session: Tx, by: By) -> CancellationShown:
    """What cancelling the campaign would pay, keep and give back now, and who asks for it."""
    shown = cancelling.preview(session, campaign_id, by=by)
    return CancellationShown.of(shown, asked_of(session, find_cancellation(session, campaign_id)))


@router.post("/campaigns/{campaign_id}/cancel")
def cancel(campaign_id: UUID, body: Why, session: Tx, by: By, at: At) -> CampaignEnded:
    """End a partnership for which no money has come; for any other, ask another person to confirm it."""
    return CampaignEnded.model_validate(cancelling.cancel(session, campaign_id, body.reason, by=by, at=at))


@router.post("/campaigns/{campaign_id}/cancellation/confirmation")
def confirm(campaign_id: UUID, body: Seen, session: Tx, by: By, at: At) -> CampaignEnded:
    """End the partnership, as a second person: kill fees wait for their proposals, the rest goes back to the brand."""
    return CampaignEnded.model_validate(cancelling.confirm_cancel(session, campaign_id, body.preview, by=by, at=at))


@router.delete("/campaigns/{campaign_id}/cancellation")
def keep(campaign_id: UUID, session: Tx, by: By, at: At) -> CampaignEnded:
    """Keep the campaign: whoever asked takes it back, or another person declines it."""
    return CampaignEnded.model_validate(cancelling.keep_campaign(session, campaign_id, by=by, at=at))

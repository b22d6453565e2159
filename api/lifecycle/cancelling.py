"""Cancelling a campaign over HTTP: what it would do, asking for it, confirming it, and keeping the campaign after all."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.deps import At, By, FromRow, Tx
from api.forms import ReasonForm
from api.lifecycle.routes import CampaignStateShown
from campaigns.administration import cancellations
from campaigns.administration.cancellations import CancellationPreview
from campaigns.core.cancellations import Cancellation, find_cancellation
from campaigns.core.people import Person

router = APIRouter()


class KillFeeOwed(BaseModel):
    """What would be owed for one deliverable: `bps` ten-thousandths of its price. Amounts are in minor units."""

    deliverable: UUID
    price: int
    bps: int = Field(examples=[2_500])
    amount: int
    fee: int = Field(description="The part of its fee for this deliverable that the platform would keep.")
    version: UUID | None = Field(description="The version that counts: the latest that the brand was shown; null if there is none.")
    contributions: list[UUID] = Field(
        description="The contributions that would share it: those in that version, or those that were chosen."
    )


class CancellationAsked(FromRow):
    """Who requested the cancellation, when and why."""

    asked_by: UUID
    name: str
    asked_at: datetime
    reason: str


class CancellationShown(BaseModel):
    """What canceling would do now, in minor units, with the open request, if any. A confirmation names the `preview`."""

    preview: str = Field(description="A hash that changes with anything shown.")
    takes_two: bool = Field(description="Whether another person must confirm it: the campaign has received money.")
    currency: str = Field(examples=["USD"])
    owed: list[KillFeeOwed]
    kill_fees: int = Field(description="Held back until their own proposals are final.")
    fee: int
    refund: int = Field(description="The amount that goes back to the brand immediately.")
    let_go: int = Field(description="The part of the advance that the brand no longer has to pay.")
    still_owed: int = Field(description="The part of the advance that the brand still has to pay.")
    asked: CancellationAsked | None

    @classmethod
    def of(cls, shown: CancellationPreview, asked: CancellationAsked | None) -> "CancellationShown":
        owed = [
            KillFeeOwed(
                deliverable=each.deliverable.id, price=each.price, bps=each.bps, amount=each.amount, fee=each.fee,
                version=each.version_id, contributions=list(each.contributions),
            )
            for each in shown.owed
        ]  # fmt: skip
        sums = {name: getattr(shown, name) for name in ("currency", "kill_fees", "fee", "refund", "let_go", "still_owed")}
        return cls(preview=shown.hash, takes_two=shown.is_funded, owed=owed, asked=asked, **sums)


class CancellationConfirmation(BaseModel):
    preview: str = Field(max_length=64, description="The hash of what you have seen; an outdated one is refused.")


def asked_of(session: Session, asked: Cancellation | None) -> CancellationAsked | None:
    """The request as its readers see it."""
    if asked is None:
        return None
    name = session.get_one(Person, asked.asked_by).name
    return CancellationAsked(asked_by=asked.asked_by, name=name, asked_at=asked.asked_at, reason=asked.reason)


@router.get("/campaigns/{campaign_id}/cancellation")
def show_cancellation(campaign_id: UUID, session: Tx, by: By) -> CancellationShown:
    """What canceling the campaign would pay, keep and refund now, and who has requested it."""
    shown = cancellations.preview(session, campaign_id, by=by)
    return CancellationShown.of(shown, asked_of(session, find_cancellation(session, campaign_id)))


@router.post("/campaigns/{campaign_id}/cancel")
def cancel(campaign_id: UUID, body: ReasonForm, session: Tx, by: By, at: At) -> CampaignStateShown:
    """Cancel a campaign that has received no money; for any other, ask another person to confirm."""
    return CampaignStateShown.model_validate(cancellations.cancel(session, campaign_id, body.reason, by=by, at=at))


@router.post("/campaigns/{campaign_id}/cancellation/confirmation")
def confirm(campaign_id: UUID, body: CancellationConfirmation, session: Tx, by: By, at: At) -> CampaignStateShown:
    """Confirm the cancellation as a second person. Kill fees wait for their proposals; the rest goes back to the brand."""
    return CampaignStateShown.model_validate(cancellations.confirm_cancel(session, campaign_id, body.preview, by=by, at=at))


@router.delete("/campaigns/{campaign_id}/cancellation")
def keep(campaign_id: UUID, session: Tx, by: By, at: At) -> CampaignStateShown:
    """Keep the campaign: the requester withdraws the request, or another person declines it."""
    return CampaignStateShown.model_validate(cancellations.keep_campaign(session, campaign_id, by=by, at=at))

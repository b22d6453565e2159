"""How far the payout of each of a campaign's deliverables is, over HTTP."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import At, By, FromRow, Listing, Tx
from api.lifecycle.routes import Wait
from api.payout.proposals import ProposalShown
from campaigns.core.blockers import Blocker
from campaigns.core.stages import Stage
from campaigns.payout.models import KillFee
from campaigns.payout.proposals.pools import Pool, pools
from campaigns.payout.rules import FINALIZERS, blockers

router = APIRouter()


class KillFeeShown(FromRow):
    """What the proposal shares instead of the pool where the campaign was cancelled: `bps` ten-thousandths of its price, in minor units."""

    bps: int = Field(examples=[2_500])
    amount: int
    from_reserve: int
    owed_at: datetime


class PoolShown(BaseModel):
    """A deliverable's pool in minor units, its standing proposal, and what its payout waits for."""

    deliverable: UUID
    title: str
    stage: Stage
    price: int
    currency: str = Field(examples=["USD"])
    assessed_at: datetime | None
    proposal_due_since: datetime | None
    proposal: ProposalShown | None
    people: int = Field(description="How many people have a share in the proposal.")
    unanswered: int = Field(description="How many comments are unanswered.")
    finalized: int = Field(description="How many people have finalized it.")
    needed: int
    kill_fee: KillFeeShown | None
    waits: list[Wait]

    @classmethod
    def of(cls, pool: Pool, waits: list[Blocker]) -> "PoolShown":
        deliverable, assessment = pool.deliverable, pool.assessment
        return cls(
            deliverable=deliverable.id, title=deliverable.title, stage=deliverable.stage, price=pool.price, currency=pool.currency,
            assessed_at=assessment and assessment.assessed_at, proposal_due_since=assessment and assessment.due_since,
            proposal=ProposalShown.of(pool.proposal) if pool.proposal else None,
            people=pool.people, unanswered=pool.unanswered, finalized=pool.words, needed=FINALIZERS,
            kill_fee=_fee(pool.kill_fee), waits=[Wait.model_validate(wait) for wait in waits],
        )  # fmt: skip


def _fee(fee: KillFee | None) -> KillFeeShown | None:
    return KillFeeShown.model_validate(fee) if fee else None


class PoolList(Listing):
    items: list[PoolShown]


@router.get("/campaigns/{campaign_id}/pools")
def list_pools(campaign_id: UUID, session: Tx, by: By, at: At) -> PoolList:
    """The payout status of each deliverable you can see, and what it is waiting for."""
    campaign, found = pools(session, campaign_id, by=by)
    in_payout = [pool.deliverable for pool in found if pool.is_in_payout]
    waits = blockers(session, in_payout, at=at) if campaign.is_unsettled and in_payout else {}
    return PoolList(items=[PoolShown.of(pool, waits.get(pool.deliverable.id, [])) for pool in found])

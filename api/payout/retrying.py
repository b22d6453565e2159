"""What failed over HTTP: payments tried again, and our books compared with the provider's now."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from api.deps import At, By, Tx
from api.payout.runs import RunPayoutShown
from campaigns.payout.reconciliations.actions import ask_reconciliation
from campaigns.payout.runs.failures import try_again, try_all_again

router = APIRouter(prefix="/payouts")
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=80, description="Requests with the same key start only one comparison.")]


class Freed(BaseModel):
    """How many payments of a run go out with the next one."""

    payments: int = Field(examples=[2])


class EnqueuedReconciliation(BaseModel):
    """The comparison under this key is enqueued; what differs then stands in the list of discrepancies."""

    key: str = Field(examples=["monday"])


@router.post("/runs/{run_id}/payouts/{payout_id}/retry")
def retry(run_id: UUID, payout_id: UUID, session: Tx, by: By, at: At) -> RunPayoutShown:
    """Include a failed payment, whose payee is on hold because of it, in the next run."""
    return RunPayoutShown.model_validate(try_again(session, run_id, payout_id, by=by, at=at))


@router.post("/runs/{run_id}/retry")
def retry_all(run_id: UUID, session: Tx, by: By, at: At) -> Freed:
    """Include all of the run's failed payments that are waiting to be retried in the next run."""
    return Freed(payments=try_all_again(session, run_id, by=by, at=at))


@router.post("/reconciliations", status_code=202)
def reconcile(session: Tx, by: By, at: At, key: Key) -> EnqueuedReconciliation:
    """Compare our ledger with the provider's records now instead of overnight."""
    ask_reconciliation(session, key, by=by, at=at)
    return EnqueuedReconciliation(key=key)

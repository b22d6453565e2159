"""Places in a run's payouts, failures first: each keeps the part that its payout was in, whatever becomes of the payout."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from api.deps import PAGE_BEFORE, Limit, Paging
from campaigns.payout.runs.models import Payout
from campaigns.payout.runs.queries import PayoutPlace

FAILED, OTHER = "failed", "other"
PLACE = rf"^({FAILED}|{OTHER})\.[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$"


def place_of(item: Payout) -> str:
    """The part of the list that the payout is in now, and its id."""
    return f"{FAILED if PayoutPlace.of(item).failed else OTHER}.{item.id}"


async def payout_paging(
    after: Annotated[str | None, Query(pattern=PLACE, description=PAGE_BEFORE)] = None, limit: Limit = 30
) -> Paging[PayoutPlace]:
    if after is None:
        return Paging(None, limit)
    part, _dot, payout_id = after.partition(".")
    return Paging(PayoutPlace(part == FAILED, UUID(payout_id)), limit)


PayoutPage = Annotated[Paging[PayoutPlace], Depends(payout_paging)]

"""Places in a run's items, failures first: each keeps the part that its item was in, whatever becomes of the item."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from api.deps import PAGE_BEFORE, Limit, Paging
from campaigns.payout.runs.models import Item
from campaigns.payout.runs.queries import ItemPlace

FAILED, OTHER = "failed", "other"
PLACE = rf"^({FAILED}|{OTHER})\.[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$"


def place_of(item: Item) -> str:
    """The part of the list that the item is in now, and its id."""
    return f"{FAILED if ItemPlace.of(item).failed else OTHER}.{item.id}"


async def item_paging(
    after: Annotated[str | None, Query(pattern=PLACE, description=PAGE_BEFORE)] = None, limit: Limit = 30
) -> Paging[ItemPlace]:
    if after is None:
        return Paging(None, limit)
    part, _dot, item_id = after.partition(".")
    return Paging(ItemPlace(part == FAILED, UUID(item_id)), limit)


ItemPage = Annotated[Paging[ItemPlace], Depends(item_paging)]

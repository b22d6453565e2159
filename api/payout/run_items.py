"""Pages of a run's items, failures first: where a page ended is kept with the part it was in, whatever becomes of its last item."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from campaigns.payout.runs.models import Item
from campaigns.payout.runs.queries import ItemPlace

FAILED, OTHER = "failed", "other"
PLACE = rf"^({FAILED}|{OTHER})\.[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$"


@dataclass(frozen=True, slots=True)
class ItemPaging:
    """One page of a run's items: up to `limit` behind `after`."""

    after: ItemPlace | None
    limit: int

    @property
    def one_more(self) -> int:
        """How many to ask for, so that it shows whether there is a next page."""
        return self.limit + 1

    def next(self, found: Sequence[Item]) -> str | None:
        """Where the next page begins, if more were found than this one shows."""
        if len(found) <= self.limit:
            return None
        last = ItemPlace.of(found[self.limit - 1])
        return f"{FAILED if last.failed else OTHER}.{last.item_id}"


async def item_paging(
    after: Annotated[str | None, Query(pattern=PLACE, description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items on a page.")] = 30,
) -> ItemPaging:
    if after is None:
        return ItemPaging(None, limit)
    part, _dot, item_id = after.partition(".")
    return ItemPaging(ItemPlace(part == FAILED, UUID(item_id)), limit)


ItemPage = Annotated[ItemPaging, Depends(item_paging)]

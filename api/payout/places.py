"""Pages of what a version of a proposal is made of: it is frozen, so that the places in it are counted."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel

from api.deps import PAGE_BEFORE, Limit

From = Annotated[int, Query(ge=0, le=10_000_000, description=PAGE_BEFORE)]


class SliceShown(BaseModel):
    """One page of a frozen list; `next` is where the next page begins."""

    next: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Up to `limit` items but for the first `after`."""

    after: int
    limit: int

    @property
    def end(self) -> int:
        return self.after + self.limit

    def next(self, count: int) -> int | None:
        """Where the next ones begin, of `count` in all."""
        return self.end if count > self.end else None


async def places(after: From = 0, limit: Limit = 100) -> Places:
    return Places(after, limit)


InPlaces = Annotated[Places, Depends(places)]

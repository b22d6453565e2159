"""Pages of the browsers in which someone is signed in: a place in them stays where it is when browsers are used, proven or signed out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from api.deps import moment_at, place_in_time
from campaigns.core.access import WebSession

PLACE = r"^[0-9]{1,17}\.[0-9a-f]{64}$"


@dataclass(frozen=True, slots=True)
class SessionPaging:
    """One page of one's browsers: up to `limit` that signed in before `after`."""

    after: tuple[datetime, str] | None
    limit: int

    @property
    def one_more(self) -> int:
        """How many to ask for, so that it shows whether there is a next page."""
        return self.limit + 1

    def next(self, found: Sequence[WebSession]) -> str | None:
        """Where the next page begins, if more were found than this one shows."""
        if len(found) <= self.limit:
            return None
        last = found[self.limit - 1]
        return f"{place_in_time(last.created_at)}.{last.digest}"


async def session_paging(
    after: Annotated[str | None, Query(pattern=PLACE, description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items on a page.")] = 30,
) -> SessionPaging:
    if after is None:
        return SessionPaging(None, limit)
    microseconds, _dot, key = after.partition(".")
    return SessionPaging((moment_at(int(microseconds)), key), limit)


SessionPage = Annotated[SessionPaging, Depends(session_paging)]

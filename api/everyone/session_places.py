"""Places in the browsers in which someone is signed in: they stay where they are when browsers are used, proven or signed out."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from api.deps import PAGE_BEFORE, Limit, Paging, moment_at, place_in_time
from campaigns.core.access import WebSession

PLACE = r"^[0-9]{1,17}\.[0-9a-f]{64}$"


def place_of(session: WebSession) -> str:
    """When the browser signed in, and what tells it from another of the same moment."""
    return f"{place_in_time(session.created_at)}.{session.digest}"


async def session_paging(
    after: Annotated[str | None, Query(pattern=PLACE, description=PAGE_BEFORE)] = None, limit: Limit = 30
) -> Paging[tuple[datetime, str]]:
    if after is None:
        return Paging(None, limit)
    microseconds, _dot, key = after.partition(".")
    return Paging((moment_at(int(microseconds)), key), limit)


SessionPage = Annotated[Paging[tuple[datetime, str]], Depends(session_paging)]

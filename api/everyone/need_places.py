"""Places in what waits for someone: each is told by when it is due, so that what was done since shifts nothing."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, TypeAlias

from fastapi import Depends, Query

from api.deps import PAGE_BEFORE, Limit, Paging, place_in_time
from campaigns.core.needs import Need

ORDER = ("due", "since", "undated")
PLACE = rf"^({'|'.join(ORDER)})\.[0-9]{{1,17}}\.[a-z_]{{1,60}}\.[0-9a-f]{{16}}$"
Place: TypeAlias = tuple[int, int, str, str]


def behind(place: Place | None, waiting: Sequence[Need]) -> list[Need]:
    """What waits behind the place, in its order."""
    return sorted((need for need in waiting if place is None or standing_of(need) > place), key=standing_of)


def standing_of(need: Need) -> Place:
    """Where it stands: what is due first, then what waits longest; what is alike else by a digest of what it says."""
    kind = 0 if need.due else 1 if need.since else 2
    moment = need.due or need.since
    said = sha256(f"{need.notification}\n{need.message}".encode()).hexdigest()[:16]
    return kind, place_in_time(moment) if moment else 0, need.code, said


def place_of(need: Need) -> str:
    """The same, as it is told."""
    kind, *rest = standing_of(need)
    return ".".join((ORDER[kind], *map(str, rest)))


async def need_paging(
    after: Annotated[str | None, Query(pattern=PLACE, description=PAGE_BEFORE)] = None, limit: Limit = 30
) -> Paging[Place]:
    if after is None:
        return Paging(None, limit)
    kind, moment, code, digest = after.split(".")
    return Paging((ORDER.index(kind), int(moment), code, digest), limit)


NeedPage = Annotated[Paging[Place], Depends(need_paging)]

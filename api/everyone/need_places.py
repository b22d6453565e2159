"""Pages of what waits for someone: a place among it is told by when it is due, so that what was done since shifts nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, TypeAlias

from fastapi import Depends, Query

from api.deps import place_in_time
from campaigns.needs import Need

ORDER = ("due", "since", "undated")
PLACE = rf"^({'|'.join(ORDER)})\.[0-9]{{1,17}}\.[a-z_]{{1,60}}\.[0-9a-f]{{16}}$"
Place: TypeAlias = tuple[int, int, str, str]


@dataclass(frozen=True, slots=True)
class NeedPaging:
    """One page of what waits: up to `limit` behind `after`."""

    after: Place | None
    limit: int

    def of(self, waiting: Sequence[Need]) -> tuple[list[Need], str | None]:
        """What this page shows, and where the next one begins."""
        behind = sorted((need for need in waiting if self.after is None or place_of(need) > self.after), key=place_of)
        shown = behind[: self.limit]
        return shown, said(place_of(shown[-1])) if len(behind) > self.limit else None


def place_of(need: Need) -> Place:
    """Where it stands: what is due first, then what waits longest; what is alike else by a digest of what it says."""
    kind = 0 if need.due else 1 if need.since else 2
    moment = need.due or need.since
    return kind, place_in_time(moment) if moment else 0, need.code, sha256(f"{need.notice}\n{need.message}".encode()).hexdigest()[:16]


def said(place: Place) -> str:
    kind, *rest = place
    return ".".join((ORDER[kind], *map(str, rest)))


async def need_paging(
    after: Annotated[str | None, Query(pattern=PLACE, description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items on a page.")] = 30,
) -> NeedPaging:
    if after is None:
        return NeedPaging(None, limit)
    kind, moment, code, digest = after.split(".")
    return NeedPaging((ORDER.index(kind), int(moment), code, digest), limit)


NeedPage = Annotated[NeedPaging, Depends(need_paging)]

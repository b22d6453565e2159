"""What stands in the way of using a work: something in it, however deep, that is gone, or that is not settled to be in it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session


class ObstacleCause(StrEnum):
    """Why a work stands in the way: gone, said to be in another against its makers' word or without it, or its maker has not agreed.

    Of a version also that somebody whom it names as its own maker has not.
    """

    TAKEN_DOWN = "taken_down"
    DISPUTED = "disputed"
    UNCONFIRMED = "unconfirmed"
    MAKER_UNCONFIRMED = "maker_unconfirmed"
    VERSION_MAKER_UNCONFIRMED = "version_maker_unconfirmed"


UNSETTLED = frozenset({ObstacleCause.DISPUTED, ObstacleCause.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A work that is in another, or is said to be, and keeps it from being used; none where it is a maker of the version itself."""

    work_id: UUID | None
    title: str
    cause: ObstacleCause


# What is an obstacle is said by the database, which refuses an approval with one on its own.
OBSTACLES = text("""
    select o.root, o.work_id, coalesce(c.title, ''), o.cause from obstacles(:roots, :works) o left join contribution c on c.id = o.work_id
    order by o.root, o.work_id, o.cause
""").bindparams(bindparam("roots", type_=ARRAY(Uuid())), bindparam("works", type_=ARRAY(Uuid())))
CONTAINING = text("""
    with recursive around as (
        select unnest(:works) as work_id
        union
        select s.work_id from around join source s on s.source_id = around.work_id and s.kind = 'contains' and s.state = 'confirmed'
    )
    select work_id from around
""").bindparams(bindparam("works", type_=ARRAY(Uuid())))


def obstacles(session: Session, pieces: Mapping[UUID, Collection[UUID]]) -> dict[UUID, Sequence[Obstacle]]:
    """What stands in the way of each of these pieces, of which the works in it are given; in one query however many they are."""
    found: dict[UUID, list[Obstacle]] = {piece: [] for piece in pieces}
    pairs = [(piece, work_id) for piece, work_ids in pieces.items() for work_id in work_ids]
    if pairs:
        roots, works = zip(*pairs, strict=True)
        for root, work_id, title, cause in session.execute(OBSTACLES, {"roots": list(roots), "works": list(works)}):
            found[root].append(Obstacle(work_id, title, ObstacleCause(cause)))
    return dict(found)


def obstacles_in(session: Session, work_ids: Collection[UUID]) -> dict[UUID, Sequence[Obstacle]]:
    """What stands in the way of each of these works."""
    return obstacles(session, {work_id: [work_id] for work_id in work_ids})


def containing(session: Session, work_ids: Collection[UUID]) -> set[UUID]:
    """These works and every work that has one of them in it, over all generations."""
    return set(session.scalars(CONTAINING, {"works": list(work_ids)}))


def titles(found: Iterable[Obstacle], *causes: ObstacleCause) -> str:
    """What those of the obstacles are called that have one of these causes."""
    return ", ".join(dict.fromkeys(obstacle.title for obstacle in found if obstacle.cause in causes))

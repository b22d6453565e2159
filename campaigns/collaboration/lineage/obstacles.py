"""What stands in the way of using a contribution: something in it, however deep, that is gone, or that is not settled to be in it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session


class ObstacleCause(StrEnum):
    """Why a contribution stands in the way: gone, said to be in another against its makers' word or without it, or its maker has not
    agreed.

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
    """A contribution that is in another, or is said to be, and keeps it from being used; none where it is a maker of the version itself."""

    contribution_id: UUID | None
    title: str
    cause: ObstacleCause


# What is an obstacle is said by the database, which refuses an approval with one on its own.
OBSTACLES = text("""
    select o.root, o.contribution_id, coalesce(c.title, ''), o.cause from obstacles(:roots, :contributions) o
    left join contribution c on c.id = o.contribution_id
    order by o.root, o.contribution_id, o.cause
""").bindparams(bindparam("roots", type_=ARRAY(Uuid())), bindparam("contributions", type_=ARRAY(Uuid())))
CONTAINING = text("""
    with recursive around as (
        select unnest(:contributions) as contribution_id
        union
        select s.contribution_id from around join source s on s.source_id = around.contribution_id and s.kind = 'contains'
        and s.state = 'confirmed'
    )
    select contribution_id from around
""").bindparams(bindparam("contributions", type_=ARRAY(Uuid())))


def obstacles(session: Session, pieces: Mapping[UUID, Collection[UUID]]) -> dict[UUID, Sequence[Obstacle]]:
    """What stands in the way of each of these pieces, of which the contributions in it are given; in one query however many they are."""
    found: dict[UUID, list[Obstacle]] = {piece: [] for piece in pieces}
    pairs = [(piece, contribution_id) for piece, contribution_ids in pieces.items() for contribution_id in contribution_ids]
    if pairs:
        roots, contributions = zip(*pairs, strict=True)
        for root, contribution_id, title, cause in session.execute(OBSTACLES, {"roots": list(roots), "contributions": list(contributions)}):
            found[root].append(Obstacle(contribution_id, title, ObstacleCause(cause)))
    return dict(found)


def obstacles_in(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, Sequence[Obstacle]]:
    """What stands in the way of each of these contributions."""
    return obstacles(session, {contribution_id: [contribution_id] for contribution_id in contribution_ids})


def containing(session: Session, contribution_ids: Collection[UUID]) -> set[UUID]:
    """These contributions and every contribution that has one of them in it, over all generations."""
    return set(session.scalars(CONTAINING, {"contributions": list(contribution_ids)}))


def titles(found: Iterable[Obstacle], *causes: ObstacleCause) -> str:
    """What those of the obstacles are called that have one of these causes."""
    return ", ".join(dict.fromkeys(obstacle.title for obstacle in found if obstacle.cause in causes))

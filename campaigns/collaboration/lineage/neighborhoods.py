"""A work among its relatives: what it was made from, what was made from it, and the map of a few steps or of all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, and_, any_, bindparam, func, literal, select
from sqlalchemy.orm import Session

from campaigns.collaboration.lineage.families import SHOWN, Relative, require_sighted
from campaigns.collaboration.lineage.queries import Column, Direction, nearest
from campaigns.collaboration.models import Source, SourceState
from campaigns.core.db import all_of, given
from campaigns.core.people import Actor
from campaigns.open_call.credits import Credit, credits_of
from campaigns.open_call.models import Contribution, WorkState
from campaigns.open_call.queries import Shown, find_work, renditions_of, shows_contributions

NEAR = 2
MOST_NEAR = 24
MOST_ON_A_MAP = 100
MOST_LOOKED_AT = 300
CONFIRMED = Source.state == SourceState.CONFIRMED
SMALL = ("thumbnail", "text")
UPWARD = (Source.work_id, Source.source_id)
Credits = Mapping[UUID, Sequence[Credit]]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The works around one, itself at generation 0, what led to it below, what it led to above.

    `beyond` more are not among them; of a work with very many relatives it is only known that there are more than that.
    """

    relatives: Sequence[Relative]
    sources: Sequence[Source]
    beyond: int
    is_endless: bool = False


@dataclass(frozen=True, slots=True)
class NearestContributions:
    """The nearest works on one side of a work, each with its steps away; `beyond` more were seen there, and there may be yet others."""

    works: Sequence[tuple[Contribution, int]]
    beyond: int
    is_endless: bool


@dataclass(frozen=True, slots=True)
class Kinship:
    """A relative one step away, and the edge between."""

    edge: Source
    relative: Relative


@dataclass(frozen=True, slots=True)
class Relations:
    """What a work was made from, oldest first; what was made from it, newest first; its surroundings; and what the works look like."""

    made_from: Sequence[Kinship]
    made_into: Sequence[Kinship]
    around: Neighbourhood
    renditions: Mapping[UUID, Sequence[Shown]]


def relations(
    session: Session, work: Contribution, *, by: Actor, after: UUID | None = None, limit: int = 30, steps: int = NEAR, most: int = MOST_NEAR
) -> Relations:
    """The relatives of a work that the actor has found; of what was made from it `limit` works, and on either side the nearest `most`.

    Those are up to `steps` away. None for whoever is shown no other work of its campaign. Raises JudgesBlind for those who curate here.
    """
    require_sighted(by, work)
    if not shows_contributions(session, work.campaign_id, by=by):
        return _alone(session, work, by)
    from_ = session.execute(_sources(), {"work": work.id}).all()
    into = session.execute(_offspring(after is not None), {"work": work.id, "after": after, "most": limit}).all()
    older, newer = (_steps(session, work.id, upward, steps, most) for upward in (True, False))
    near = [*((one, -step) for one, step in reversed(older.works)), (work, 0), *newer.works]
    credits_ = _credits(session, by, work, [one for one, _step in near] + [one for _edge, one in [*from_, *into]])
    relatives = [_relative(one, step, credits_) for one, step in near]
    return Relations(
        made_from=[Kinship(edge, _relative(one, -1, credits_)) for edge, one in from_],
        made_into=[Kinship(edge, _relative(one, 1, credits_)) for edge, one in into],
        around=_around(session, relatives, older, newer),
        renditions=renditions_of(session, list(credits_), *SMALL),
    )


def whole_map(session: Session, work_id: UUID, *, by: Actor, most: int = MOST_ON_A_MAP) -> Neighbourhood:
    """All that led to the work and all that it led to, on either side the nearest `most`.

    The work alone for whoever is shown no other of its campaign. Raises JudgesBlind for those who curate here.
    """
    work = find_work(session, work_id, by=by)
    require_sighted(by, work)
    if not shows_contributions(session, work.campaign_id, by=by):
        return _alone(session, work, by).around
    older, newer = (_nearest(session, work_id, direction, most) for direction in (Direction.UP, Direction.DOWN))
    near = [*((one, -step) for one, step in reversed(older.works)), (work, 0), *newer.works]
    credits_ = _credits(session, by, work, [one for one, _step in near])
    return _around(session, [_relative(one, step, credits_) for one, step in near], older, newer)


def _alone(session: Session, work: Contribution, by: Actor) -> Relations:
    """The work without its relatives."""
    around = Neighbourhood([_relative(work, 0, _credits(session, by, work, []))], [], beyond=0)
    return Relations([], [], around, renditions_of(session, [work.id], *SMALL))


def _around(session: Session, relatives: Sequence[Relative], *sides: NearestContributions) -> Neighbourhood:
    beyond, is_endless = sum(side.beyond for side in sides), any(side.is_endless for side in sides)
    return Neighbourhood(relatives, _between(session, relatives), beyond, is_endless)


@lru_cache
def _sources() -> Select[Source, Contribution]:
    return _related(Source.work_id, Source.source_id).order_by(Source.source_id)


@lru_cache
def _offspring(is_further_page: bool) -> Select[Source, Contribution]:
    query = _related(Source.source_id, Source.work_id)
    query = query.where(Source.work_id < bindparam("after", type_=Uuid())) if is_further_page else query
    return query.order_by(Source.work_id.desc()).limit(bindparam("most", type_=Integer()))


def _related(near: Column, far: Column) -> Select[Source, Contribution]:
    query = select(Source, Contribution).join(Contribution, Contribution.id == far)
    return query.where(near == bindparam("work", type_=Uuid()), CONFIRMED, Contribution.state.in_(SHOWN))


def _steps(session: Session, work_id: UUID, upward: bool, steps: int, most: int) -> NearestContributions:
    """The nearest works on one side with how many steps they are away, and how many more there are within `steps`."""
    rows = session.execute(_within_steps(upward), {"work": work_id, "steps": steps, "most": most}).all()
    return (
        NearestContributions([(row[0], row[1]) for row in rows], rows[0][2] - len(rows), rows[0][3] == MOST_LOOKED_AT)
        if rows
        else NearestContributions([], 0, False)
    )


@lru_cache
def _within_steps(upward: bool) -> Select[Contribution, int, int, int]:
    near, far = UPWARD if upward else UPWARD[::-1]
    work = bindparam("work", type_=Uuid())
    reached = select(work.label("id"), literal(0).label("step")).cte("reached", recursive=True)
    is_near = reached.c.step < bindparam("steps", type_=Integer())
    onward = select(far, reached.c.step + 1).join(reached, and_(near == reached.c.id, is_near)).where(CONFIRMED)
    first = select(reached.union(onward)).limit(MOST_LOOKED_AT).subquery()
    nearest_step = func.min(first.c.step)
    return (
        select(Contribution, nearest_step, func.count().over(), select(func.count()).select_from(first).scalar_subquery())
        .join(first, Contribution.id == first.c.id)
        .where(Contribution.id != work, Contribution.state.in_(SHOWN))
        .group_by(Contribution.id)
        .order_by(nearest_step, Contribution.id)
        .limit(bindparam("most", type_=Integer()))
    )


def _nearest(session: Session, work_id: UUID, direction: Direction, most: int) -> NearestContributions:
    """The `most` nearest works on one side that take part, or did, with the steps that they are away."""
    look_at = max(MOST_LOOKED_AT, most)
    steps = nearest(session, work_id, direction, look_at)
    shown = select(Contribution.id).where(Contribution.id == any_(all_of(list(steps))), Contribution.state.in_(SHOWN))
    there = set(session.scalars(shown))
    keys = [key for key, step in steps.items() if step and key in there]
    works = {work.id: work for work in session.scalars(select(Contribution).where(Contribution.id == any_(all_of(keys[:most]))))}
    return NearestContributions([(works[key], steps[key]) for key in keys[:most]], len(keys[most:]), len(steps) > look_at)


def _between(session: Session, relatives: Sequence[Relative]) -> Sequence[Source]:
    return session.scalars(_edges_between(), {"ids": [relative.id for relative in relatives]}).all()


@lru_cache
def _edges_between() -> Select[Source]:
    query = select(Source).where(CONFIRMED, given(Source.work_id), given(Source.source_id))
    return query.order_by(Source.work_id, Source.source_id)


def _credits(session: Session, by: Actor, work: Contribution, others: Iterable[Contribution]) -> Credits:
    """Who made the work and those of the others that take part; nobody is named for one that was taken down."""
    there = {work.id, *(other.id for other in others if other.state is WorkState.SCREENED_IN)}
    return credits_of(session, there, to=by.person_id)


def _relative(work: Contribution, generation: int, credits_: Credits) -> Relative:
    return Relative(work.id, generation, work if work.id in credits_ else None, credits_.get(work.id, []))

"""A contribution among its relatives: what it was made from, what was made from it, and the map of a few steps or of all."""

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
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.queries import Shown, find_contribution, renditions_of, shows_contributions

NEAR = 2
MOST_NEAR = 24
MOST_ON_A_MAP = 100
MOST_LOOKED_AT = 300
CONFIRMED = Source.state == SourceState.CONFIRMED
SMALL = ("thumbnail", "text")
UPWARD = (Source.contribution_id, Source.source_id)
Credits = Mapping[UUID, Sequence[Credit]]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The contributions around one, itself at generation 0, what led to it below, what it led to above.

    `beyond` more are not among them; of a contribution with very many relatives it is only known that there are more than that.
    """

    relatives: Sequence[Relative]
    sources: Sequence[Source]
    beyond: int
    is_endless: bool = False


@dataclass(frozen=True, slots=True)
class NearestContributions:
    """The nearest contributions on one side of a contribution, each with its steps away; `beyond` more were seen there, and there may be
    yet others."""

    contributions: Sequence[tuple[Contribution, int]]
    beyond: int
    is_endless: bool


@dataclass(frozen=True, slots=True)
class Kinship:
    """A relative one step away, and the edge between."""

    edge: Source
    relative: Relative


@dataclass(frozen=True, slots=True)
class Relations:
    """What a contribution was made from, oldest first; what was made from it, newest first; its surroundings; and what the contributions
    look like."""

    made_from: Sequence[Kinship]
    made_into: Sequence[Kinship]
    around: Neighbourhood
    renditions: Mapping[UUID, Sequence[Shown]]


def relations(
    session: Session,
    contribution: Contribution,
    *,
    by: Actor,
    after: UUID | None = None,
    limit: int = 30,
    steps: int = NEAR,
    most: int = MOST_NEAR,
) -> Relations:
    """The relatives of a contribution that the actor has found; of what was made from it `limit` contributions, and on either side the
    nearest `most`.

    Those are up to `steps` away. None for whoever is shown no other contribution of its campaign. Raises JudgesBlind for those who curate
    here.
    """
    require_sighted(by, contribution)
    if not shows_contributions(session, contribution.campaign_id, by=by):
        return _alone(session, contribution, by)
    from_ = session.execute(_sources(), {"contribution": contribution.id}).all()
    into = session.execute(_offspring(after is not None), {"contribution": contribution.id, "after": after, "most": limit}).all()
    older, newer = (_steps(session, contribution.id, upward, steps, most) for upward in (True, False))
    near = [*((one, -step) for one, step in reversed(older.contributions)), (contribution, 0), *newer.contributions]
    credits_ = _credits(session, by, contribution, [one for one, _step in near] + [one for _edge, one in [*from_, *into]])
    relatives = [_relative(one, step, credits_) for one, step in near]
    return Relations(
        made_from=[Kinship(edge, _relative(one, -1, credits_)) for edge, one in from_],
        made_into=[Kinship(edge, _relative(one, 1, credits_)) for edge, one in into],
        around=_around(session, relatives, older, newer),
        renditions=renditions_of(session, list(credits_), *SMALL),
    )


def whole_map(session: Session, contribution_id: UUID, *, by: Actor, most: int = MOST_ON_A_MAP) -> Neighbourhood:
    """All that led to the contribution and all that it led to, on either side the nearest `most`.

    The contribution alone for whoever is shown no other of its campaign. Raises JudgesBlind for those who curate here.
    """
    contribution = find_contribution(session, contribution_id, by=by)
    require_sighted(by, contribution)
    if not shows_contributions(session, contribution.campaign_id, by=by):
        return _alone(session, contribution, by).around
    older, newer = (_nearest(session, contribution_id, direction, most) for direction in (Direction.UP, Direction.DOWN))
    near = [*((one, -step) for one, step in reversed(older.contributions)), (contribution, 0), *newer.contributions]
    credits_ = _credits(session, by, contribution, [one for one, _step in near])
    return _around(session, [_relative(one, step, credits_) for one, step in near], older, newer)


def _alone(session: Session, contribution: Contribution, by: Actor) -> Relations:
    """The contribution without its relatives."""
    around = Neighbourhood([_relative(contribution, 0, _credits(session, by, contribution, []))], [], beyond=0)
    return Relations([], [], around, renditions_of(session, [contribution.id], *SMALL))


def _around(session: Session, relatives: Sequence[Relative], *sides: NearestContributions) -> Neighbourhood:
    beyond, is_endless = sum(side.beyond for side in sides), any(side.is_endless for side in sides)
    return Neighbourhood(relatives, _between(session, relatives), beyond, is_endless)


@lru_cache
def _sources() -> Select[Source, Contribution]:
    return _related(Source.contribution_id, Source.source_id).order_by(Source.source_id)


@lru_cache
def _offspring(is_further_page: bool) -> Select[Source, Contribution]:
    query = _related(Source.source_id, Source.contribution_id)
    query = query.where(Source.contribution_id < bindparam("after", type_=Uuid())) if is_further_page else query
    return query.order_by(Source.contribution_id.desc()).limit(bindparam("most", type_=Integer()))


def _related(near: Column, far: Column) -> Select[Source, Contribution]:
    query = select(Source, Contribution).join(Contribution, Contribution.id == far)
    return query.where(near == bindparam("contribution", type_=Uuid()), CONFIRMED, Contribution.state.in_(SHOWN))


def _steps(session: Session, contribution_id: UUID, upward: bool, steps: int, most: int) -> NearestContributions:
    """The nearest contributions on one side with how many steps they are away, and how many more there are within `steps`."""
    rows = session.execute(_within_steps(upward), {"contribution": contribution_id, "steps": steps, "most": most}).all()
    return (
        NearestContributions([(row[0], row[1]) for row in rows], rows[0][2] - len(rows), rows[0][3] == MOST_LOOKED_AT)
        if rows
        else NearestContributions([], 0, False)
    )


@lru_cache
def _within_steps(upward: bool) -> Select[Contribution, int, int, int]:
    near, far = UPWARD if upward else UPWARD[::-1]
    contribution = bindparam("contribution", type_=Uuid())
    reached = select(contribution.label("id"), literal(0).label("step")).cte("reached", recursive=True)
    is_near = reached.c.step < bindparam("steps", type_=Integer())
    onward = select(far, reached.c.step + 1).join(reached, and_(near == reached.c.id, is_near)).where(CONFIRMED)
    first = select(reached.union(onward)).limit(MOST_LOOKED_AT).subquery()
    nearest_step = func.min(first.c.step)
    return (
        select(Contribution, nearest_step, func.count().over(), select(func.count()).select_from(first).scalar_subquery())
        .join(first, Contribution.id == first.c.id)
        .where(Contribution.id != contribution, Contribution.state.in_(SHOWN))
        .group_by(Contribution.id)
        .order_by(nearest_step, Contribution.id)
        .limit(bindparam("most", type_=Integer()))
    )


def _nearest(session: Session, contribution_id: UUID, direction: Direction, most: int) -> NearestContributions:
    """The `most` nearest contributions on one side that take part, or did, with the steps that they are away."""
    look_at = max(MOST_LOOKED_AT, most)
    steps = nearest(session, contribution_id, direction, look_at)
    shown = select(Contribution.id).where(Contribution.id == any_(all_of(list(steps))), Contribution.state.in_(SHOWN))
    there = set(session.scalars(shown))
    keys = [key for key, step in steps.items() if step and key in there]
    contributions = {
        contribution.id: contribution
        for contribution in session.scalars(select(Contribution).where(Contribution.id == any_(all_of(keys[:most]))))
    }
    return NearestContributions([(contributions[key], steps[key]) for key in keys[:most]], len(keys[most:]), len(steps) > look_at)


def _between(session: Session, relatives: Sequence[Relative]) -> Sequence[Source]:
    return session.scalars(_edges_between(), {"ids": [relative.id for relative in relatives]}).all()


@lru_cache
def _edges_between() -> Select[Source]:
    query = select(Source).where(CONFIRMED, given(Source.contribution_id), given(Source.source_id))
    return query.order_by(Source.contribution_id, Source.source_id)


def _credits(session: Session, by: Actor, contribution: Contribution, others: Iterable[Contribution]) -> Credits:
    """Who made the contribution and those of the others that take part; nobody is named for one that was taken down."""
    there = {contribution.id, *(other.id for other in others if other.state is ContributionState.SCREENED_IN)}
    return credits_of(session, there, to=by.person_id)


def _relative(contribution: Contribution, generation: int, credits_: Credits) -> Relative:
    return Relative(contribution.id, generation, contribution if contribution.id in credits_ else None, credits_.get(contribution.id, []))

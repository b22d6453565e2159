"""The graph of works: what led to a work, and what it led to, over every generation."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, and_, any_, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.collaboration.models import Source, SourceKind, SourceState, WrapperFinding
from campaigns.core.db import all_of
from campaigns.open_call.models import Contribution, Maker

Column = InstrumentedAttribute[UUID]


class Direction(StrEnum):
    """Which side of a work's lineage: what it is based on, or what is based on it."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Kin:
    """The works on one side of a work by their generation, the work itself at 0, and the confirmed edges between them."""

    generations: Mapping[UUID, int]
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class MadeWork:
    """A work as the split sees it: its makers with their shares, and whether it adds nothing of its own."""

    id: UUID
    makers: Mapping[UUID, int]
    is_wrapper: bool


@dataclass(frozen=True, slots=True)
class LineageRows:
    """Works by id, and every confirmed edge that leads from them; each edge's source is among the works."""

    works: Mapping[UUID, MadeWork]
    sources: Sequence[Source]

    @property
    def sha256(self) -> str:
        """The hash, in hexadecimal, of all that decides whom a piece credits and pays: works, makers and edges, in a fixed order."""
        works = sorted((str(w.id), sorted([str(p), shares] for p, shares in w.makers.items()), w.is_wrapper) for w in self.works.values())
        edges = sorted((str(s.work_id), str(s.source_id), s.kind.value, s.weight) for s in self.sources)
        return hashlib.sha256(json.dumps([works, edges], separators=(",", ":")).encode()).hexdigest()


def ancestors(session: Session, work_id: UUID) -> Kin:
    """What led to the work, over all generations."""
    sources = _edges(session, [work_id], Source.work_id, Source.source_id)
    return Kin(_generations(work_id, [(s.work_id, s.source_id) for s in sources]), sources)


def descendants(session: Session, work_id: UUID) -> Kin:
    """What the work led to, over all generations."""
    sources = _edges(session, [work_id], Source.source_id, Source.work_id)
    return Kin(_generations(work_id, [(s.source_id, s.work_id) for s in sources]), sources)


def nearest(session: Session, work_id: UUID, direction: Direction, most: int) -> Mapping[UUID, int]:
    """The work and the `most` nearest on one side of it, by their generation; however large that side is, no more is looked at."""
    near, far = (Source.work_id, Source.source_id) if direction is Direction.UP else (Source.source_id, Source.work_id)
    confirmed = Source.state == SourceState.CONFIRMED
    reached = select(literal(work_id).label("id")).cte("reached", recursive=True)
    reached = reached.union(select(far).join(reached, near == reached.c.id).where(confirmed))
    # PostgreSQL walks generation by generation, and stops where enough has come.
    ids = session.scalars(select(reached.c.id).limit(most + 1)).all()
    among = any_(all_of(ids))
    return _generations(
        work_id, [(one, other) for one, other in session.execute(select(near, far).where(near == among, far == among, confirmed))]
    )


def lineage_of(session: Session, work_ids: Collection[UUID]) -> LineageRows:
    """These works and all that led to them, with makers, wrappers and confirmed edges, in three queries."""
    sources = _edges(session, work_ids, Source.work_id, Source.source_id)
    reached = {*work_ids, *(s.source_id for s in sources)}
    makers = _makers(session, reached)
    found = func.coalesce(WrapperFinding.is_wrapper, Contribution.is_wrapper)
    wrappers = (
        select(Contribution.id, found)
        .outerjoin(WrapperFinding, WrapperFinding.work_id == Contribution.id)
        .where(Contribution.id == any_(all_of(reached)))
        .order_by(Contribution.id)
    )
    works = {work_id: MadeWork(work_id, makers.get(work_id, {}), is_wrapper) for work_id, is_wrapper in session.execute(wrappers)}
    return LineageRows(works, sources)


def contained_in(session: Session, work_ids: Collection[UUID]) -> set[UUID]:
    """These works and every work that is in them, over all generations; what merely influenced them is not."""
    return set(session.scalars(select(_reached(work_ids, Source.work_id, Source.source_id, Source.kind == SourceKind.CONTAINS).c.id)))


def all_behind(work_ids: Collection[UUID]) -> Select[UUID]:
    """The ids of these works and of all that led to them, as a query to look among."""
    return select(_reached(work_ids, Source.work_id, Source.source_id).c.id)


def _edges(session: Session, work_ids: Collection[UUID], near: Column, far: Column) -> Sequence[Source]:
    """Every confirmed edge reached by following edges from `near` to `far`."""
    here = near.in_(select(_reached(work_ids, near, far).c.id))
    query = select(Source).where(here, Source.state == SourceState.CONFIRMED).order_by(Source.work_id, Source.source_id)
    return session.scalars(query).all()


def _reached(work_ids: Collection[UUID], near: Column, far: Column, *such: ColumnElement[bool]) -> CTE:
    """The works and all that confirmed edges lead to; UNION walks each work once, whatever the number of paths."""
    confirmed = and_(Source.state == SourceState.CONFIRMED, *such)
    reached = select(func.unnest(all_of(work_ids)).label("id")).cte("reached", recursive=True)
    return reached.union(select(far).join(reached, near == reached.c.id).where(confirmed))


def _makers(session: Session, work_ids: Collection[UUID]) -> dict[UUID, dict[UUID, int]]:
    query = select(Maker).where(Maker.contribution_id == any_(all_of(work_ids))).order_by(Maker.contribution_id, Maker.person_id)
    makers: dict[UUID, dict[UUID, int]] = {}
    for maker in session.scalars(query):
        makers.setdefault(maker.contribution_id, {})[maker.person_id] = maker.shares
    return makers


def _generations(work_id: UUID, steps: Sequence[tuple[UUID, UUID]]) -> dict[UUID, int]:
    """How many steps each work is away, by the shortest way."""
    onward: dict[UUID, list[UUID]] = {}
    for near, far in steps:
        onward.setdefault(near, []).append(far)
    generations, here, generation = {work_id: 0}, [work_id], 0
    while here:
        generation += 1
        here = list(dict.fromkeys(far for near in here for far in onward.get(near, []) if far not in generations))
        generations |= dict.fromkeys(here, generation)
    return generations

"""The graph of contributions: what led to a contribution, and what it led to, over every generation."""

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
    """Which side of a contribution's lineage: what it is based on, or what is based on it."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Kin:
    """The contributions on one side of a contribution by their generation, the contribution itself at 0, and the confirmed edges between
    them."""

    generations: Mapping[UUID, int]
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class MadeContribution:
    """A contribution as the split sees it: its makers with their shares, and whether it adds nothing of its own."""

    id: UUID
    makers: Mapping[UUID, int]
    is_wrapper: bool


@dataclass(frozen=True, slots=True)
class LineageRows:
    """Contributions by id, and every confirmed edge that leads from them; each edge's source is among the contributions."""

    contributions: Mapping[UUID, MadeContribution]
    sources: Sequence[Source]

    @property
    def sha256(self) -> str:
        """The hash, in hexadecimal, of all that decides whom a piece credits and pays: contributions, makers and edges, in a fixed
        order."""
        contributions = sorted(
            (str(w.id), sorted([str(p), shares] for p, shares in w.makers.items()), w.is_wrapper) for w in self.contributions.values()
        )
        edges = sorted((str(s.contribution_id), str(s.source_id), s.kind.value, s.weight) for s in self.sources)
        return hashlib.sha256(json.dumps([contributions, edges], separators=(",", ":")).encode()).hexdigest()


def ancestors(session: Session, contribution_id: UUID) -> Kin:
    """What led to the contribution, over all generations."""
    sources = _edges(session, [contribution_id], Source.contribution_id, Source.source_id)
    return Kin(_generations(contribution_id, [(s.contribution_id, s.source_id) for s in sources]), sources)


def descendants(session: Session, contribution_id: UUID) -> Kin:
    """What the contribution led to, over all generations."""
    sources = _edges(session, [contribution_id], Source.source_id, Source.contribution_id)
    return Kin(_generations(contribution_id, [(s.source_id, s.contribution_id) for s in sources]), sources)


def nearest(session: Session, contribution_id: UUID, direction: Direction, most: int) -> Mapping[UUID, int]:
    """The contribution and the `most` nearest on one side of it, by their generation; however large that side is, no more is looked at."""
    near, far = (Source.contribution_id, Source.source_id) if direction is Direction.UP else (Source.source_id, Source.contribution_id)
    confirmed = Source.state == SourceState.CONFIRMED
    reached = select(literal(contribution_id).label("id")).cte("reached", recursive=True)
    reached = reached.union(select(far).join(reached, near == reached.c.id).where(confirmed))
    # PostgreSQL walks generation by generation, and stops where enough has come.
    ids = session.scalars(select(reached.c.id).limit(most + 1)).all()
    among = any_(all_of(ids))
    return _generations(
        contribution_id, [(one, other) for one, other in session.execute(select(near, far).where(near == among, far == among, confirmed))]
    )


def lineage_of(session: Session, contribution_ids: Collection[UUID]) -> LineageRows:
    """These contributions and all that led to them, with makers, wrappers and confirmed edges, in three queries."""
    sources = _edges(session, contribution_ids, Source.contribution_id, Source.source_id)
    reached = {*contribution_ids, *(s.source_id for s in sources)}
    makers = _makers(session, reached)
    found = func.coalesce(WrapperFinding.is_wrapper, Contribution.is_wrapper)
    wrappers = (
        select(Contribution.id, found)
        .outerjoin(WrapperFinding, WrapperFinding.contribution_id == Contribution.id)
        .where(Contribution.id == any_(all_of(reached)))
        .order_by(Contribution.id)
    )
    contributions = {
        contribution_id: MadeContribution(contribution_id, makers.get(contribution_id, {}), is_wrapper)
        for contribution_id, is_wrapper in session.execute(wrappers)
    }
    return LineageRows(contributions, sources)


def contained_in(session: Session, contribution_ids: Collection[UUID]) -> set[UUID]:
    """These contributions and every contribution that is in them, over all generations; what merely influenced them is not."""
    return set(
        session.scalars(
            select(_reached(contribution_ids, Source.contribution_id, Source.source_id, Source.kind == SourceKind.CONTAINS).c.id)
        )
    )


def all_behind(contribution_ids: Collection[UUID]) -> Select[UUID]:
    """The ids of these contributions and of all that led to them, as a query to look among."""
    return select(_reached(contribution_ids, Source.contribution_id, Source.source_id).c.id)


def _edges(session: Session, contribution_ids: Collection[UUID], near: Column, far: Column) -> Sequence[Source]:
    """Every confirmed edge reached by following edges from `near` to `far`."""
    here = near.in_(select(_reached(contribution_ids, near, far).c.id))
    query = select(Source).where(here, Source.state == SourceState.CONFIRMED).order_by(Source.contribution_id, Source.source_id)
    return session.scalars(query).all()


def _reached(contribution_ids: Collection[UUID], near: Column, far: Column, *such: ColumnElement[bool]) -> CTE:
    """The contributions and all that confirmed edges lead to; UNION walks each contribution once, whatever the number of paths."""
    confirmed = and_(Source.state == SourceState.CONFIRMED, *such)
    reached = select(func.unnest(all_of(contribution_ids)).label("id")).cte("reached", recursive=True)
    return reached.union(select(far).join(reached, near == reached.c.id).where(confirmed))


def _makers(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, dict[UUID, int]]:
    query = select(Maker).where(Maker.contribution_id == any_(all_of(contribution_ids))).order_by(Maker.contribution_id, Maker.person_id)
    makers: dict[UUID, dict[UUID, int]] = {}
    for maker in session.scalars(query):
        makers.setdefault(maker.contribution_id, {})[maker.person_id] = maker.shares
    return makers


def _generations(contribution_id: UUID, steps: Sequence[tuple[UUID, UUID]]) -> dict[UUID, int]:
    """How many steps each contribution is away, by the shortest way."""
    onward: dict[UUID, list[UUID]] = {}
    for near, far in steps:
        onward.setdefault(near, []).append(far)
    generations, here, generation = {contribution_id: 0}, [contribution_id], 0
    while here:
        generation += 1
        here = list(dict.fromkeys(far for near in here for far in onward.get(near, []) if far not in generations))
        generations |= dict.fromkeys(here, generation)
    return generations

"""What was chosen for a deliverable, and what its selection said of each contribution."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Uuid, and_, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import Session, aliased

from campaigns.core.campaign import Deliverable, find_deliverable
from campaigns.core.db import one_of
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.curation.errors import NotItsMaker
from campaigns.curation.models import Selection, SelectionOutcome
from campaigns.open_call.models import TAKES_PART, Contribution
from campaigns.open_call.queries import find_contribution, is_confirmed_maker


@dataclass(frozen=True, slots=True)
class Selected:
    """A published selection: what it chose, with the reasons, and whether it is the present visit's."""

    selection: Selection
    is_present: bool
    chosen: Sequence[tuple[SelectionOutcome, Contribution]]


def selections(
    session: Session, deliverable_id: UUID, *, by: Actor, before: int | None = None, limit: int | None = None
) -> Sequence[Selected]:
    """What was chosen for the deliverable in each of its visits, the newest first, up to `limit` older than `before`: for its people."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.VIEW_SELECTION, on=deliverable)
    query = select(Selection).where(Selection.deliverable_id == deliverable.id).order_by(Selection.visit.desc()).limit(limit)
    found = session.scalars(query.where(Selection.visit < before) if before else query).all()
    chosen = (
        select(SelectionOutcome, Contribution)
        .join(Contribution, Contribution.id == SelectionOutcome.contribution_id)
        .where(SelectionOutcome.deliverable_id == deliverable.id)
    )
    chosen = chosen.where(SelectionOutcome.chosen, SelectionOutcome.visit.in_([s.visit for s in found]))
    rows = session.execute(chosen.order_by(SelectionOutcome.contribution_id)).all()
    return [Selected(s, deliverable.visit == s.visit, [row for row in rows if row[0].visit == s.visit]) for s in found]


def chosen_contributions(session: Session, deliverable_id: UUID) -> set[UUID]:
    """The contributions that the deliverable's newest selection chose."""
    newest = select(func.max(Selection.visit)).where(Selection.deliverable_id == deliverable_id).scalar_subquery()
    return set(
        session.scalars(
            select(SelectionOutcome.contribution_id).where(
                SelectionOutcome.deliverable_id == deliverable_id, SelectionOutcome.visit == newest, SelectionOutcome.chosen
            )
        )
    )


def chosen_counts(session: Session, deliverables: Collection[Deliverable]) -> dict[UUID, int]:
    """How many contributions the newest selection of each of these deliverables chose; only those that have a selection."""
    newest = select(Selection.deliverable_id, func.max(Selection.visit).label("visit")).group_by(Selection.deliverable_id).subquery()
    query = (
        select(newest.c.deliverable_id, func.count(SelectionOutcome.contribution_id).filter(SelectionOutcome.chosen))
        .outerjoin(
            SelectionOutcome, and_(SelectionOutcome.deliverable_id == newest.c.deliverable_id, SelectionOutcome.visit == newest.c.visit)
        )
        .where(one_of(newest.c.deliverable_id, [t.id for t in deliverables]))
        .group_by(newest.c.deliverable_id)
    )
    return dict(session.execute(query).all())


def chosen_here() -> ColumnElement[list[UUID]]:
    """The contributions chosen by the newest selection of a deliverable that still take part, asked beside the deliverables that are looked
    at."""
    newest = select(func.max(Selection.visit)).where(Selection.deliverable_id == Deliverable.id).correlate(Deliverable).scalar_subquery()
    query = select(SelectionOutcome.contribution_id).join(Contribution, Contribution.id == SelectionOutcome.contribution_id)
    query = query.where(
        SelectionOutcome.deliverable_id == Deliverable.id, SelectionOutcome.chosen, SelectionOutcome.visit == newest, TAKES_PART
    ).correlate(Deliverable)
    return func.array(query.scalar_subquery(), type_=ARRAY(Uuid()))


def outcomes(
    session: Session, contribution_id: UUID, *, by: Actor, after: tuple[UUID, int] | None = None, limit: int | None = None
) -> Sequence[tuple[SelectionOutcome, Selection, Deliverable]]:
    """What each published selection said about the contribution, the newest first: for its makers by their own word, and for whoever
    chooses.

    Up to `limit`, behind what was said for the deliverable and visit `after`.
    """
    contribution = find_contribution(session, contribution_id, by=by)
    if not (by.person_id and is_confirmed_maker(session, contribution_id, by)) and not by.may(Permission.SELECT, on=contribution):
        raise NotItsMaker(_("Only the makers of this contribution can read why it was chosen or not."))
    query = (
        select(SelectionOutcome, Selection, Deliverable)
        .join(Selection, and_(Selection.deliverable_id == SelectionOutcome.deliverable_id, Selection.visit == SelectionOutcome.visit))
        .join(Deliverable, Deliverable.id == SelectionOutcome.deliverable_id)
        .where(SelectionOutcome.contribution_id == contribution_id)
        .order_by(Selection.published_at.desc(), Deliverable.number, Selection.visit.desc())
    )
    if after:
        query = query.where(tuple_(Selection.published_at, -Deliverable.number, Selection.visit) < _said_in(*after))
    return session.execute(query.limit(limit)).all()


def _said_in(deliverable_id: UUID, visit: int) -> ScalarSelect[tuple[datetime, int, int]]:
    """Where a selection stands among those that said something about a contribution."""
    published, deliverable = aliased(Selection), aliased(Deliverable)
    query = select(published.published_at, -deliverable.number, published.visit).join(
        deliverable, deliverable.id == published.deliverable_id
    )
    return query.where(published.deliverable_id == deliverable_id, published.visit == visit).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Fate:
    """What the newest selection of one deliverable said of a contribution."""

    deliverable: str
    chosen: bool
    reason: str


def fates_of(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, list[Fate]]:
    """For each of these contributions what each deliverable's newest selection said of it, those that chose it first; one query."""
    query = (
        select(SelectionOutcome, Deliverable)
        .join(Selection, and_(Selection.deliverable_id == SelectionOutcome.deliverable_id, Selection.visit == SelectionOutcome.visit))
        .join(Deliverable, Deliverable.id == SelectionOutcome.deliverable_id)
        .where(SelectionOutcome.contribution_id.in_(contribution_ids))
        .ext(distinct_on(SelectionOutcome.contribution_id, Deliverable.number))
        .order_by(SelectionOutcome.contribution_id, Deliverable.number, SelectionOutcome.visit.desc())
    )
    fates: dict[UUID, list[Fate]] = {contribution_id: [] for contribution_id in contribution_ids}
    for outcome, deliverable in session.execute(query):
        fates[outcome.contribution_id].append(Fate(deliverable.title, outcome.chosen, outcome.reason))
    return {contribution_id: sorted(found, key=lambda fate: not fate.chosen) for contribution_id, found in fates.items()}

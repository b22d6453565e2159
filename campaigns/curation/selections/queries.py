"""What was chosen for a deliverable, and what its selection said of each work."""

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
from campaigns.curation.models import Outcome, Selection
from campaigns.open_call.models import TAKES_PART, Contribution
from campaigns.open_call.queries import find_work, is_confirmed_maker


@dataclass(frozen=True, slots=True)
class Selected:
    """A published selection: what it chose, with the reasons, and whether it is the present visit's."""

    selection: Selection
    is_present: bool
    chosen: Sequence[tuple[Outcome, Contribution]]


def selections(
    session: Session, deliverable_id: UUID, *, by: Actor, before: int | None = None, limit: int | None = None
) -> Sequence[Selected]:
    """What was chosen for the deliverable in each of its visits, the newest first, up to `limit` older than `before`: for its people."""
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.VIEW_SELECTION, on=deliverable)
    query = select(Selection).where(Selection.deliverable_id == deliverable.id).order_by(Selection.visit.desc()).limit(limit)
    found = session.scalars(query.where(Selection.visit < before) if before else query).all()
    chosen = (
        select(Outcome, Contribution).join(Contribution, Contribution.id == Outcome.work_id).where(Outcome.deliverable_id == deliverable.id)
    )
    chosen = chosen.where(Outcome.chosen, Outcome.visit.in_([s.visit for s in found]))
    rows = session.execute(chosen.order_by(Outcome.work_id)).all()
    return [Selected(s, deliverable.visit == s.visit, [row for row in rows if row[0].visit == s.visit]) for s in found]


def chosen_works(session: Session, deliverable_id: UUID) -> set[UUID]:
    """The works that the deliverable's newest selection chose."""
    newest = select(func.max(Selection.visit)).where(Selection.deliverable_id == deliverable_id).scalar_subquery()
    return set(
        session.scalars(select(Outcome.work_id).where(Outcome.deliverable_id == deliverable_id, Outcome.visit == newest, Outcome.chosen))
    )


def chosen_counts(session: Session, deliverables: Collection[Deliverable]) -> dict[UUID, int]:
    """How many works the newest selection of each of these deliverables chose; only those that have a selection."""
    newest = select(Selection.deliverable_id, func.max(Selection.visit).label("visit")).group_by(Selection.deliverable_id).subquery()
    query = (
        select(newest.c.deliverable_id, func.count(Outcome.work_id).filter(Outcome.chosen))
        .outerjoin(Outcome, and_(Outcome.deliverable_id == newest.c.deliverable_id, Outcome.visit == newest.c.visit))
        .where(one_of(newest.c.deliverable_id, [t.id for t in deliverables]))
        .group_by(newest.c.deliverable_id)
    )
    return dict(session.execute(query).all())


def chosen_here() -> ColumnElement[list[UUID]]:
    """The works chosen by the newest selection of a deliverable that still take part, asked beside the deliverables that are looked at."""
    newest = select(func.max(Selection.visit)).where(Selection.deliverable_id == Deliverable.id).correlate(Deliverable).scalar_subquery()
    query = select(Outcome.work_id).join(Contribution, Contribution.id == Outcome.work_id)
    query = query.where(Outcome.deliverable_id == Deliverable.id, Outcome.chosen, Outcome.visit == newest, TAKES_PART).correlate(
        Deliverable
    )
    return func.array(query.scalar_subquery(), type_=ARRAY(Uuid()))


def outcomes(
    session: Session, work_id: UUID, *, by: Actor, after: tuple[UUID, int] | None = None, limit: int | None = None
) -> Sequence[tuple[Outcome, Selection, Deliverable]]:
    """What each published selection said about the work, the newest first: for its makers by their own word, and for whoever chooses.

    Up to `limit`, behind what was said for the deliverable and visit `after`.
    """
    work = find_work(session, work_id, by=by)
    if not (by.person_id and is_confirmed_maker(session, work_id, by)) and not by.may(Permission.SELECT, on=work):
        raise NotItsMaker(_("Only the makers of this work can read why it was chosen or not."))
    query = (
        select(Outcome, Selection, Deliverable)
        .join(Selection, and_(Selection.deliverable_id == Outcome.deliverable_id, Selection.visit == Outcome.visit))
        .join(Deliverable, Deliverable.id == Outcome.deliverable_id)
        .where(Outcome.work_id == work_id)
        .order_by(Selection.published_at.desc(), Deliverable.number, Selection.visit.desc())
    )
    if after:
        query = query.where(tuple_(Selection.published_at, -Deliverable.number, Selection.visit) < _said_in(*after))
    return session.execute(query.limit(limit)).all()


def _said_in(deliverable_id: UUID, visit: int) -> ScalarSelect[tuple[datetime, int, int]]:
    """Where a selection stands among those that said something about a work."""
    published, deliverable = aliased(Selection), aliased(Deliverable)
    query = select(published.published_at, -deliverable.number, published.visit).join(
        deliverable, deliverable.id == published.deliverable_id
    )
    return query.where(published.deliverable_id == deliverable_id, published.visit == visit).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Fate:
    """What the newest selection of one deliverable said of a work."""

    deliverable: str
    chosen: bool
    reason: str


def fates_of(session: Session, work_ids: Collection[UUID]) -> dict[UUID, list[Fate]]:
    """For each of these works what each deliverable's newest selection said of it, those that chose it first; one query."""
    query = (
        select(Outcome, Deliverable)
        .join(Selection, and_(Selection.deliverable_id == Outcome.deliverable_id, Selection.visit == Outcome.visit))
        .join(Deliverable, Deliverable.id == Outcome.deliverable_id)
        .where(Outcome.work_id.in_(work_ids))
        .ext(distinct_on(Outcome.work_id, Deliverable.number))
        .order_by(Outcome.work_id, Deliverable.number, Outcome.visit.desc())
    )
    fates: dict[UUID, list[Fate]] = {work_id: [] for work_id in work_ids}
    for outcome, deliverable in session.execute(query):
        fates[outcome.work_id].append(Fate(deliverable.title, outcome.chosen, outcome.reason))
    return {work_id: sorted(found, key=lambda fate: not fate.chosen) for work_id, found in fates.items()}

"""What a version of a proposal changed against the one before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor, Person
from campaigns.payout.models import Line, Proposal
from campaigns.payout.queries import told_in


@dataclass(frozen=True, slots=True)
class Change:
    """Whose amount differs from the version before, in minor units; 0 where there is no line."""

    person_id: UUID
    name: str
    before: int
    amount: int


def changes(session: Session, proposal: Proposal, *, by: Actor, skip: int = 0, limit: int | None = None) -> Sequence[Change]:
    """Whose amount differs from the version before, the largest loss first, `skip` of them left out; nothing for the first version."""
    moved = _moved(proposal)
    place = (moved.c.amount - moved.c.before, moved.c.person_id)
    some = select(moved).order_by(*place).offset(skip).limit(limit).subquery()
    query = select(Person.id, told_in(proposal, by), some.c.before, some.c.amount).join(some, some.c.person_id == Person.id)
    query = query.order_by(some.c.amount - some.c.before, Person.id)
    return [Change(*row) for row in session.execute(query)] if proposal.number > 1 else []


def change_count(session: Session, proposal: Proposal) -> int:
    """Of how many people the amount differs from the version before."""
    return session.scalars(select(func.count()).select_from(_moved(proposal))).one() if proposal.number > 1 else 0


def amounts_before(session: Session, proposal: Proposal, people: Collection[UUID]) -> dict[UUID, int]:
    """What those of these people had in the version before whose amount differs from it."""
    moved = _moved(proposal, Line.person_id.in_(people))
    query = select(moved.c.person_id, moved.c.before)
    return dict(session.execute(query).all()) if proposal.number > 1 else {}


def _moved(proposal: Proposal, *among: ColumnElement[bool]) -> Subquery:
    """Everyone among these whose amount differs from the version before; 0 where there is no line."""
    before = select(Proposal.id).where(Proposal.track_id == proposal.track_id, Proposal.number == proposal.number - 1).scalar_subquery()
    old = select(Line.person_id, Line.amount).where(Line.proposal_id == before, *among).subquery()
    new = select(Line.person_id, Line.amount).where(Line.proposal_id == proposal.id, *among).subquery()
    now, was = func.coalesce(new.c.amount, 0), func.coalesce(old.c.amount, 0)
    person = func.coalesce(new.c.person_id, old.c.person_id)
    both = new.outerjoin(old, new.c.person_id == old.c.person_id, full=True)
    return select(person.label("person_id"), was.label("before"), now.label("amount")).select_from(both).where(now != was).subquery()

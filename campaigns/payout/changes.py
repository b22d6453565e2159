"""What a version of a proposal changed against the one before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, exists, func, select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor, Person
from campaigns.payout.models import Proposal, ProposalLine
from campaigns.payout.queries import told_in


@dataclass(frozen=True, slots=True)
class LineChange:
    """Whose amount differs from the version before, in minor units; 0 where there is no line."""

    person_id: UUID
    name: str
    before: int
    amount: int


def changes(session: Session, proposal: Proposal, *, by: Actor) -> Sequence[LineChange]:
    """Whose amount differs from the version before, the largest loss first; nothing for the first version."""
    return some_changes(session, proposal, by=by, limit=None)[0]


def some_changes(session: Session, proposal: Proposal, *, by: Actor, skip: int = 0, limit: int | None) -> tuple[Sequence[LineChange], int]:
    """Up to `limit` of the changes but for the first `skip`, and how many there are in all."""
    if not _is_later(session, proposal):
        return [], 0
    moved = _moved(proposal)
    place = (moved.c.amount - moved.c.before, moved.c.person_id)
    some = select(moved, func.count().over().label("of_all")).order_by(*place).offset(skip).limit(limit).subquery()
    query = select(some.c.of_all, Person.id, told_in(proposal, by), some.c.before, some.c.amount)
    query = query.join(some, some.c.person_id == Person.id).order_by(some.c.amount - some.c.before, Person.id)
    rows = session.execute(query).all()
    return [LineChange(*row[1:]) for row in rows], rows[0].of_all if rows else 0


def amounts_before(session: Session, proposal: Proposal, people: Collection[UUID]) -> dict[UUID, int]:
    """What those of these people had in the version before whose amount differs from it."""
    if not _is_later(session, proposal):
        return {}
    moved = _moved(proposal, ProposalLine.person_id.in_(people))
    return dict(session.execute(select(moved.c.person_id, moved.c.before)).all())


def _is_later(session: Session, proposal: Proposal) -> bool:
    """Whether a version came before it; the first about a kill fee has none before, whatever was proposed for the whole price."""
    return bool(proposal.number > 1 and session.scalar(select(exists().where(*_before(proposal)))))


def _before(proposal: Proposal) -> tuple[ColumnElement[bool], ...]:
    return (Proposal.deliverable_id == proposal.deliverable_id, Proposal.visit == proposal.visit, Proposal.number == proposal.number - 1)


def _moved(proposal: Proposal, *among: ColumnElement[bool]) -> Subquery:
    """Everyone among these whose amount differs from the version before; 0 where there is no line."""
    before = select(Proposal.id).where(*_before(proposal)).scalar_subquery()
    old = select(ProposalLine.person_id, ProposalLine.amount).where(ProposalLine.proposal_id == before, *among).subquery()
    new = select(ProposalLine.person_id, ProposalLine.amount).where(ProposalLine.proposal_id == proposal.id, *among).subquery()
    now, was = func.coalesce(new.c.amount, 0), func.coalesce(old.c.amount, 0)
    person = func.coalesce(new.c.person_id, old.c.person_id)
    both = new.outerjoin(old, new.c.person_id == old.c.person_id, full=True)
    return select(person.label("person_id"), was.label("before"), now.label("amount")).select_from(both).where(now != was).subquery()

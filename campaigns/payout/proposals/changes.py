"""What a version of a proposal changed against the one before, and what would change if an edge, a weight or points were otherwise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, exists, func, select
from sqlalchemy.orm import Session

from campaigns.collaboration.lineage.queries import lineage_of
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import UnknownContribution
from campaigns.core.people import Actor, Person
from campaigns.core.words import _
from campaigns.open_call.models import TAKES_PART, Contribution
from campaigns.payout.errors import NotAComponent
from campaigns.payout.models import Proposal, ProposalLine
from campaigns.payout.proposals.actions import amounts_of
from campaigns.payout.proposals.inputs import contributions_of
from campaigns.payout.proposals.queries import credited, told_in
from campaigns.payout.split import Composition, Inputs, Kind, LineageContribution, LineageSource, from_canonical, split, trace


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


@dataclass(frozen=True, slots=True)
class OtherEdge:
    """An edge as it might be; with a weight of 0 it is not there."""

    contribution: UUID
    source: UUID
    kind: Kind
    weight: int


def what_if(
    session: Session, proposal: Proposal, points: Mapping[UUID, int], edges: Sequence[OtherEdge], *, by: Actor
) -> Sequence[LineChange]:
    """Whose amount would differ from the proposal's, the largest loss first; raises InvalidLineage, NotAComponent, UnknownContribution."""
    frozen = from_canonical(proposal.inputs)
    before = amounts_of(split(frozen))
    now = amounts_of(split(_otherwise(session, proposal, frozen, points, edges)))
    names = credited(session, proposal, before.keys() | now.keys(), by=by)
    changes = [LineChange(person, names[person], before.get(person, 0), now.get(person, 0)) for person in names]
    moved = [change for change in changes if change.before != change.amount]
    return sorted(moved, key=lambda change: (change.amount - change.before, change.person_id))


def _otherwise(session: Session, proposal: Proposal, frozen: Inputs, points: Mapping[UUID, int], edges: Sequence[OtherEdge]) -> Inputs:
    given = {str(contribution): own for contribution, own in points.items()}
    if given.keys() - frozen.composition.components.keys():
        raise NotAComponent(_("A listed contribution is not in the approved version."), field="points")
    contributions = dict(frozen.lineage.contributions)
    contributions |= _further_contributions(
        session, proposal, {end for edge in edges for end in (edge.contribution, edge.source) if str(end) not in contributions}
    )
    for edge in edges:
        contributions[str(edge.contribution)] = _with_edge(contributions[str(edge.contribution)], edge)
    return replace(
        frozen,
        lineage=trace(contributions.values()),
        composition=Composition(dict(frozen.composition.components) | given, frozen.composition.makers),
    )


def _further_contributions(session: Session, proposal: Proposal, missing: set[UUID]) -> dict[str, LineageContribution]:
    """The campaign's contributions that are not in the lineage yet, and all that led to them."""
    if not missing:
        return {}
    campaign_id = session.get_one(Deliverable, proposal.deliverable_id).campaign_id
    taking_part = (Contribution.campaign_id == campaign_id, TAKES_PART)
    if set(session.scalars(select(Contribution.id).where(Contribution.id.in_(missing), *taking_part))) != missing:
        raise UnknownContribution(_("A listed contribution is not in this campaign."), field="edges")
    return {contribution.id: contribution for contribution in contributions_of(lineage_of(session, missing))}


def _with_edge(contribution: LineageContribution, edge: OtherEdge) -> LineageContribution:
    others = [source for source in contribution.sources if source.contribution != str(edge.source)]
    return replace(contribution, sources=(*others, *([LineageSource(str(edge.source), edge.kind, edge.weight)] if edge.weight else [])))

"""What would move if an edge, a weight or points were otherwise: computed, shown, and not stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.collaboration.lineage import lineage_of
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import UnknownWork
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.open_call.models import TAKES_PART, Contribution
from campaigns.payout.changes import LineChange
from campaigns.payout.errors import NotAComponent
from campaigns.payout.gathering import works_of
from campaigns.payout.models import Proposal
from campaigns.payout.proposing import amounts_of
from campaigns.payout.queries import credited
from campaigns.payout.split import Composition, Inputs, Kind, LineageContribution, LineageSource, from_canonical, split, trace


@dataclass(frozen=True, slots=True)
class OtherEdge:
    """An edge as it might be; with a weight of 0 it is not there."""

    work: UUID
    source: UUID
    kind: Kind
    weight: int


def what_if(
    session: Session, proposal: Proposal, points: Mapping[UUID, int], edges: Sequence[OtherEdge], *, by: Actor
) -> Sequence[LineChange]:
    """Whose amount would differ from the proposal's, the largest loss first; raises InvalidLineage, NotAComponent, UnknownWork."""
    frozen = from_canonical(proposal.inputs)
    before = amounts_of(split(frozen))
    now = amounts_of(split(_otherwise(session, proposal, frozen, points, edges)))
    names = credited(session, proposal, before.keys() | now.keys(), by=by)
    changes = [LineChange(person, names[person], before.get(person, 0), now.get(person, 0)) for person in names]
    moved = [change for change in changes if change.before != change.amount]
    return sorted(moved, key=lambda change: (change.amount - change.before, change.person_id))


def _otherwise(session: Session, proposal: Proposal, frozen: Inputs, points: Mapping[UUID, int], edges: Sequence[OtherEdge]) -> Inputs:
    given = {str(work): own for work, own in points.items()}
    if given.keys() - frozen.composition.components.keys():
        raise NotAComponent(_("A listed work is not in the approved version."), field="points")
    works = dict(frozen.lineage.works)
    works |= _further_works(session, proposal, {end for edge in edges for end in (edge.work, edge.source) if str(end) not in works})
    for edge in edges:
        works[str(edge.work)] = _with_edge(works[str(edge.work)], edge)
    return replace(
        frozen,
        lineage=trace(works.values()),
        composition=Composition(dict(frozen.composition.components) | given, frozen.composition.makers),
    )


def _further_works(session: Session, proposal: Proposal, missing: set[UUID]) -> dict[str, LineageContribution]:
    """The campaign's works that are not in the lineage yet, and all that led to them."""
    if not missing:
        return {}
    campaign_id = session.get_one(Deliverable, proposal.deliverable_id).campaign_id
    taking_part = (Contribution.campaign_id == campaign_id, TAKES_PART)
    if set(session.scalars(select(Contribution.id).where(Contribution.id.in_(missing), *taking_part))) != missing:
        raise UnknownWork(_("A listed work is not in this campaign."), field="edges")
    return {work.id: work for work in works_of(lineage_of(session, missing))}


def _with_edge(work: LineageContribution, edge: OtherEdge) -> LineageContribution:
    others = [source for source in work.sources if source.work != str(edge.source)]
    return replace(work, sources=(*others, *([LineageSource(str(edge.source), edge.kind, edge.weight)] if edge.weight else [])))

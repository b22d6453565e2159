"""A contribution's lineage and sources as people see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Select, any_, select
from sqlalchemy.orm import Session

from campaigns.collaboration.errors import JudgesBlind
from campaigns.collaboration.lineage.queries import Direction, Kin, ancestors, descendants
from campaigns.collaboration.models import Source, SourceState
from campaigns.core.db import all_of
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.open_call.credits import Credit, credits_of
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.queries import find_contribution, is_confirmed_maker, judges_blind, shows_contributions

Claims: TypeAlias = Select[Source, Contribution, Contribution]
SHOWN = (ContributionState.SCREENED_IN, ContributionState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Relative:
    """A contribution of a lineage, so many steps away; of one that was taken down there is only its place."""

    id: UUID
    generation: int
    contribution: Contribution | None
    credits: Sequence[Credit]


@dataclass(frozen=True, slots=True)
class Family:
    """One side of a contribution's lineage, the nearest first, and the confirmed edges in it."""

    relatives: Sequence[Relative]
    sources: Sequence[Source]


def family(session: Session, contribution_id: UUID, direction: Direction, *, by: Actor) -> Family:
    """One side of the contribution's lineage, over all generations; the contribution alone for whoever is shown no other of its campaign.

    Raises JudgesBlind for those who curate here.
    """
    start = find_contribution(session, contribution_id, by=by)
    require_sighted(by, start)
    kin = _kin(session, start, direction, by)
    contributions = {w.id: w for w in session.scalars(select(Contribution).where(Contribution.id == any_(all_of(kin.generations))))}
    seen = {contribution_id, *(w.id for w in contributions.values() if w.state in SHOWN)}
    there = [contribution_id, *(w.id for w in contributions.values() if w.state is ContributionState.SCREENED_IN)]
    credits_ = credits_of(session, there, to=by.person_id)
    relatives = [
        Relative(key, generation, contributions[key] if key in credits_ else None, credits_.get(key, []))
        for key, generation in kin.generations.items()
        if key in seen
    ]
    return Family(relatives, [s for s in kin.sources if {s.contribution_id, s.source_id} <= seen])


def _kin(session: Session, contribution: Contribution, direction: Direction, by: Actor) -> Kin:
    if not shows_contributions(session, contribution.campaign_id, by=by):
        return Kin({contribution.id: 0}, [])
    return ancestors(session, contribution.id) if direction is Direction.UP else descendants(session, contribution.id)


def sources(session: Session, contribution_id: UUID, *, by: Actor) -> Sequence[Source]:
    """The contribution's edges to older contributions: the confirmed ones, and for its makers those that are open or declined too.

    None for whoever is shown no other contribution of its campaign.
    """
    contribution = find_contribution(session, contribution_id, by=by)
    require_sighted(by, contribution)
    if not shows_contributions(session, contribution.campaign_id, by=by):
        return []
    query = select(Source).where(Source.contribution_id == contribution_id).order_by(Source.source_id)
    if not is_confirmed_maker(session, contribution_id, by):
        query = query.where(Source.state == SourceState.CONFIRMED)
    return session.scalars(query).all()


def require_sighted(by: Actor, contribution: Contribution) -> None:
    """Whoever curates here sees no lineage; raises JudgesBlind."""
    if judges_blind(by, contribution):
        raise JudgesBlind(_("You are a curator of this campaign, so you cannot see who made a contribution or how often it was used."))

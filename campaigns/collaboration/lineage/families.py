"""A work's lineage and sources as people see them."""

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
from campaigns.open_call.models import Contribution, WorkState
from campaigns.open_call.queries import find_work, is_confirmed_maker, judges_blind, shows_contributions

Claims: TypeAlias = Select[Source, Contribution, Contribution]
SHOWN = (WorkState.SCREENED_IN, WorkState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Relative:
    """A work of a lineage, so many steps away; of one that was taken down there is only its place."""

    id: UUID
    generation: int
    work: Contribution | None
    credits: Sequence[Credit]


@dataclass(frozen=True, slots=True)
class Family:
    """One side of a work's lineage, the nearest first, and the confirmed edges in it."""

    relatives: Sequence[Relative]
    sources: Sequence[Source]


def family(session: Session, work_id: UUID, direction: Direction, *, by: Actor) -> Family:
    """One side of the work's lineage, over all generations; the work alone for whoever is shown no other of its campaign.

    Raises JudgesBlind for those who curate here.
    """
    start = find_work(session, work_id, by=by)
    require_sighted(by, start)
    kin = _kin(session, start, direction, by)
    works = {w.id: w for w in session.scalars(select(Contribution).where(Contribution.id == any_(all_of(kin.generations))))}
    seen = {work_id, *(w.id for w in works.values() if w.state in SHOWN)}
    there = [work_id, *(w.id for w in works.values() if w.state is WorkState.SCREENED_IN)]
    credits_ = credits_of(session, there, to=by.person_id)
    relatives = [
        Relative(key, generation, works[key] if key in credits_ else None, credits_.get(key, []))
        for key, generation in kin.generations.items()
        if key in seen
    ]
    return Family(relatives, [s for s in kin.sources if {s.work_id, s.source_id} <= seen])


def _kin(session: Session, work: Contribution, direction: Direction, by: Actor) -> Kin:
    if not shows_contributions(session, work.campaign_id, by=by):
        return Kin({work.id: 0}, [])
    return ancestors(session, work.id) if direction is Direction.UP else descendants(session, work.id)


def sources(session: Session, work_id: UUID, *, by: Actor) -> Sequence[Source]:
    """The work's edges to older works: the confirmed ones, and for its makers those that are open or declined too.

    None for whoever is shown no other work of its campaign.
    """
    work = find_work(session, work_id, by=by)
    require_sighted(by, work)
    if not shows_contributions(session, work.campaign_id, by=by):
        return []
    query = select(Source).where(Source.work_id == work_id).order_by(Source.source_id)
    if not is_confirmed_maker(session, work_id, by):
        query = query.where(Source.state == SourceState.CONFIRMED)
    return session.scalars(query).all()


def require_sighted(by: Actor, work: Contribution) -> None:
    """Whoever curates here sees no lineage; raises JudgesBlind."""
    if judges_blind(by, work):
        raise JudgesBlind(_("You are a curator of this campaign, so you cannot see who made a work or how often it was used."))

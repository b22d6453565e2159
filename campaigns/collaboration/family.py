"""A work's lineage and sources as people see them, and the claims that wait for someone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, any_, exists, or_, select, union
from sqlalchemy.orm import Session, aliased

from campaigns.collaboration.errors import JudgesBlind
from campaigns.collaboration.lineage import Column, Direction, Kin, ancestors, descendants
from campaigns.collaboration.models import IS_DISPUTED, IS_OPEN, Party, Source, SourceState
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.db import all_of
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.blind import BlindWork, blind_works
from campaigns.open_call.crediting import CONFIRMED, Credit, credits_of
from campaigns.open_call.models import Contribution, Maker, WorkState
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


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """A claim that waits for someone's answer, with the two works that it is about."""

    source: Source
    work: Contribution
    older: Contribution


@dataclass(frozen=True, slots=True)
class BlindClaim:
    """A claim as curators see it: the two works without their makers."""

    source: Source
    work: BlindWork
    older: BlindWork


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


def claims_to_answer(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30) -> list[OpenClaim]:
    """The open claims that the actor may confirm or decline, newest first."""
    work, older = aliased(Contribution), aliased(Contribution)
    mine = _made_by(by).where(CONFIRMED)
    asked_of = ((Source.source_id, Party.WORK), (Source.work_id, Party.SOURCE))
    still_open = Source.state == SourceState.OPEN
    other_side = union(*(select(Source.id).where(end.in_(mine), Source.claimed_as == party, still_open) for end, party in asked_of))
    different_people = or_(_someone_only_of(Source.work_id, Source.source_id), _someone_only_of(Source.source_id, Source.work_id))
    query = _claims(work, older, IS_OPEN).where(Source.id.in_(other_side), different_people, Source.claimed_by != by.person)
    return [OpenClaim(*row) for row in session.execute(_page(query, after, limit))]


def open_claims(session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> list[BlindClaim]:
    """The campaign's claims that are open, or stop a version because they are disputed, newest first and blind, for the curators.

    Those about one's own works are left out.
    """
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.DECIDE_SOURCE, on=campaign)
    work, older = aliased(Contribution), aliased(Contribution)
    mine = _made_by(by)
    query = _claims(work, older, or_(IS_OPEN, IS_DISPUTED)).where(
        work.campaign_id == campaign_id, Source.work_id.not_in(mine), Source.source_id.not_in(mine)
    )
    rows = session.execute(_page(query, after, limit)).all()
    works = {one.id: one for row in rows for one in row[1:]}
    blind = {one.id: one for one in blind_works(session, list(works.values()))}
    return [BlindClaim(source, blind[source.work_id], blind[source.source_id]) for source, _work, _older in rows]


def _claims(work: type[Contribution], older: type[Contribution], such: ColumnElement[bool]) -> Claims:
    query = select(Source, work, older).join(work, work.id == Source.work_id).join(older, older.id == Source.source_id)
    query = query.join(Campaign, Campaign.id == work.campaign_id).where(Campaign.settled_at.is_(None), Campaign.done_at.is_(None))
    return query.where(such, work.state == WorkState.SCREENED_IN)


def _page(query: Claims, after: UUID | None, limit: int) -> Claims:
    query = query.where(Source.id < after) if after else query
    return query.order_by(Source.id.desc()).limit(limit)


def _made_by(by: Actor) -> Select[UUID]:
    return select(Maker.contribution_id).where(Maker.person_id == by.person)


def _someone_only_of(one: Column, other: Column) -> Exists:
    """Whether someone made the one work by their own word and not the other."""
    of_other = select(Maker.person_id).where(Maker.contribution_id == other, CONFIRMED).correlate(Source)
    return exists().where(Maker.contribution_id == one, CONFIRMED, Maker.person_id.not_in(of_other)).correlate(Source)


def require_sighted(by: Actor, work: Contribution) -> None:
    """Whoever curates here sees no lineage; raises JudgesBlind."""
    if judges_blind(by, work):
        raise JudgesBlind(_("You are a curator of this campaign, so you cannot see who made a work or how often it was used."))

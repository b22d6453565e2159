"""What there is to see of the collaboration: who made what, which claims are open, and until when contributions may be built on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.collaboration.errors import NoSuchSource
from campaigns.collaboration.models import IS_OPEN, CollaborationWindow, Party, Source
from campaigns.core.campaign import Deliverable
from campaigns.core.db import given, one_of
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.open_call.credits import CONFIRMED
from campaigns.open_call.models import TAKES_PART, Contribution, Maker, OpenCall
from campaigns.open_call.queries import find_contribution


@dataclass(frozen=True, slots=True)
class CollaborationVisit:
    """A deliverable's present visit to collaboration, the zone its times are said in, and its campaign's call while that is open."""

    window: CollaborationWindow
    time_zone: str
    call: OpenCall | None


def standings(session: Session, deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, CollaborationVisit]:
    """The window of each deliverable's present visit with its campaign's zone and its call, in one query."""
    rows = session.execute(_standings(), {"ids": [t.id for t in deliverables], "at": at})
    return {row[0].deliverable_id: CollaborationVisit(*row) for row in rows}


@lru_cache
def _standings() -> Select[CollaborationWindow, str, OpenCall | None]:
    still_open = and_(OpenCall.campaign_id == Deliverable.campaign_id, OpenCall.closes_at > bindparam("at"))
    query = (
        select(CollaborationWindow, Brief.time_zone, OpenCall)
        .join(Deliverable, _present())
        .join(Brief, Brief.campaign_id == Deliverable.campaign_id)
    )
    return query.outerjoin(OpenCall, still_open).where(given(Deliverable.id))


def is_remixing_open(session: Session, campaign_id: UUID, *, at: datetime) -> bool:
    """Whether some deliverable is in the campaign's open call or in collaboration, before the close of the call or of its present visit."""
    rows = session.execute(_periods(), {"campaign": campaign_id})
    return any(period is not None and period.is_open(at) for row in rows for period in row)


@lru_cache
def _periods() -> Select[OpenCall | None, CollaborationWindow | None]:
    return (
        select(OpenCall, CollaborationWindow)
        .select_from(Deliverable)
        .outerjoin(OpenCall, OpenCall.campaign_id == Deliverable.campaign_id)
        .outerjoin(CollaborationWindow, _present())
        .where(Deliverable.campaign_id == bindparam("campaign"), Deliverable.stage.in_([Stage.OPEN_CALL, Stage.COLLABORATION]))
    )


def find_source(
    session: Session, contribution_id: UUID, source_id: UUID, permission: Permission, *, by: Actor
) -> tuple[Source, Contribution]:
    """The edge, held until the transaction ends, and its contribution, for whoever holds `permission`; raises NoSuchContribution and
    NoSuchSource."""
    contribution = find_contribution(session, contribution_id, by=by)
    by.require(permission, on=contribution)
    source = session.get(Source, (contribution_id, source_id), with_for_update=True, populate_existing=True)
    if source is None or not concerns(session, contribution, source_id, by=by):
        raise NoSuchSource(_("This contribution has no such source."))
    return source, contribution


def concerns(session: Session, contribution: Contribution, source_id: UUID, *, by: Actor) -> bool:
    """Whether what is claimed of these two contributions, though it may never count, is the actor's to know: as a maker of one, or to
    decide it."""
    if by.may(Permission.DECIDE_SOURCE, on=contribution):
        return True
    return any(by.person in made for made in makers_of(session, [contribution.id, source_id]).values())


def makers_of(session: Session, contribution_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Who made each of these contributions by their own word: whoever was only named speaks for no side."""
    made: dict[UUID, set[UUID]] = {contribution_id: set() for contribution_id in contribution_ids}
    for maker in session.scalars(select(Maker).where(one_of(Maker.contribution_id, contribution_ids), CONFIRMED)):
        made[maker.contribution_id].add(maker.person_id)
    return made


def has_interest(session: Session, contribution_ids: Collection[UUID], *, by: Actor) -> bool:
    """Whether the actor made one of these contributions, or was named as its maker."""
    made = exists().where(one_of(Maker.contribution_id, contribution_ids), Maker.person_id == by.person)
    return bool(session.scalar(select(made)))


def side_of(by: Actor, of_contribution: set[UUID], of_source: set[UUID]) -> Party | None:
    """For which side the actor speaks: whoever made both contributions speaks for the one that leaves someone else to answer."""
    if by.person in of_contribution and (of_source - {by.person} or by.person not in of_source):
        return Party.CONTRIBUTION
    return Party.SOURCE if by.person in of_source else None


def deciders(source: Source, makers: dict[UUID, set[UUID]]) -> set[UUID]:
    """Who may answer the claim for the other side: nobody where both sides are the same people, or where a curator claimed."""
    contribution, older = makers[source.contribution_id], makers[source.source_id]
    if contribution == older or source.claimed_as is Party.CURATOR:
        return set()
    return (older if source.claimed_as is Party.CONTRIBUTION else contribution) - {source.claimed_by}


def open_claim_counts(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many claims of each campaign are open, of contributions that take part."""
    return dict(session.execute(_open_claims(), {"ids": list(campaign_ids)}).all())


@lru_cache
def _open_claims() -> Select[UUID, int]:
    query = select(Contribution.campaign_id, func.count()).join(Source, Source.contribution_id == Contribution.id)
    query = query.where(given(Contribution.campaign_id), TAKES_PART, IS_OPEN)
    return query.group_by(Contribution.campaign_id)


def _present() -> ColumnElement[bool]:
    return and_(CollaborationWindow.deliverable_id == Deliverable.id, CollaborationWindow.visit == Deliverable.visit)

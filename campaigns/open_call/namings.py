"""Who was named as a maker and has not answered: they decline, or whoever named them, or the manager, takes the naming back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.errors import CampaignEnded, NobodyUnconfirmed, NoSuchWork
from campaigns.open_call.models import Contribution, EndedNaming, Maker, NamedMaker, WorkState
from campaigns.open_call.queries import find_work, is_maker
from campaigns.open_call.queries import work as seen

UNANSWERED = NamedMaker.confirmed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A work, and how many were named as its makers and have not confirmed it."""

    work: Contribution
    count: int


def unanswered_of(session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[Unanswered]:
    """The campaign's works that somebody was named a maker of who has not answered, oldest first; not who that is."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.END_NAMINGS, on=campaign)
    query = select(Contribution, func.count()).join(NamedMaker, NamedMaker.contribution_id == Contribution.id)
    query = query.where(Contribution.campaign_id == campaign_id, UNANSWERED, Contribution.state != WorkState.WITHDRAWN)
    query = query.where(Contribution.id > after) if after else query
    return [Unanswered(*row) for row in session.execute(query.group_by(Contribution.id).order_by(Contribution.id).limit(limit))]


def asked_of(session: Session, *, by: Actor) -> list[Contribution]:
    """The works that the actor was named a maker of and has not answered for."""
    query = select(Contribution).join(NamedMaker, NamedMaker.contribution_id == Contribution.id).order_by(Contribution.id)
    query = query.join(Campaign, Campaign.id == Contribution.campaign_id).where(Campaign.done_at.is_(None), Campaign.settled_at.is_(None))
    return list(session.scalars(query.where(NamedMaker.person_id == by.person_id, UNANSWERED, Contribution.state != WorkState.WITHDRAWN)))


def decline_part(session: Session, work_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Say that one had no part in a work that one was named a maker of: its credit and pay are the others'. Raises NobodyUnconfirmed."""
    work = find_work(session, work_id, by=by, lock=True)
    if not is_maker(session, work_id, by):
        raise NoSuchWork(_("There is no such work."))
    return _end(session, work, [by.person], by, at)


def end_namings(session: Session, work_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Take back, as whoever sent the work or as the manager, the naming of everybody who has not confirmed it. Raises NobodyUnconfirmed."""
    work = find_work(session, work_id, by=by, lock=True)
    if by.person_id != work.uploaded_by:
        by.require(Permission.END_NAMINGS, on=work)
    query = select(NamedMaker.person_id).where(NamedMaker.contribution_id == work_id, UNANSWERED).order_by(NamedMaker.person_id)
    return _end(session, work, session.scalars(query).all(), by, at)


def _end(session: Session, work: Contribution, people: Sequence[UUID], by: Actor, at: datetime) -> Contribution:
    if not session.get_one(Campaign, work.campaign_id).is_unsettled:
        raise CampaignEnded(_("The campaign has ended, so makers can no longer change."))
    named = session.scalars(
        select(NamedMaker).where(NamedMaker.contribution_id == work.id, NamedMaker.person_id.in_(people), UNANSWERED)
    ).all()
    if not named:
        title = seen(session, work.id, by=by).title  # which, for those who judge, names nobody
        raise NobodyUnconfirmed(_("All makers of “{title}” have confirmed.", title=title))
    ended = [each.person_id for each in named]
    session.add_all(EndedNaming(contribution_id=work.id, person_id=each, ended_by=by.person, ended_at=at) for each in ended)
    session.flush()  # the database lets go only of what has ended
    for kind in (NamedMaker, Maker):
        session.execute(delete(kind).where(kind.contribution_id == work.id, kind.person_id.in_(ended)))
    events.record(
        session, EventName.OPEN_CALL_NAMING_ENDED, by=by, at=at, campaign_id=work.campaign_id,
        contribution=str(work.id), count=len(ended),
    )  # fmt: skip
    return work


def ended_at(work_id: UUID, at: datetime) -> Select[UUID]:
    """Whose namings as makers of the work ended then."""
    query = select(EndedNaming.person_id).where(EndedNaming.contribution_id == work_id, EndedNaming.ended_at == at)
    return query.order_by(EndedNaming.person_id)

"""What is done about a named maker: they confirm or decline, or the naming is taken back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core import events
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, note_artist
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.contributions.actions import grant_licence
from campaigns.open_call.errors import CampaignEnded, NobodyUnconfirmed, NoSuchWork
from campaigns.open_call.makers.queries import UNANSWERED
from campaigns.open_call.models import Contribution, EndedNaming, Maker, NamedMaker
from campaigns.open_call.queries import find_work, is_maker
from campaigns.open_call.queries import work as seen


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


def confirm_part(session: Session, work_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Confirm that one made the work with whoever named one: it is credited to one's name and one's own licence is granted from now on."""
    work = find_work(session, work_id, by=by, lock=True)
    if not is_maker(session, work_id, by):
        raise NoSuchWork(_("There is no such work."))
    named = session.get(NamedMaker, (work_id, by.person))
    if named is not None and named.confirmed_at is None:
        named.confirmed_at = at
        grant_licence(session, work, session.get_one(Brief, work.campaign_id), by, at)
        note_artist(session, by.person, at=at)
        events.record(session, EventName.OPEN_CALL_MAKER_CONFIRMED, by=by, at=at, campaign_id=work.campaign_id, contribution=str(work.id))
    return work

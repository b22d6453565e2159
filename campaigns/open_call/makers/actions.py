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
from campaigns.open_call.errors import CampaignEnded, NobodyUnconfirmed, NoSuchContribution
from campaigns.open_call.makers.queries import UNANSWERED
from campaigns.open_call.models import Contribution, EndedNaming, Maker, NamedMaker
from campaigns.open_call.queries import contribution as seen
from campaigns.open_call.queries import find_contribution, is_maker


def decline_part(session: Session, contribution_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Say that one had no part in a contribution that one was named a maker of: its credit and pay are the others'. Raises
    NobodyUnconfirmed."""
    contribution = find_contribution(session, contribution_id, by=by, lock=True)
    if not is_maker(session, contribution_id, by):
        raise NoSuchContribution(_("There is no such contribution."))
    return _end(session, contribution, [by.person], by, at)


def end_namings(session: Session, contribution_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Take back, as whoever sent the contribution or as the manager, the naming of everybody who has not confirmed it. Raises
    NobodyUnconfirmed."""
    contribution = find_contribution(session, contribution_id, by=by, lock=True)
    if by.person_id != contribution.uploaded_by:
        by.require(Permission.END_NAMINGS, on=contribution)
    query = select(NamedMaker.person_id).where(NamedMaker.contribution_id == contribution_id, UNANSWERED).order_by(NamedMaker.person_id)
    return _end(session, contribution, session.scalars(query).all(), by, at)


def _end(session: Session, contribution: Contribution, people: Sequence[UUID], by: Actor, at: datetime) -> Contribution:
    if not session.get_one(Campaign, contribution.campaign_id).is_unsettled:
        raise CampaignEnded(_("The campaign has ended, so makers can no longer change."))
    named = session.scalars(
        select(NamedMaker).where(NamedMaker.contribution_id == contribution.id, NamedMaker.person_id.in_(people), UNANSWERED)
    ).all()
    if not named:
        title = seen(session, contribution.id, by=by).title  # which, for those who judge, names nobody
        raise NobodyUnconfirmed(_("All makers of “{title}” have confirmed.", title=title))
    ended = [each.person_id for each in named]
    session.add_all(EndedNaming(contribution_id=contribution.id, person_id=each, ended_by=by.person, ended_at=at) for each in ended)
    session.flush()  # the database lets go only of what has ended
    for kind in (NamedMaker, Maker):
        session.execute(delete(kind).where(kind.contribution_id == contribution.id, kind.person_id.in_(ended)))
    events.record(
        session, EventName.OPEN_CALL_NAMING_ENDED, by=by, at=at, campaign_id=contribution.campaign_id,
        contribution=str(contribution.id), count=len(ended),
    )  # fmt: skip
    return contribution


def ended_at(contribution_id: UUID, at: datetime) -> Select[UUID]:
    """Whose namings as makers of the contribution ended then."""
    query = select(EndedNaming.person_id).where(EndedNaming.contribution_id == contribution_id, EndedNaming.ended_at == at)
    return query.order_by(EndedNaming.person_id)


def confirm_part(session: Session, contribution_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Confirm that one made the contribution with whoever named one: it is credited to one's name and one's own licence is granted from now
    on."""
    contribution = find_contribution(session, contribution_id, by=by, lock=True)
    if not is_maker(session, contribution_id, by):
        raise NoSuchContribution(_("There is no such contribution."))
    named = session.get(NamedMaker, (contribution_id, by.person))
    if named is not None and named.confirmed_at is None:
        named.confirmed_at = at
        grant_licence(session, contribution, session.get_one(Brief, contribution.campaign_id), by, at)
        note_artist(session, by.person, at=at)
        events.record(
            session,
            EventName.OPEN_CALL_MAKER_CONFIRMED,
            by=by,
            at=at,
            campaign_id=contribution.campaign_id,
            contribution=str(contribution.id),
        )
    return contribution

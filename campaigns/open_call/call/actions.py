"""What is done with a call: extended, and its contributions published or no longer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.brief.actions import move_date
from campaigns.brief.errors import CrossingDates, NaiveTime
from campaigns.brief.models import Brief
from campaigns.core import events
from campaigns.core.campaign import Campaign, deliverables_of, find_campaign
from campaigns.core.errors import NotALaterClose, ReasonMissing
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.errors import CallClosed, CallNotOpen
from campaigns.open_call.models import CallExtension, OpenCall
from campaigns.open_call.queries import call_of
from campaigns.open_call.rules import TAKING_CONTRIBUTIONS, moment_in


def extend_call(session: Session, campaign_id: UUID, closes_at: datetime, reason: str, *, by: Actor, at: datetime) -> CallExtension:
    """Move the close on, for everyone; a late entry comes in by no other way.

    While any deliverable is in collaboration a call that has closed opens again by it.
    """
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.EXTEND_CALL, on=campaign)
    call = _call_that_can_be_extended(session, campaign)
    if not reason.strip():
        raise ReasonMissing(_("Say why the call is extended; everyone will read it."), field="reason")
    _require_later(session, call, closes_at, at)
    extension = CallExtension(
        campaign_id=campaign_id,
        from_close=call.closes_at,
        to_close=closes_at,
        reason=reason.strip(),
        extended_by=by.person_id,
        extended_at=at,
    )
    call.closes_at = closes_at
    move_date(session.get_one(Brief, campaign_id), "call_closes_at", closes_at)
    session.add(extension)
    session.flush()
    events.record(
        session, EventName.OPEN_CALL_EXTENDED, by=by, at=at, campaign_id=campaign_id, reason=extension.reason,
        from_close=extension.from_close.isoformat(), to_close=closes_at.isoformat(),
    )  # fmt: skip
    return extension


def _call_that_can_be_extended(session: Session, campaign: Campaign) -> OpenCall:
    call = call_of(session, campaign.id, lock=True)
    if call is None:
        raise CallNotOpen(_("The call has not opened yet. Change its dates in the brief."))
    if all(t.stage not in TAKING_CONTRIBUTIONS for t in deliverables_of(session, campaign.id)):
        raise CallClosed(_("No deliverable is open for new contributions. Send one back to collaboration first to reopen the call."))
    return call


def _require_later(session: Session, call: OpenCall, closes_at: datetime, at: datetime) -> None:
    if closes_at.tzinfo is None:
        raise NaiveTime(_("Include a time zone, such as 2026-11-20T18:00:00-08:00."), field="closes_at")
    brief = session.get_one(Brief, call.campaign_id)
    if closes_at <= max(call.closes_at, at):
        now = moment_in(brief.time_zone, call.closes_at)
        sentence = _("A call can only be extended. It closes on {now}. Choose a later time in the future.", now=now)
        raise NotALaterClose(sentence, field="closes_at")
    # A deliverable that came back is past that date; its collaboration then waits for the call.
    end = brief.collaboration_closes_at
    if end is not None and at < end < closes_at:
        sentence = _("Collaboration closes on {end}. The call cannot close after that.", end=moment_in(brief.time_zone, end))
        raise CrossingDates(sentence, field="closes_at")


def publish_contributions(session: Session, campaign_id: UUID, *, by: Actor, at: datetime) -> Campaign:
    """Show the contributions that take part to everyone who is signed in, also after the call; doing it again changes nothing.

    Raises CallNotOpen before the launch: until then nobody outside knows of the campaign.
    """
    campaign = _manageable(session, campaign_id, by)
    if campaign.launched_at is None:
        raise CallNotOpen(_("This call has not opened yet."))
    if campaign.contributions_published_at is None:
        campaign.contributions_published_at = at
        events.record(session, EventName.OPEN_CALL_CONTRIBUTIONS_PUBLISHED, by=by, at=at, campaign_id=campaign.id)
    return campaign


def stop_publishing_contributions(session: Session, campaign_id: UUID, *, by: Actor, at: datetime) -> Campaign:
    """Show them after the call to those who took part, the brand and the staff only; doing it again changes nothing."""
    campaign = _manageable(session, campaign_id, by)
    if campaign.contributions_published_at is not None:
        campaign.contributions_published_at = None
        events.record(session, EventName.OPEN_CALL_CONTRIBUTIONS_UNPUBLISHED, by=by, at=at, campaign_id=campaign.id)
    return campaign


def _manageable(session: Session, campaign_id: UUID, by: Actor) -> Campaign:
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.PUBLISH_CONTRIBUTIONS, on=campaign)
    return campaign

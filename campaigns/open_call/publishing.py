"""Whether a campaign's contributions stay for everyone to see once its call is over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.errors import CallNotOpen


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

"""What the open call does when the campaign moves: it opens, and a pause moves its close."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.actions import move_date
from campaigns.brief.models import Brief
from campaigns.core import events
from campaigns.core.campaign import Campaign, Deliverable, Pause
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM
from campaigns.open_call.models import CallExtension, OpenCall
from campaigns.open_call.queries import call_of


def enter(session: Session, deliverable: Deliverable, *, at: datetime) -> None:
    """Open the campaign's call when the first of its deliverables comes in."""
    if call_of(session, deliverable.campaign_id) is not None:
        return
    closes_at = session.get_one(Brief, deliverable.campaign_id).call_closes_at or at
    # A flow that was down may come late; then the call has closed as it opens, and can be extended.
    call = OpenCall(campaign_id=deliverable.campaign_id, opened_at=at, closes_at=max(closes_at, at))
    session.add(call)
    session.flush()
    events.record(
        session, EventName.OPEN_CALL_OPENED, by=SYSTEM, at=at, campaign_id=deliverable.campaign_id, closes_at=call.closes_at.isoformat()
    )


def shift_dates(session: Session, campaign: Campaign, pause: Pause) -> None:
    """Move the close, and with it the brief's, on by the pause, if it lay ahead when the pause began."""
    call = call_of(session, campaign.id, lock=True)
    if call is None or call.closes_at <= pause.began:
        return
    extended_at = session.scalar(select(func.max(CallExtension.extended_at)).where(CallExtension.campaign_id == campaign.id))
    call.closes_at += pause.left_at(extended_at or pause.began)
    move_date(session.get_one(Brief, campaign.id), "call_closes_at", call.closes_at)

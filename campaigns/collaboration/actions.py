"""What is done with a deliverable's time for building on each other's contributions: opened, extended, closed by a word."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from campaigns.brief.actions import move_date
from campaigns.brief.models import Brief
from campaigns.collaboration.errors import CollaborationClosed, NotInCollaboration
from campaigns.collaboration.models import CollaborationExtension, CollaborationWindow
from campaigns.core import events
from campaigns.core.campaign import Campaign, Deliverable, Pause, find_deliverable
from campaigns.core.errors import NotALaterClose, ReasonMissing, Stale
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _


def enter(session: Session, deliverable: Deliverable, *, at: datetime) -> None:
    """Open the new visit's window: the first visit closes as the brief says, a later one by a word unless a close is set."""
    been_here = session.scalar(select(exists().where(CollaborationWindow.deliverable_id == deliverable.id)))
    closes_at = None if been_here else session.get_one(Brief, deliverable.campaign_id).collaboration_closes_at
    session.add(CollaborationWindow(deliverable_id=deliverable.id, visit=deliverable.visit, opened_at=at, closes_at=closes_at))
    session.flush()


def set_close(session: Session, deliverable: Deliverable, closes_at: datetime, *, by: Actor, at: datetime) -> CollaborationWindow:
    """Give the visit that has just begun a close of its own."""
    window = session.get_one(CollaborationWindow, (deliverable.id, deliverable.visit))
    _require_ahead(closes_at, at)
    window.closes_at = closes_at
    events.record(
        session, EventName.COLLABORATION_CLOSE_SET, by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        visit=deliverable.visit, closes_at=closes_at.isoformat(),
    )  # fmt: skip
    return window


def extend(session: Session, deliverable_id: UUID, closes_at: datetime, reason: str, *, by: Actor, at: datetime) -> CollaborationWindow:
    """Close the deliverable's collaboration later, for everyone; once closed it stays closed. The plan follows the latest close."""
    deliverable = _in_collaboration(session, deliverable_id, by=by)
    window = _open_window(session, deliverable, at)
    if not reason.strip():
        raise ReasonMissing(_("Say why the collaboration is extended; everyone in the campaign will read it."), field="reason")
    _require_ahead(closes_at, at)
    if window.closes_at is not None and closes_at <= window.closes_at:
        close = window.closes_at
        raise NotALaterClose(
            _("The collaboration closes {close:%B %d, %Y, %H:%M %Z}. Choose a later time.", close=close), field="closes_at"
        )
    return _close_later(session, deliverable, window, closes_at, reason.strip(), by=by, at=at)


def _close_later(
    session: Session, deliverable: Deliverable, window: CollaborationWindow, closes_at: datetime, reason: str, *, by: Actor, at: datetime
) -> CollaborationWindow:
    before, window.closes_at = window.closes_at, closes_at
    extension = CollaborationExtension(
        deliverable_id=deliverable.id, visit=deliverable.visit, from_close=before, to_close=closes_at, reason=reason
    )
    extension.extended_by, extension.extended_at = by.person, at
    session.add(extension)
    _have_plan_follow(session, deliverable.campaign_id, closes_at, at)
    events.record(
        session, EventName.COLLABORATION_EXTENDED, by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        reason=reason,
        visit=deliverable.visit, from_close=before.isoformat() if before else None, to_close=closes_at.isoformat(),
    )  # fmt: skip
    return window


def _have_plan_follow(session: Session, campaign_id: UUID, closes_at: datetime, at: datetime) -> None:
    """Move the date of the plan on to a close that is later; while a campaign is paused its plan stands as it was when the pause began."""
    brief, paused_at = session.get_one(Brief, campaign_id), session.get_one(Campaign, campaign_id).paused_at
    planned = closes_at - (at - paused_at if paused_at else timedelta())
    if brief.collaboration_closes_at is not None and planned > brief.collaboration_closes_at:
        move_date(brief, "collaboration_closes_at", planned)


def complete(session: Session, deliverable_id: UUID, visit: int, *, by: Actor, at: datetime) -> CollaborationWindow:
    """Say that the material for the deliverable is complete, which closes this visit's collaboration; saying it twice says it once."""
    deliverable = _in_collaboration(session, deliverable_id, by=by)
    if deliverable.visit != visit:
        raise Stale(_("This deliverable has moved. Reload the page."))
    window = session.get_one(CollaborationWindow, (deliverable.id, visit))
    if window.completed_at is not None:
        return window
    window.completed_at, window.completed_by = at, by.person
    events.record(
        session, EventName.COLLABORATION_COMPLETED, by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        visit=visit,
    )  # fmt: skip
    return window


def shift_dates(session: Session, campaign: Campaign, pause: Pause) -> None:
    """Move every close that lay ahead on by the pause."""
    mine = select(Deliverable.id).where(Deliverable.campaign_id == campaign.id)
    window, extension = CollaborationWindow, CollaborationExtension
    extended_at = select(func.max(extension.extended_at)).where(
        extension.deliverable_id == window.deliverable_id, extension.visit == window.visit
    )
    by = pause.ended - func.greatest(pause.began, window.opened_at, extended_at.scalar_subquery())
    session.execute(
        update(window)
        .where(window.deliverable_id.in_(mine), window.completed_at.is_(None), window.closes_at > pause.began)
        .values(closes_at=window.closes_at + by)
    )


def _in_collaboration(session: Session, deliverable_id: UUID, *, by: Actor) -> Deliverable:
    deliverable = find_deliverable(session, deliverable_id, by=by, lock=True)
    by.require(Permission.CLOSE_COLLABORATION, on=deliverable)
    if deliverable.stage is not Stage.COLLABORATION:
        raise NotInCollaboration(_("This deliverable is in {stage}, not in collaboration.", stage=deliverable.stage.value))
    return deliverable


def _open_window(session: Session, deliverable: Deliverable, at: datetime) -> CollaborationWindow:
    window = session.get_one(CollaborationWindow, (deliverable.id, deliverable.visit))
    # While a campaign is paused its clocks stand still.
    if not window.is_open(session.get_one(Campaign, deliverable.campaign_id).paused_at or at):
        raise CollaborationClosed(_("The collaboration for this deliverable has closed. Send the deliverable back to reopen it."))
    return window


def _require_ahead(closes_at: datetime, at: datetime) -> None:
    if closes_at <= at:
        raise NotALaterClose(_("This time has already passed. Choose a time in the future."), field="closes_at")

"""What the campaign is to deliver, written down until the brief is launched."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaigns.brief.actions import open_brief
from campaigns.brief.errors import InvalidPrice, NoSuchDeliverable, UnknownKind
from campaigns.brief.labels import label
from campaigns.brief.queries import WrittenBrief
from campaigns.brief.readiness import signers_told
from campaigns.core import events
from campaigns.core.campaign import KINDS, Track, Visit
from campaigns.core.errors import Invalid
from campaigns.core.people import Actor, RoleGrant
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deliverable as it is asked for; `price` in minor units of the brief's currency."""

    title: str
    kind: str
    format: str
    length: str
    price: int


def add_deliverable(session: Session, campaign_id: UUID, wanted: Wanted, *, by: Actor, at: datetime) -> Track:
    """Write a deliverable into the brief; its first visit begins."""
    written = open_brief(session, campaign_id, Permission.EDIT_BRIEF, by=by)
    _require_sound(wanted)
    number = max((d.number for d in written.deliverables), default=0) + 1
    campaign = written.campaign
    track = Track(campaign_id=campaign.id, brand_id=campaign.brand_id, number=number, entered_at=at)
    _write(track, wanted)
    with signers_told(session, written, by=by, at=at):
        session.add(track)
        session.flush()
        session.add(Visit(track_id=track.id, number=track.visit, stage=Stage.BRIEF, entered_at=at))
        _record(session, written, "brief.deliverable_added", track, by, at)
    return track


def edit_deliverable(session: Session, campaign_id: UUID, track_id: UUID, wanted: Wanted, *, by: Actor, at: datetime) -> Track:
    """Write a deliverable anew."""
    written = open_brief(session, campaign_id, Permission.EDIT_BRIEF, by=by)
    deliverable = find_deliverable(written, track_id)
    _require_sound(wanted)
    if _is_so(deliverable, wanted):
        return deliverable
    with signers_told(session, written, by=by, at=at):
        _write(deliverable, wanted)
        _record(session, written, "brief.deliverable_edited", deliverable, by, at)
    return deliverable


def remove_deliverable(session: Session, campaign_id: UUID, track_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a deliverable out of the brief: it has never begun, and the roles named for it end."""
    written = open_brief(session, campaign_id, Permission.EDIT_BRIEF, by=by)
    deliverable = find_deliverable(written, track_id)
    with signers_told(session, written, by=by, at=at):
        session.execute(delete(RoleGrant).where(RoleGrant.track_id == track_id))
        session.execute(delete(Visit).where(Visit.track_id == track_id))
        session.delete(deliverable)
        _record(session, written, "brief.deliverable_removed", deliverable, by, at)


def find_deliverable(written: WrittenBrief, track_id: UUID) -> Track:
    """The brief's deliverable; raises NoSuchDeliverable."""
    for deliverable in written.deliverables:
        if deliverable.id == track_id:
            return deliverable
    raise NoSuchDeliverable(_("The brief has no such deliverable."))


def _require_sound(wanted: Wanted) -> None:
    if wanted.price <= 0:
        raise InvalidPrice(_("A deliverable's price must be above zero."), field="price")
    if wanted.kind not in KINDS:
        raise UnknownKind(_("A deliverable must be one of {kinds}.", kinds=", ".join(KINDS)), field="kind")
    for name in ("title", "format", "length"):
        if not getattr(wanted, name).strip():
            raise Invalid(_("A deliverable needs a value here: {field}.", field=label(name)), field=name)


def _is_so(deliverable: Track, wanted: Wanted) -> bool:
    asked = (wanted.title.strip(), wanted.kind, wanted.format.strip(), wanted.length.strip(), wanted.price)
    return (deliverable.title, deliverable.kind, deliverable.format, deliverable.length, deliverable.price) == asked


def _write(deliverable: Track, wanted: Wanted) -> None:
    deliverable.title, deliverable.kind, deliverable.price = wanted.title.strip(), wanted.kind, wanted.price
    deliverable.format, deliverable.length = wanted.format.strip(), wanted.length.strip()


def _record(session: Session, written: WrittenBrief, name: str, track: Track, by: Actor, at: datetime) -> None:
    # The track is a fact and not the event's track: before the launch it may be removed, and events stay.
    written.brief.edited_at = at
    session.flush()
    events.record(session, name, by=by, at=at, campaign_id=written.campaign.id, deliverable=str(track.id), number=track.number)

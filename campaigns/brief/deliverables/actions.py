"""What the campaign is to deliver, written down until the brief is launched."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaigns.brief.errors import InvalidPrice, NoSuchDeliverable, UnknownKind
from campaigns.brief.queries import WrittenBrief
from campaigns.brief.rules import open_brief
from campaigns.brief.signatures.rules import signers_told
from campaigns.brief.terms.labels import label
from campaigns.core import events
from campaigns.core.campaign import KINDS, Deliverable, StageVisit
from campaigns.core.errors import Invalid
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, RoleGrant
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _


@dataclass(frozen=True, slots=True)
class DeliverableOrder:
    """A deliverable as it is asked for; `price` in minor units of the brief's currency."""

    title: str
    kind: str
    format: str
    length: str
    price: int


def add_deliverable(session: Session, campaign_id: UUID, wanted: DeliverableOrder, *, by: Actor, at: datetime) -> Deliverable:
    """Write a deliverable into the brief; its first visit begins."""
    written = open_brief(session, campaign_id, Permission.EDIT_BRIEF, by=by)
    _require_sound(wanted)
    number = max((d.number for d in written.deliverables), default=0) + 1
    campaign = written.campaign
    deliverable = Deliverable(campaign_id=campaign.id, brand_id=campaign.brand_id, number=number, entered_at=at)
    _write(deliverable, wanted)
    with signers_told(session, written, by=by, at=at):
        session.add(deliverable)
        session.flush()
        session.add(StageVisit(deliverable_id=deliverable.id, number=deliverable.visit, stage=Stage.BRIEF, entered_at=at))
        _record(session, written, EventName.BRIEF_DELIVERABLE_ADDED, deliverable, by, at)
    return deliverable


def edit_deliverable(
    session: Session, campaign_id: UUID, deliverable_id: UUID, wanted: DeliverableOrder, *, by: Actor, at: datetime
) -> Deliverable:
    """Write a deliverable anew."""
    written = open_brief(session, campaign_id, Permission.EDIT_BRIEF, by=by)
    deliverable = deliverable_in(written, deliverable_id)
    _require_sound(wanted)
    if _is_so(deliverable, wanted):
        return deliverable
    with signers_told(session, written, by=by, at=at):
        _write(deliverable, wanted)
        _record(session, written, EventName.BRIEF_DELIVERABLE_EDITED, deliverable, by, at)
    return deliverable


def remove_deliverable(session: Session, campaign_id: UUID, deliverable_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a deliverable out of the brief: it has never begun, and the roles named for it end."""
    written = open_brief(session, campaign_id, Permission.EDIT_BRIEF, by=by)
    deliverable = deliverable_in(written, deliverable_id)
    with signers_told(session, written, by=by, at=at):
        session.execute(delete(RoleGrant).where(RoleGrant.deliverable_id == deliverable_id))
        session.execute(delete(StageVisit).where(StageVisit.deliverable_id == deliverable_id))
        session.delete(deliverable)
        _record(session, written, EventName.BRIEF_DELIVERABLE_REMOVED, deliverable, by, at)


def deliverable_in(written: WrittenBrief, deliverable_id: UUID) -> Deliverable:
    """The brief's deliverable; raises NoSuchDeliverable."""
    for deliverable in written.deliverables:
        if deliverable.id == deliverable_id:
            return deliverable
    raise NoSuchDeliverable(_("The brief has no such deliverable."))


def _require_sound(wanted: DeliverableOrder) -> None:
    if wanted.price <= 0:
        raise InvalidPrice(_("A deliverable's price must be above zero."), field="price")
    if wanted.kind not in KINDS:
        raise UnknownKind(_("A deliverable must be one of {kinds}.", kinds=", ".join(KINDS)), field="kind")
    for name in ("title", "format", "length"):
        if not getattr(wanted, name).strip():
            raise Invalid(_("A deliverable needs a value here: {field}.", field=label(name)), field=name)


def _is_so(deliverable: Deliverable, wanted: DeliverableOrder) -> bool:
    asked = (wanted.title.strip(), wanted.kind, wanted.format.strip(), wanted.length.strip(), wanted.price)
    return (deliverable.title, deliverable.kind, deliverable.format, deliverable.length, deliverable.price) == asked


def _write(deliverable: Deliverable, wanted: DeliverableOrder) -> None:
    deliverable.title, deliverable.kind, deliverable.price = wanted.title.strip(), wanted.kind, wanted.price
    deliverable.format, deliverable.length = wanted.format.strip(), wanted.length.strip()


def _record(session: Session, written: WrittenBrief, name: EventName, deliverable: Deliverable, by: Actor, at: datetime) -> None:
    # The deliverable is a fact and not the event's deliverable: before the launch it may be removed, and events stay.
    written.brief.edited_at = at
    session.flush()
    events.record(session, name, by=by, at=at, campaign_id=written.campaign.id, deliverable=str(deliverable.id), number=deliverable.number)

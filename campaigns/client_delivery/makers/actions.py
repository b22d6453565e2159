"""What is done about a named maker of a version: they confirm or decline, or the naming is taken back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaigns.client_delivery.errors import AlreadyApproved, EveryMakerConfirmed, NoSuchVersion
from campaigns.client_delivery.makers.queries import UNANSWERED
from campaigns.client_delivery.models import ReviewDecision, Verdict, Version, VersionMaker
from campaigns.client_delivery.queries import find_version_details
from campaigns.core import events
from campaigns.core.campaign import Deliverable, find_deliverable
from campaigns.core.db import one_of
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _


def confirm_version(session: Session, version_id: UUID, *, by: Actor, at: datetime) -> Version:
    """Confirm that one made the version with whoever named one: it is credited to one's name from now on; twice changes nothing."""
    version, deliverable = _named_in(session, version_id, by)
    maker = session.get_one(VersionMaker, (version_id, by.person), populate_existing=True)
    if maker.confirmed_at is None:
        maker.confirmed_at = at
        session.flush()
        events.record(
            session, EventName.CLIENT_DELIVERY_MAKER_CONFIRMED, by=by, at=at, campaign_id=deliverable.campaign_id,
            deliverable_id=deliverable.id,
            cut=str(version_id), number=version.number,
        )  # fmt: skip
    return version


def decline_version(session: Session, version_id: UUID, *, by: Actor, at: datetime) -> Version:
    """Say that one had no part in a version that names one as a maker. Raises EveryMakerConfirmed, AlreadyApproved."""
    version, deliverable = _named_in(session, version_id, by)
    return _end(session, version, deliverable, [by.person], by, at)


def end_version_namings(session: Session, version_id: UUID, *, by: Actor, at: datetime) -> Version:
    """Take back, as whoever made the version or as the manager, the naming of everybody who has not confirmed that they made it too."""
    details = find_version_details(session, version_id, by=by, lock=True)
    if by.person_id != details.version.made_by:
        by.require(Permission.APPROVE_INTERNALLY, on=details.deliverable)
    return _end(session, details.version, details.deliverable, [maker.person_id for maker in details.makers], by, at)


def _named_in(session: Session, version_id: UUID, by: Actor) -> tuple[Version, Deliverable]:
    """The version, for somebody whom it names, whatever their role here; its campaign is locked."""
    row = session.get(VersionMaker, (version_id, by.person)) if by.person_id else None
    if row is None:
        raise NoSuchVersion(_("There is no such version."), field="version_id")
    version = session.get_one(Version, version_id)
    return version, find_deliverable(session, version.deliverable_id, by=SYSTEM, lock=True)


def _end(session: Session, version: Version, deliverable: Deliverable, people: Collection[UUID], by: Actor, at: datetime) -> Version:
    decision = session.get(ReviewDecision, version.id)
    if decision is not None and decision.verdict is Verdict.APPROVED:
        raise AlreadyApproved(
            _("The brand has approved version {number} with its makers, so they can only confirm it.", number=version.number)
        )
    these = (VersionMaker.version_id == version.id, one_of(VersionMaker.person_id, people), UNANSWERED)
    ended = session.scalars(delete(VersionMaker).where(*these).returning(VersionMaker.person_id)).all()
    if not ended:
        raise EveryMakerConfirmed(_("Every maker named in version {number} has confirmed.", number=version.number))
    events.record(
        session, EventName.CLIENT_DELIVERY_MAKERS_TAKEN_BACK, by=by, at=at, campaign_id=deliverable.campaign_id,
        deliverable_id=deliverable.id,
        cut=str(version.id), number=version.number, count=len(ended),
    )  # fmt: skip
    return version

"""Who is named as a maker of a version, and has confirmed it: whoever makes it by that, everybody else by their own word."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.errors import AlreadyApproved, EveryMakerConfirmed, NoSuchCut
from campaigns.client_delivery.models import Cut, CutMaker, Decision, Verdict
from campaigns.client_delivery.queries import find_version_details
from campaigns.core import events
from campaigns.core.campaign import Campaign, Deliverable, find_deliverable
from campaigns.core.db import one_of
from campaigns.core.people import HOUSE, Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _

UNANSWERED = CutMaker.confirmed_at.is_(None)


@dataclass(frozen=True, slots=True)
class AskedOf:
    """A version that names somebody as a maker who has not answered, with its deliverable and its campaign."""

    cut: Cut
    deliverable: Deliverable
    campaign: Campaign
    shares: int


def versions_asked_of(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[AskedOf]:
    """The versions that name the actor as a maker and wait for their answer, newest first; of campaigns that have not ended."""
    query = select(Cut, Deliverable, Campaign, CutMaker.shares).join(CutMaker, CutMaker.cut_id == Cut.id)
    query = query.join(Deliverable, Deliverable.id == Cut.deliverable_id).join(Campaign, Campaign.id == Deliverable.campaign_id)
    query = query.where(CutMaker.person_id == by.person_id, UNANSWERED, Campaign.done_at.is_(None), Campaign.settled_at.is_(None))
    query = query.where(Cut.id < after) if after else query
    return [AskedOf(*row) for row in session.execute(query.order_by(Cut.id.desc()).limit(limit))]


def unanswered_of(session: Session, cut_id: UUID) -> Sequence[UUID]:
    """Whom the version names as makers who have not answered."""
    return session.scalars(select(CutMaker.person_id).where(CutMaker.cut_id == cut_id, UNANSWERED).order_by(CutMaker.person_id)).all()


def unanswered_versions(session: Session, campaign_id: UUID) -> Sequence[tuple[Cut, Deliverable]]:
    """The campaign's versions that name somebody as a maker who has not answered."""
    named = select(CutMaker.cut_id).where(UNANSWERED)
    query = (
        select(Cut, Deliverable)
        .join(Deliverable, Deliverable.id == Cut.deliverable_id)
        .where(Deliverable.campaign_id == campaign_id, Cut.id.in_(named))
    )
    return [(cut, deliverable) for cut, deliverable in session.execute(query.order_by(Cut.id))]


def confirm_version(session: Session, cut_id: UUID, *, by: Actor, at: datetime) -> Cut:
    """Confirm that one made the version with whoever named one: it is credited to one's name from now on; twice changes nothing."""
    cut, deliverable = _named_in(session, cut_id, by)
    maker = session.get_one(CutMaker, (cut_id, by.person), populate_existing=True)
    if maker.confirmed_at is None:
        maker.confirmed_at = at
        session.flush()
        events.record(
            session, "client_delivery.maker_confirmed", by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
            cut=str(cut_id), number=cut.number,
        )  # fmt: skip
    return cut


def decline_version(session: Session, cut_id: UUID, *, by: Actor, at: datetime) -> Cut:
    """Say that one had no part in a version that names one as a maker. Raises EveryMakerConfirmed, AlreadyApproved."""
    cut, deliverable = _named_in(session, cut_id, by)
    return _end(session, cut, deliverable, [by.person], by, at)


def end_version_namings(session: Session, cut_id: UUID, *, by: Actor, at: datetime) -> Cut:
    """Take back, as whoever made the version or as the manager, the naming of everybody who has not confirmed that they made it too."""
    details = find_version_details(session, cut_id, by=by, lock=True)
    if by.person_id != details.cut.made_by:
        by.require(Permission.APPROVE_INTERNALLY, on=details.deliverable)
    return _end(session, details.cut, details.deliverable, [maker.person_id for maker in details.makers], by, at)


def _named_in(session: Session, cut_id: UUID, by: Actor) -> tuple[Cut, Deliverable]:
    """The version, for somebody whom it names, whatever their role here; its campaign is locked."""
    row = session.get(CutMaker, (cut_id, by.person)) if by.person_id else None
    if row is None:
        raise NoSuchCut(_("There is no such version."), field="cut_id")
    cut = session.get_one(Cut, cut_id)
    return cut, find_deliverable(session, cut.deliverable_id, by=HOUSE, lock=True)


def _end(session: Session, cut: Cut, deliverable: Deliverable, people: Collection[UUID], by: Actor, at: datetime) -> Cut:
    decision = session.get(Decision, cut.id)
    if decision is not None and decision.verdict is Verdict.APPROVED:
        raise AlreadyApproved(_("The brand has approved version {number} with its makers, so they can only confirm it.", number=cut.number))
    these = (CutMaker.cut_id == cut.id, one_of(CutMaker.person_id, people), UNANSWERED)
    ended = session.scalars(delete(CutMaker).where(*these).returning(CutMaker.person_id)).all()
    if not ended:
        raise EveryMakerConfirmed(_("Every maker named in version {number} has confirmed.", number=cut.number))
    events.record(
        session, "client_delivery.makers_taken_back", by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
        cut=str(cut.id), number=cut.number, count=len(ended),
    )  # fmt: skip
    return cut

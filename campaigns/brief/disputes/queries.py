"""Disputes for whoever may see the money: all of them, one, and what of it is at stake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from campaigns.brief.disputes.errors import AnsweredAlready, DisputeOver, NoSuchDispute
from campaigns.brief.disputes.models import ANSWERABLE, Dispute, FraudWarning
from campaigns.core.campaign import Campaign
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _

PAGE = 50


@dataclass(frozen=True, slots=True)
class DisputeListed:
    """A dispute with the title of the campaign whose payment it is about; None for a payment that is nobody's."""

    dispute: Dispute
    campaign: str | None


def disputes(
    session: Session, *, by: Actor, is_open: bool | None = None, before: UUID | None = None, limit: int = PAGE
) -> Sequence[DisputeListed]:
    """Every dispute, or those that are open or closed, newest first, up to `limit` older than `before`."""
    by.require(Permission.VIEW_MONEY)
    query = select(Dispute, Campaign.title).outerjoin(Campaign, Campaign.id == Dispute.campaign_id)
    if is_open is not None:
        query = query.where(Dispute.closed_at.is_(None) if is_open else Dispute.closed_at.is_not(None))
    query = query.where(Dispute.id < before) if before else query
    return [DisputeListed(*row) for row in session.execute(query.order_by(Dispute.id.desc()).limit(limit))]


def find_dispute(session: Session, dispute_id: UUID, *, by: Actor, lock: bool = False) -> Dispute:
    """One dispute, if the actor may see the money; raises NoSuchDispute."""
    query = select(Dispute).where(Dispute.id == dispute_id)
    found = session.scalars(query.with_for_update() if lock else query, execution_options={"populate_existing": True}).one_or_none()
    if found is None or not by.may(Permission.VIEW_MONEY):
        raise NoSuchDispute(_("There is no such dispute."))
    return found


def find_answerable(session: Session, dispute_id: UUID, *, by: Actor, at: datetime) -> Dispute:
    """One dispute, locked, whose bank waits for an answer that the actor may give; raises AnsweredAlready or DisputeOver otherwise."""
    return _answerable(find_dispute(session, dispute_id, by=by, lock=True), by, at)


def require_answerable(session: Session, dispute_id: UUID, *, by: Actor, at: datetime) -> None:
    """Refuse whoever `find_answerable` refuses, without a lock: before something that takes its time."""
    _answerable(find_dispute(session, dispute_id, by=by), by, at)


def _answerable(dispute: Dispute, by: Actor, at: datetime) -> Dispute:
    by.require(Permission.ANSWER_DISPUTE)
    if dispute.handed_in_at or dispute.accepted_at:
        raise AnsweredAlready(_("This dispute has been answered, and the bank accepts only one answer."))
    if not dispute.is_answerable:
        raise DisputeOver(_("The bank no longer accepts an answer."))
    if dispute.due_by is None:
        raise DisputeOver(_("The bank does not accept an answer to this dispute."))
    if dispute.due_by < at:
        raise DisputeOver(_("The bank accepted answers until {day:%d %B %Y}.", day=dispute.due_by))
    return dispute


def disputes_of(session: Session, campaign_id: UUID) -> Sequence[Dispute]:
    """The disputes of a campaign's payments, oldest first, for whoever may read its brief."""
    return session.scalars(select(Dispute).where(Dispute.campaign_id == campaign_id).order_by(Dispute.id)).all()


def warnings_of(session: Session, campaign_id: UUID) -> Sequence[FraudWarning]:
    """The early fraud warnings about a campaign's payments that something can be done about, oldest first."""
    open_ones = (FraudWarning.campaign_id == campaign_id, FraudWarning.is_actionable)
    return session.scalars(select(FraudWarning).where(*open_ones).order_by(FraudWarning.id)).all()


def warnings(session: Session, *, by: Actor, limit: int = PAGE) -> Sequence[tuple[FraudWarning, str | None]]:
    """The newest early fraud warnings that something can be done about, each with its campaign's title."""
    by.require(Permission.VIEW_MONEY)
    query = select(FraudWarning, Campaign.title).outerjoin(Campaign, Campaign.id == FraudWarning.campaign_id)
    return session.execute(query.where(FraudWarning.is_actionable).order_by(FraudWarning.id.desc()).limit(limit)).all()


def warned(session: Session) -> tuple[int, datetime | None]:
    """Of how many payments a bank warns, of which something can be done about, and since when."""
    row = session.execute(select(func.count(), func.min(FraudWarning.warned_at)).where(FraudWarning.is_actionable)).one()
    return int(row[0]), row[1]


def unanswered() -> Select[Dispute]:
    """The disputes whose bank waits for an answer of ours, the first due first."""
    answered = (Dispute.handed_in_at.is_(None), Dispute.accepted_at.is_(None), Dispute.closed_at.is_(None))
    return select(Dispute).where(Dispute.status.in_(ANSWERABLE), *answered).order_by(Dispute.due_by, Dispute.id)


def due_soon(session: Session, until: datetime, limit: int) -> Sequence[Dispute]:
    """Those of them that are due by `until` and of which nobody has been reminded, locked."""
    near = unanswered().where(Dispute.due_by <= until, Dispute.reminded_at.is_(None)).limit(limit)
    return session.scalars(near.with_for_update(skip_locked=True)).all()

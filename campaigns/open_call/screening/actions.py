"""Screening: whether a work takes part, decided blind and with a reason."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Campaign, deliverables_of, require_live
from campaigns.core.errors import ReasonMissing
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.errors import AlreadyScreened, NothingToRepair, NotShowable, OwnWork, TooLateToTakeBack
from campaigns.open_call.models import Contribution, Screening, WorkState
from campaigns.open_call.queries import find_work, is_maker
from campaigns.open_call.rules import TAKING_WORKS

MAY_TAKE_BACK = timedelta(minutes=10)
DECIDED = {True: WorkState.SCREENED_IN, False: WorkState.SCREENED_OUT}


def screen(session: Session, work_id: UUID, takes_part: bool, reason: str | None, *, by: Actor, at: datetime) -> Screening:
    """Decide whether the work takes part; its makers read the reason. The same decision again changes nothing."""
    work = _to_screen(session, work_id, by)
    reason = (reason or "").strip() or None
    if work.state is DECIDED[takes_part]:
        return last_screening(session, work_id)
    require_live(session.get_one(Campaign, work.campaign_id))
    _require_decidable(work, takes_part)
    if not takes_part and reason is None:
        raise ReasonMissing(_("Say why the work is declined; its makers will read it."), field="reason")
    screening = Screening(contribution_id=work.id, takes_part=takes_part, reason=reason, screened_by=by.person_id, screened_at=at)
    work.state, work.state_since, work.state_reason = DECIDED[takes_part], at, reason
    session.add(screening)
    session.flush()
    events.record(
        session,
        EventName.OPEN_CALL_SCREENED,
        by=by,
        at=at,
        campaign_id=work.campaign_id,
        reason=reason,
        contribution=str(work.id),
        takes_part=takes_part,
    )
    return screening


def prepare_again(session: Session, work_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Have the renditions of a work tried once more that could not be made."""
    work = _to_screen(session, work_id, by)
    require_live(session.get_one(Campaign, work.campaign_id))
    if work.state is not WorkState.UNSHOWABLE:
        raise NothingToRepair(_("This work does not need to be processed again."))
    work.state, work.state_since, work.state_reason = WorkState.RECEIVED, at, None
    events.record(session, EventName.OPEN_CALL_PREPARATION_ASKED, by=by, at=at, campaign_id=work.campaign_id, contribution=str(work.id))
    return work


def take_back(session: Session, work_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Put a work back on the desk that the actor has decided on a moment ago; the next decision is the one that counts."""
    work = _to_screen(session, work_id, by)
    if work.state not in DECIDED.values() or not _is_fresh(last_screening(session, work_id), by, at):
        minutes = int(MAY_TAKE_BACK.total_seconds() // 60)
        raise TooLateToTakeBack(_("You can undo only your own decisions, within {minutes} minutes.", minutes=minutes))
    if all(deliverable.stage not in TAKING_WORKS for deliverable in deliverables_of(session, work.campaign_id)):
        raise TooLateToTakeBack(_("The works are already being reviewed, so the decision can no longer be undone."))
    work.state, work.state_since, work.state_reason = WorkState.READY, at, None
    events.record(session, EventName.OPEN_CALL_SCREENING_TAKEN_BACK, by=by, at=at, campaign_id=work.campaign_id, contribution=str(work.id))
    return work


def _is_fresh(screening: Screening, by: Actor, at: datetime) -> bool:
    return screening.screened_by == by.person_id and at - screening.screened_at <= MAY_TAKE_BACK


def last_screening(session: Session, work_id: UUID) -> Screening:
    """The decision that counts."""
    query = select(Screening).where(Screening.contribution_id == work_id).order_by(Screening.id.desc()).limit(1)
    return session.scalars(query).one()


def _to_screen(session: Session, work_id: UUID, by: Actor) -> Contribution:
    work = find_work(session, work_id, by=by, lock=True)
    by.require(Permission.SCREEN, on=work)
    if is_maker(session, work_id, by):
        raise OwnWork(_("You made this work; someone else must screen it."))
    return work


def _require_decidable(work: Contribution, takes_part: bool) -> None:
    if work.state in DECIDED.values() or work.state is WorkState.WITHDRAWN:
        raise AlreadyScreened(_("This work has already been decided or withdrawn. Reload the page."))
    if work.state is WorkState.RECEIVED or (work.state is WorkState.UNSHOWABLE and takes_part):
        raise NotShowable(_("This work cannot be viewed yet. Wait until it is processed, or try processing it again."))

"""Screening: whether a contribution takes part, decided blind and with a reason."""

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
from campaigns.open_call.errors import AlreadyScreened, NothingToRepair, NotShowable, ScreensOwnContribution, TooLateToTakeBack
from campaigns.open_call.models import Contribution, ContributionState, Screening
from campaigns.open_call.queries import find_contribution, is_maker
from campaigns.open_call.rules import TAKING_CONTRIBUTIONS

MAY_TAKE_BACK = timedelta(minutes=10)
DECIDED = {True: ContributionState.SCREENED_IN, False: ContributionState.SCREENED_OUT}


def screen(session: Session, contribution_id: UUID, takes_part: bool, reason: str | None, *, by: Actor, at: datetime) -> Screening:
    """Decide whether the contribution takes part; its makers read the reason. The same decision again changes nothing."""
    contribution = _to_screen(session, contribution_id, by)
    reason = (reason or "").strip() or None
    if contribution.state is DECIDED[takes_part]:
        return last_screening(session, contribution_id)
    require_live(session.get_one(Campaign, contribution.campaign_id))
    _require_decidable(contribution, takes_part)
    if not takes_part and reason is None:
        raise ReasonMissing(_("Say why the contribution is declined; its makers will read it."), field="reason")
    screening = Screening(contribution_id=contribution.id, takes_part=takes_part, reason=reason, screened_by=by.person_id, screened_at=at)
    contribution.state, contribution.state_since, contribution.state_reason = DECIDED[takes_part], at, reason
    session.add(screening)
    session.flush()
    events.record(
        session,
        EventName.OPEN_CALL_SCREENED,
        by=by,
        at=at,
        campaign_id=contribution.campaign_id,
        reason=reason,
        contribution=str(contribution.id),
        takes_part=takes_part,
    )
    return screening


def prepare_again(session: Session, contribution_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Have the renditions of a contribution tried once more that could not be made."""
    contribution = _to_screen(session, contribution_id, by)
    require_live(session.get_one(Campaign, contribution.campaign_id))
    if contribution.state is not ContributionState.UNSHOWABLE:
        raise NothingToRepair(_("This contribution does not need to be processed again."))
    contribution.state, contribution.state_since, contribution.state_reason = ContributionState.RECEIVED, at, None
    events.record(
        session,
        EventName.OPEN_CALL_PREPARATION_ASKED,
        by=by,
        at=at,
        campaign_id=contribution.campaign_id,
        contribution=str(contribution.id),
    )
    return contribution


def take_back(session: Session, contribution_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Put a contribution back on the desk that the actor has decided on a moment ago; the next decision is the one that counts."""
    contribution = _to_screen(session, contribution_id, by)
    if contribution.state not in DECIDED.values() or not _is_fresh(last_screening(session, contribution_id), by, at):
        minutes = int(MAY_TAKE_BACK.total_seconds() // 60)
        raise TooLateToTakeBack(_("You can undo only your own decisions, within {minutes} minutes.", minutes=minutes))
    if all(deliverable.stage not in TAKING_CONTRIBUTIONS for deliverable in deliverables_of(session, contribution.campaign_id)):
        raise TooLateToTakeBack(_("The contributions are already being reviewed, so the decision can no longer be undone."))
    contribution.state, contribution.state_since, contribution.state_reason = ContributionState.READY, at, None
    events.record(
        session,
        EventName.OPEN_CALL_SCREENING_TAKEN_BACK,
        by=by,
        at=at,
        campaign_id=contribution.campaign_id,
        contribution=str(contribution.id),
    )
    return contribution


def _is_fresh(screening: Screening, by: Actor, at: datetime) -> bool:
    return screening.screened_by == by.person_id and at - screening.screened_at <= MAY_TAKE_BACK


def last_screening(session: Session, contribution_id: UUID) -> Screening:
    """The decision that counts."""
    query = select(Screening).where(Screening.contribution_id == contribution_id).order_by(Screening.id.desc()).limit(1)
    return session.scalars(query).one()


def _to_screen(session: Session, contribution_id: UUID, by: Actor) -> Contribution:
    contribution = find_contribution(session, contribution_id, by=by, lock=True)
    by.require(Permission.SCREEN, on=contribution)
    if is_maker(session, contribution_id, by):
        raise ScreensOwnContribution(_("You made this contribution; someone else must screen it."))
    return contribution


def _require_decidable(contribution: Contribution, takes_part: bool) -> None:
    if contribution.state in DECIDED.values() or contribution.state is ContributionState.WITHDRAWN:
        raise AlreadyScreened(_("This contribution has already been decided or withdrawn. Reload the page."))
    if contribution.state is ContributionState.RECEIVED or (contribution.state is ContributionState.UNSHOWABLE and takes_part):
        raise NotShowable(_("This contribution cannot be viewed yet. Wait until it is processed, or try processing it again."))

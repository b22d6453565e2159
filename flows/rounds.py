"""Which campaigns a sweep looks at: those that may have changed, and a slice of all, so that each has its turn within a minute."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from campaigns.core import clock, flow_processes
from campaigns.core.campaign import Campaign
from campaigns.core.db import one_of
from flows.pulse import CAMPAIGNS, living

LEAST = 300
# A round takes less than the minute that is promised, for a sweep begins only when the one before is over.
ROUND_SECONDS = 40.0
FIRST = UUID(int=0)
IS_LIVE = and_(Campaign.cancelled_at.is_(None), Campaign.done_at.is_(None))
IS_DUE = or_(IS_LIVE, Campaign.flow_run_id.is_not(None))
HAS_NO_RUN = or_(~IS_LIVE, and_(Campaign.flow_run_id.is_(None), Campaign.paused_at.is_(None)))


class Rounds:
    """What one sweep process knows of its looks before: where the next slice begins, and who was not at rest."""

    def __init__(self, least: int = LEAST) -> None:
        self.least = least
        self._place = FIRST
        self._restless: set[UUID] = set()
        self._wakes: dict[UUID, int] = {}
        self._looked_at = 0.0
        self._ahead: timedelta | None = None

    def due(self, session: Session) -> Sequence[Campaign]:
        """The campaigns to look at now: all of them at the first look, and whenever the clock was moved."""
        ahead, now = clock.offset(session), clock.awake_seconds()
        is_moved = ahead != self._ahead
        place, most = (FIRST, None) if is_moved else (self._place, self._slice_size(session, now - self._looked_at))
        part = session.scalars(select(Campaign).where(IS_DUE, Campaign.id > place).order_by(Campaign.id).limit(most)).all()
        changed = self._changed(session) - {campaign.id for campaign in part}
        self._ahead, self._looked_at = ahead, now
        self._place = part[-1].id if most is not None and len(part) == most else FIRST
        due = [*part, *session.scalars(select(Campaign).where(IS_DUE, one_of(Campaign.id, changed)).order_by(Campaign.id))]
        self._restless = {campaign.id for campaign in due}  # until they have been looked at, which a sweep may fail to do
        return due

    def looked(self, campaigns: Collection[Campaign], at_rest: Collection[UUID]) -> None:
        """These were looked at, in the state that they were read in; whoever is not at rest is looked at next time too."""
        self._restless -= set(at_rest)
        self._wakes |= {campaign.id: campaign.wake for campaign in campaigns}

    def _slice_size(self, session: Session, elapsed: float) -> int:
        count = session.scalar(select(func.count()).select_from(Campaign).where(IS_DUE)) or 0
        return max(self.least, ceil(count * elapsed / ROUND_SECONDS))

    def _changed(self, session: Session) -> set[UUID]:
        """Who was not at rest when looked at last, was woken since, has no run or should have none, or has a process."""
        asked = select(Campaign.id, Campaign.wake, HAS_NO_RUN).where(IS_DUE, or_(Campaign.wake > Campaign.seen, HAS_NO_RUN))
        stirred = {id_ for id_, wake, has_no_run in session.execute(asked) if has_no_run or self._wakes.get(id_) != wake}
        beating = living(session, CAMPAIGNS)
        alive = set(session.scalars(select(Campaign.id).where(Campaign.number.in_(beating)))) if beating else set()
        return self._restless | stirred | alive | set(flow_processes.held(session).carried)

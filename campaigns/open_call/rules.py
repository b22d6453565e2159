"""When the call's gate opens: closed, with everything screened."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core.blockers import Blocker, BlockerCode
from campaigns.core.campaign import Campaign, Deliverable, StageVisit
from campaigns.core.db import given
from campaigns.core.stages import Stage
from campaigns.core.words import _, current_locale, n_
from campaigns.open_call.models import ContributionState, OpenCall
from campaigns.open_call.queries import waiting_counts

Waiting = Mapping[ContributionState, tuple[int, datetime]]


def blockers(session: Session, deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each of these deliverables waits for in the open call, the same for all of a campaign; a call without contributions blocks
    nothing."""
    campaign_ids = {t.campaign_id for t in deliverables}
    closes, unscreened = _open_calls(session, campaign_ids, at=at), unscreened_contributions(session, campaign_ids)
    return {t.id: [*closes.get(t.campaign_id, []), *unscreened[t.campaign_id]] for t in deliverables}


def unscreened_contributions(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, list[Blocker]]:
    """What stands between each campaign's contributions and their screening, in one query."""
    return {campaign_id: _unscreened(waiting) for campaign_id, waiting in waiting_counts(session, campaign_ids).items()}


def moment_in(time_zone: str, at: datetime) -> str:
    """A moment in the stated zone and in UTC, as the reader's language writes it."""
    return _moment_in(time_zone, at, current_locale())


@lru_cache(maxsize=10_000)
def _moment_in(time_zone: str, at: datetime, locale: str) -> str:
    stated = format_datetime(at, "d MMMM yyyy, HH:mm", tzinfo=ZoneInfo(time_zone), locale=locale)
    utc = format_datetime(at, "d MMMM, HH:mm", tzinfo=UTC, locale=locale)
    return _("{stated} ({zone}; {utc} UTC)", stated=stated, zone=time_zone, utc=utc)


def _open_calls(session: Session, campaign_ids: Collection[UUID], *, at: datetime) -> dict[UUID, list[Blocker]]:
    calls = session.execute(_calls(), {"ids": list(campaign_ids), "at": at})
    return {call.campaign_id: [call_open(call, zone)] for call, zone in calls}


@lru_cache
def _calls() -> Select[OpenCall, str]:
    query = select(OpenCall, Brief.time_zone).join(Brief, Brief.campaign_id == OpenCall.campaign_id)
    return query.where(given(OpenCall.campaign_id), OpenCall.closes_at > bindparam("at"))


def moment_of_call(session: Session, campaign: Campaign, at: datetime) -> datetime:
    """The moment that counts for a campaign's call: while it is paused its clocks stand still, and none falls back behind its last move.

    A machine's clock may be put back; a call that was seen to be closed does not open again for that.
    """
    if campaign.paused_at:
        return campaign.paused_at
    moved = (
        select(func.max(StageVisit.entered_at))
        .join(Deliverable, Deliverable.id == StageVisit.deliverable_id)
        .where(Deliverable.campaign_id == campaign.id)
    )
    return max(at, session.scalar(moved) or at)


def call_open(call: OpenCall, time_zone: str) -> Blocker:
    """The close that an open call waits for."""
    message = _("The call is open to everyone until {moment}.", moment=moment_in(time_zone, call.closes_at))
    return Blocker(BlockerCode.CALL_OPEN, message, call.opened_at, call.closes_at)


def _unscreened(waiting: Waiting) -> list[Blocker]:
    return [SENTENCES[state](*waiting[state]) for state in SENTENCES if state in waiting]


def _arriving(count: int, since: datetime) -> Blocker:
    message = n_(
        "{count} contribution is being processed for screening.", "{count} contributions are being processed for screening.", count
    )
    return Blocker(BlockerCode.CONTRIBUTIONS_ARRIVING, message, since, params={"count": count})


def _unshowable(count: int, since: datetime) -> Blocker:
    message = n_(
        "{count} contribution could not be processed. Retry or decline it.",
        "{count} contributions could not be processed. Retry or decline them.",
        count,
    )
    return Blocker(BlockerCode.CONTRIBUTIONS_UNSHOWABLE, message, since, params={"count": count})


def _ready(count: int, since: datetime) -> Blocker:
    message = n_("{count} contribution is waiting to be screened.", "{count} contributions are waiting to be screened.", count)
    return Blocker(BlockerCode.CONTRIBUTIONS_UNSCREENED, message, since, params={"count": count})


SENTENCES: Mapping[ContributionState, Callable[[int, datetime], Blocker]] = {
    ContributionState.RECEIVED: _arriving,
    ContributionState.UNSHOWABLE: _unshowable,
    ContributionState.READY: _ready,
}


TAKING_CONTRIBUTIONS = (Stage.OPEN_CALL, Stage.COLLABORATION)

"""When a deliverable's collaboration ends: at its close with everything screened, or by the word that the material is complete."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.collaboration.models import CollaborationWindow
from campaigns.collaboration.queries import open_claim_counts, present_windows
from campaigns.core.campaign import Track
from campaigns.core.db import one_of
from campaigns.core.stages import Blocker
from campaigns.core.words import _
from campaigns.open_call.rules import moment_in, open_calls, unscreened_works


def blockers(session: Session, tracks: Sequence[Track], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each of these tracks still waits for in its present visit; open claims block nothing, and are counted where the track waits.

    A call that was extended into collaboration stays open until its close: everyone was told so, and no word that all is there ends it.
    """
    campaign_ids = {t.campaign_id for t in tracks}
    windows, unscreened = present_windows(session, tracks), unscreened_works(session, campaign_ids)
    claims, zones = open_claim_counts(session, campaign_ids), _time_zones(session, campaign_ids)
    calls = open_calls(session, campaign_ids, at=at)
    waits: dict[UUID, list[Blocker]] = {}
    for track in tracks:
        window, waits[track.id] = windows[track.id], [*calls.get(track.campaign_id, [])]
        if window.completed_at is None:
            closing = _closing(window, zones[track.campaign_id], claims.get(track.campaign_id, 0), at)
            waits[track.id] += [*closing, *unscreened[track.campaign_id]]
    return waits


def _closing(window: CollaborationWindow, time_zone: str, claims: int, at: datetime) -> list[Blocker]:
    if not window.is_open(at):
        return []
    since, params = window.opened_at, {"open_claims": claims}
    if window.closes_at is None:
        message = _("The manager or the deliverable's leader says when the material is complete.")
        return [Blocker("material_incomplete", message, "leader", since, "complete", params=params)]
    message = _("Works may be built on until {moment}.", moment=moment_in(time_zone, window.closes_at))
    return [Blocker("collaboration_open", message, "artist", since, "remix", window.closes_at, params)]


def _time_zones(session: Session, campaign_ids: set[UUID]) -> dict[UUID, str]:
    return dict(session.execute(select(Brief.campaign_id, Brief.time_zone).where(one_of(Brief.campaign_id, campaign_ids))).all())

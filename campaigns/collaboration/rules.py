"""When a deliverable's collaboration ends: at its close with everything screened, or by the word that the material is complete."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.collaboration.queries import CollaborationVisit, open_claim_counts, standings
from campaigns.core.blockers import Blocker, BlockerCode
from campaigns.core.campaign import Deliverable
from campaigns.core.words import _
from campaigns.open_call.rules import call_open, moment_in, unscreened_contributions


def blockers(session: Session, deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each of these deliverables still waits for in its present visit; open claims block nothing, and are counted where it waits.

    A call that was extended into collaboration stays open until its close: everyone was told so, and no word that all is there ends it.
    """
    campaign_ids = {t.campaign_id for t in deliverables}
    found, unscreened = standings(session, deliverables, at=at), unscreened_contributions(session, campaign_ids)
    claims = open_claim_counts(session, campaign_ids)
    waits: dict[UUID, list[Blocker]] = {}
    for deliverable in deliverables:
        standing = found.get(deliverable.id)
        if standing is None:  # it has been moved since whoever asks without a lock has read it: this visit waits for nothing any more
            waits[deliverable.id] = []
            continue
        waits[deliverable.id] = [call_open(standing.call, standing.time_zone)] if standing.call else []
        if standing.window.completed_at is None:
            closing = _closing(standing, claims.get(deliverable.campaign_id, 0), at)
            waits[deliverable.id] += [*closing, *unscreened[deliverable.campaign_id]]
    return waits


def _closing(standing: CollaborationVisit, claims: int, at: datetime) -> list[Blocker]:
    window = standing.window
    if not window.is_open(at):
        return []
    since, params = window.opened_at, {"open_claims": claims}
    if window.closes_at is None:
        message = _("Waiting for the manager or the deliverable's leader to close the collaboration.")
        return [Blocker(BlockerCode.MATERIAL_INCOMPLETE, message, since, params=params)]
    message = _("Contributions can be remixed until {moment}.", moment=moment_in(standing.time_zone, window.closes_at))
    return [Blocker(BlockerCode.COLLABORATION_OPEN, message, since, window.closes_at, params=params)]

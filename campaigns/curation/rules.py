"""When a deliverable's curation ends: once its selection is published."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core.campaign import Track
from campaigns.core.db import one_of
from campaigns.core.stages import Blocker
from campaigns.core.words import _, n_
from campaigns.curation.barred import barred_works
from campaigns.curation.queries import Outstanding, asked_since, outstanding, published, with_works


def blockers(session: Session, tracks: Sequence[Track], *, at: datetime) -> dict[UUID, list[Blocker]]:  # noqa: ARG001 - every gate is asked alike
    """What each of these tracks still waits for in its present visit; the published selection alone opens the gate."""
    done, asked, open_reviews = published(session, tracks), asked_since(session, tracks), outstanding(session, tracks)
    barred = barred_works(session, [t for t in tracks if t.id in asked and t.id not in done])
    campaign_ids = {t.campaign_id for t in tracks}
    due, filled = _due(session, campaign_ids), with_works(session, campaign_ids)
    waits: dict[UUID, list[Blocker]] = {t.id: [] for t in tracks}
    for track in tracks:
        if track.id not in done:
            is_unasked = track.id not in asked and track.campaign_id in filled
            nobody_for = len(barred.get(track.campaign_id, ())) if track.id in asked else 0
            waits[track.id] = [
                *_reviews(track, is_unasked, open_reviews.get(track.id)),
                *_barred(nobody_for, asked.get(track.id)),
                _selection(track, due.get(track.campaign_id)),
            ]
    return waits


def _reviews(track: Track, is_unasked: bool, left: Outstanding | None) -> list[Blocker]:
    if is_unasked:
        message = _("No curators have been asked to review the works yet.")
        return [Blocker("curators_unassigned", message, "manager", track.entered_at, "assign")]
    if left is None:
        return []
    message = n_("{count} review is outstanding.", "{count} reviews are outstanding.", left.reviews)
    return [Blocker("reviews_outstanding", message, "curator", left.since, "review", params={"count": left.reviews})]


def _barred(works: int, since: datetime | None) -> list[Blocker]:
    if not works:
        return []
    message = n_(
        "No curator may review {count} work, for a conflict or a part in it: assign another.",
        "No curator may review {count} works, for a conflict or a part in them: assign another.",
        works,
    )
    return [Blocker("works_barred", message, "manager", since, "assign", params={"count": works})]


def _selection(track: Track, due: datetime | None) -> Blocker:
    message = _("The manager publishes what is chosen for this deliverable, or that nothing is, with the reasons.")
    return Blocker("selection_unpublished", message, "manager", track.entered_at, "publish", due)


def _due(session: Session, campaign_ids: set[UUID]) -> dict[UUID, datetime | None]:
    query = select(Brief.campaign_id, Brief.curation_due_at).where(one_of(Brief.campaign_id, campaign_ids))
    return dict(session.execute(query).all())

"""When a deliverable's client delivery ends: once the brand has approved its latest version and the package is there."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.client_delivery.errors import AlreadyApproved, NotInDelivery
from campaigns.client_delivery.models import Decision, Verdict
from campaigns.client_delivery.queries import Version, approved_cut, latest_cuts
from campaigns.core.campaign import Track
from campaigns.core.db import given
from campaigns.core.stages import Blocker, Stage
from campaigns.core.words import _
from campaigns.curation.queries import something_chosen


def blockers(session: Session, tracks: Sequence[Track], *, at: datetime) -> dict[UUID, list[Blocker]]:  # noqa: ARG001 - every gate is asked alike
    """What each of these tracks still waits for in its present visit."""
    latest = latest_cuts(session, tracks)
    waits: dict[UUID, list[Blocker]] = {}
    for track, (is_filled, due) in _filled_and_due(session, tracks):
        waits[track.id] = _waits(track, latest.get(track.id), due)
        # A version is made of something; where nothing is left to make it of, the manager says how it goes on.
        if not is_filled and any(wait.action == "make_cut" for wait in waits[track.id]):
            waits[track.id] = [_nothing_chosen(track)]
    return waits


def _nothing_chosen(track: Track) -> Blocker:
    message = _("Nothing is chosen for this deliverable: send it back to curation or collaboration, or cancel the campaign.")
    return Blocker("nothing_chosen", message, "manager", track.entered_at, "send_back")


def _waits(track: Track, version: Version | None, due: datetime | None) -> list[Blocker]:
    if version is None:
        return [Blocker("no_cut", _("The first version is to be made."), "editor", track.entered_at, "make_cut", due)]
    if version.decision is not None:
        return _after(version.decision, version, due)
    if version.taken_down:
        return [_taken_down(version, due)]
    if version.cut.presented_at is not None:
        message = _("The brand decides on version {number}.", number=version.cut.number)
        return [Blocker("decision", message, "approver", version.cut.presented_at, "decide", due)]
    return [*_unlicensed(version), _internal_approval(version, due)]


def _after(decision: Decision, version: Version, due: datetime | None) -> list[Blocker]:
    if decision.verdict is Verdict.CHANGES:
        message = _("The brand asked for changes to version {number}: the next one is to be made.", number=version.cut.number)
        return [Blocker("changes_asked", message, "editor", decision.decided_at, "make_cut", due)]
    if version.package is None and version.cut.package_problem:
        return [Blocker("package_stopped", version.cut.package_problem, "manager", decision.decided_at, "pack_again")]
    if version.package is None:
        return [Blocker("package", _("The package is being made."), "callboard", decision.decided_at)]
    return []


def _taken_down(version: Version, due: datetime | None) -> Blocker:
    titles = ", ".join(part.title for part in version.taken_down)
    message = _("Version {number} contains works that have been taken down: {titles}.", number=version.cut.number, titles=titles)
    return Blocker("component_taken_down", message, "editor", version.cut.made_at, "make_cut", due)


def _unlicensed(version: Version) -> list[Blocker]:
    if not version.unlicensed:
        return []
    titles = ", ".join(m.title for m in version.unlicensed)
    message = _("Version {number} has material from outside without a licence: {titles}.", number=version.cut.number, titles=titles)
    return [Blocker("licence_missing", message, "editor", version.cut.made_at, "license_outside")]


def _internal_approval(version: Version, due: datetime | None) -> Blocker:
    message = _("Version {number} is to be approved internally before the brand sees it.", number=version.cut.number)
    return Blocker("internal_approval", message, "manager", version.cut.made_at, "approve_internally", due)


def _filled_and_due(session: Session, tracks: Sequence[Track]) -> list[tuple[Track, tuple[bool, datetime | None]]]:
    """Whether there is something chosen for each of these tracks, and by when it is to be delivered."""
    rows = session.execute(_of_tracks(), {"ids": [t.id for t in tracks]})
    found = {track_id: (is_filled, due) for track_id, is_filled, due in rows}
    return [(track, found[track.id]) for track in tracks]


@lru_cache
def _of_tracks() -> Select[UUID, bool, datetime | None]:
    query = select(Track.id, something_chosen(), Brief.delivery_due_at).join(Brief, Brief.campaign_id == Track.campaign_id)
    return query.where(given(Track.id))


def require_in_delivery(track: Track) -> None:
    """Raise NotInDelivery unless this is the stage that the deliverable is in."""
    if track.stage is not Stage.CLIENT_DELIVERY:
        raise NotInDelivery(_("This deliverable is in {stage}, not in client delivery.", stage=track.stage.value))


def require_unapproved(session: Session, track: Track) -> None:
    """Raise AlreadyApproved once the brand has approved a version of the present visit."""
    approved = approved_cut(session, track.id)
    if approved is not None and approved.visit == track.visit:
        raise AlreadyApproved(_("The brand has approved version {number}; nothing is left to be made.", number=approved.number))

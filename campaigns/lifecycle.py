"""The only code that changes where a track stands: its gates, its moves, pause and end."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief import actions as brief_actions
from campaigns.brief import rules as brief_rules
from campaigns.client_delivery import rules as client_delivery_rules
from campaigns.client_delivery import unmade
from campaigns.collaboration import actions as collaboration_actions
from campaigns.collaboration import rules as collaboration_rules
from campaigns.core import events
from campaigns.core.campaign import Campaign, Pause, Track, Visit, find_campaign, find_track, require_live, tracks_of
from campaigns.core.db import held, one_of
from campaigns.core.errors import Invalid, Refusal, Stale
from campaigns.core.people import HOUSE, Actor
from campaigns.core.permissions import Permission
from campaigns.core.stages import ENDS, Blocker, Cause, Stage
from campaigns.core.words import _
from campaigns.curation import actions as curation_actions
from campaigns.curation import rules as curation_rules
from campaigns.open_call import actions as open_call_actions
from campaigns.open_call import queries as open_call_queries
from campaigns.open_call import rules as open_call_rules
from campaigns.payout import actions as payout_actions
from campaigns.payout import crediting
from campaigns.payout import queries as payout_queries
from campaigns.payout import rules as payout_rules

Gate = Callable[..., dict[UUID, list[Blocker]]]

GATES: Mapping[Stage, Gate] = {
    Stage.BRIEF: brief_rules.blockers,
    Stage.OPEN_CALL: open_call_rules.blockers,
    Stage.COLLABORATION: collaboration_rules.blockers,
    Stage.CURATION: curation_rules.blockers,
    Stage.CLIENT_DELIVERY: client_delivery_rules.blockers,
    Stage.PAYOUT: payout_rules.blockers,
    Stage.CANCELLED: payout_rules.blockers,  # its kill fee
}
FORWARD: Mapping[Stage, Stage] = {
    Stage.BRIEF: Stage.OPEN_CALL,
    Stage.OPEN_CALL: Stage.COLLABORATION,
    Stage.COLLABORATION: Stage.CURATION,
    Stage.CURATION: Stage.CLIENT_DELIVERY,
    Stage.CLIENT_DELIVERY: Stage.PAYOUT,
    Stage.PAYOUT: Stage.DONE,
}
BACK: Mapping[Stage, frozenset[Stage]] = {
    Stage.CURATION: frozenset({Stage.COLLABORATION}),
    Stage.CLIENT_DELIVERY: frozenset({Stage.CURATION, Stage.COLLABORATION}),
}
MOVES: Mapping[Stage, frozenset[Stage]] = {
    stage: frozenset({onward, Stage.CANCELLED}) | BACK.get(stage, frozenset()) for stage, onward in FORWARD.items()
}
TOGETHER = frozenset({Stage.BRIEF, Stage.OPEN_CALL})
ENTRANCES: Mapping[Stage, Callable[..., None]] = {
    Stage.OPEN_CALL: open_call_actions.enter,
    Stage.COLLABORATION: collaboration_actions.enter,
    Stage.CURATION: curation_actions.enter,
    Stage.PAYOUT: payout_actions.enter,
}
DATES: Sequence[Callable[..., None]] = (
    brief_actions.shift_dates,
    open_call_actions.shift_dates,
    collaboration_actions.shift_dates,
    payout_actions.shift_dates,
)

WORK_WAITING: Sequence[Callable[[Session, Collection[UUID]], set[UUID]]] = (
    open_call_queries.work_waiting,
    unmade.work_waiting,
    payout_queries.work_waiting,
    crediting.work_waiting,
)


class IllegalMove(Refusal):
    """The table of moves does not have it."""


class GateClosed(Refusal):
    """The stage still waits for something."""


class AlreadyPaused(Refusal):
    """A pause cannot begin twice."""


class NotPaused(Refusal):
    """There is no pause to end."""


def blockers(session: Session, tracks: Sequence[Track], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each live track of one or many campaigns waits for, a pause first; the number of queries is fixed."""
    waits: dict[UUID, list[Blocker]] = {}
    for stage, gate in GATES.items():
        if here := [t for t in tracks if t.stage is stage]:
            waits |= gate(session, here, at=at)
    for track_id, pause in _pauses(session, tracks).items():
        waits[track_id] = [pause, *waits.get(track_id, [])]
    return waits


def _pauses(session: Session, tracks: Sequence[Track]) -> dict[UUID, Blocker]:
    live = [t for t in tracks if t.is_live]
    known = held(session, Campaign, {t.campaign_id for t in live})
    paused = {key: campaign for key, campaign in known.items() if campaign.paused_at is not None}
    if unknown := {t.campaign_id for t in live} - known.keys():
        asked = select(Campaign).where(one_of(Campaign.id, unknown), Campaign.paused_at.is_not(None))
        paused |= {campaign.id: campaign for campaign in session.scalars(asked)}
    return {t.id: _pause_of(paused[t.campaign_id]) for t in live if t.campaign_id in paused}


def _pause_of(campaign: Campaign) -> Blocker:
    message = _("The campaign is paused: {reason}", reason=campaign.pause_reason or _("no reason was given"))
    return Blocker("paused", message, waits_for="manager", since=campaign.paused_at, action="resume")


def next_moves(session: Session, track: Track, *, at: datetime) -> list[Stage]:
    """The stages that this track may go to now: back where the table allows it, forward when its gate is open."""
    open_gate = track.is_live and not blockers(session, [track], at=at)[track.id]
    onward = [FORWARD[track.stage]] if open_gate else []
    return [*sorted(BACK.get(track.stage, frozenset())), *onward]


def move(session: Session, track_id: UUID, frm: Stage, to: Stage, visit: int, reason: str, *, by: Actor, at: datetime) -> Track:
    """Move the track from `frm`, as it stood at `visit`, to `to`: the same call again does nothing, a stale one raises Stale.

    All tracks of a campaign leave its brief and its open call together. Raises IllegalMove where MOVES has no such move or a track would
    be cancelled without its campaign, and GateClosed where going forward still waits for something.
    """
    track = find_track(session, track_id, by=by, lock=True)
    by.require(Permission.SEND_BACK if to in BACK.get(frm, frozenset()) else Permission.OPERATE, on=track)
    if (track.stage, track.visit) == (to, visit + 1):
        return track
    _require_legal(track, frm, to, visit)
    if to is FORWARD[frm] and (waits := blockers(session, [track], at=at)[track.id]):
        raise GateClosed(waits[0].message)
    for leaving in tracks_of(session, track.campaign_id, lock=True) if frm in TOGETHER else [track]:
        _enter(session, leaving, to, reason, by=by, at=at)
    if to is Stage.DONE:
        _close_when_done(session, track.campaign_id, at=at)
    return track


def _require_legal(track: Track, frm: Stage, to: Stage, visit: int) -> None:
    if (track.stage, track.visit) != (frm, visit):
        raise _stale(track)
    if to not in MOVES.get(frm, frozenset()):
        raise IllegalMove(_("A deliverable cannot go from {frm} to {to}.", frm=frm.value, to=to.value))
    if to is Stage.CANCELLED:
        raise IllegalMove(_("A deliverable is not cancelled by itself: cancel the campaign."))


def _stale(track: Track) -> Stale:
    return Stale(_("This deliverable has moved since you looked: it is now in {stage}.", stage=track.stage.value))


def _enter(session: Session, track: Track, to: Stage, because: str | Cause, *, by: Actor, at: datetime) -> Track:
    frm = track.stage
    cause, reason = (because, None) if isinstance(because, Cause) else (None, because)
    track.stage, track.visit, track.entered_at, track.entered_because, track.entered_cause = to, track.visit + 1, at, reason, cause
    session.add(Visit(track_id=track.id, number=track.visit, stage=to, entered_at=at, reason=reason, cause=cause))
    session.flush()
    if to in ENTRANCES:
        ENTRANCES[to](session, track, at=at)
    events.record(
        session,
        "campaign.moved",
        by=by,
        at=at,
        campaign_id=track.campaign_id,
        track_id=track.id,
        reason=reason,
        frm=frm.value,
        to=to.value,
        visit=track.visit,
        **({"cause": cause.value} if cause else {}),
    )
    return track


def move_on(session: Session, campaign_id: UUID, *, at: datetime) -> list[Track]:
    """Move every live track of the campaign whose gate is open one stage forward; returns those that moved."""
    find_campaign(session, campaign_id, by=HOUSE, lock=True)
    tracks = [t for t in tracks_of(session, campaign_id, lock=True) if t.is_live]
    waits = blockers(session, tracks, at=at)
    moved = [_enter(session, t, FORWARD[t.stage], Cause.GATE_OPENED, by=HOUSE, at=at) for t in tracks if not waits[t.id]]
    if moved:
        _close_when_done(session, campaign_id, at=at)
    return moved


def _close_when_done(session: Session, campaign_id: UUID, *, at: datetime) -> None:
    campaign, tracks = session.get_one(Campaign, campaign_id), tracks_of(session, campaign_id)
    if any(t.is_live for t in tracks):
        return
    campaign.done_at = at
    payout_actions.give_back_reserve(session, campaign, at=at)
    events.record(session, "campaign.done", by=HOUSE, at=at, campaign_id=campaign.id)


def send_back(
    session: Session, track_id: UUID, to: Stage, visit: int, reason: str, *, by: Actor, at: datetime, closes_at: datetime | None = None
) -> Track:
    """Send one deliverable back for a new visit; in collaboration it may be given a new close, else the manager's word closes it."""
    track = find_track(session, track_id, by=by, lock=True)
    by.require(Permission.SEND_BACK, on=track)
    if (track.stage, track.visit) == (to, visit + 1):
        return track
    if not reason.strip():
        raise Invalid(_("Say why the deliverable goes back; the reason stands beside its stage."), field="reason")
    if track.visit != visit:
        raise _stale(track)
    if to not in BACK.get(track.stage, frozenset()):
        raise IllegalMove(_("A deliverable cannot go back from {frm} to {to}.", frm=track.stage.value, to=to.value))
    track = move(session, track_id, track.stage, to, visit, reason.strip(), by=by, at=at)
    if to is Stage.COLLABORATION and closes_at is not None:
        collaboration_actions.set_close(session, track, closes_at, by=by, at=at)
    return track


def pause(session: Session, campaign_id: UUID, reason: str, *, by: Actor, at: datetime) -> Campaign:
    """Stop the campaign's clocks and its letters until the pause ends."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.PAUSE, on=campaign)
    require_live(campaign)
    if campaign.paused_at is not None:
        raise AlreadyPaused(_("The campaign is paused already, since {since:%d %B %Y}.", since=campaign.paused_at))
    if not reason.strip():
        raise Invalid(_("Say why the campaign is paused; everyone in it will read it."), field="reason")
    campaign.paused_at, campaign.pause_reason = at, reason.strip()
    events.record(session, "campaign.paused", by=by, at=at, campaign_id=campaign.id, reason=campaign.pause_reason)
    return campaign


def resume(session: Session, campaign_id: UUID, *, by: Actor, at: datetime) -> Campaign:
    """End the pause: every open date moves on by its length, or by what was left of it when the date was set."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.PAUSE, on=campaign)
    require_live(campaign)
    if campaign.paused_at is None:
        raise NotPaused(_("The campaign is not paused."))
    pause = Pause(campaign.paused_at, max(at, campaign.paused_at))
    campaign.paused_at = campaign.pause_reason = None
    for shift in DATES:
        shift(session, campaign, pause)
    events.record(session, "campaign.resumed", by=by, at=at, campaign_id=campaign.id, seconds=int(pause.length.total_seconds()))
    return campaign


def end(session: Session, campaign: Campaign, final: Collection[UUID], reason: str, *, by: Actor, at: datetime) -> None:
    """End every live track of a campaign that is cancelled: those whose proposal is `final` are done. The pause, if any, ends with it."""
    for track in [t for t in tracks_of(session, campaign.id, lock=True) if t.is_live]:
        to, because = (Stage.DONE, Cause.PROPOSAL_FINAL) if track.id in final else (Stage.CANCELLED, reason)
        _enter(session, track, to, because, by=by, at=at)
    campaign.cancelled_at = at
    campaign.paused_at = campaign.pause_reason = None  # the time for comments on its kill fees must run


def astir(session: Session, campaign_ids: Sequence[UUID], *, at: datetime) -> set[UUID]:
    """The live campaigns among these that have something to do now: a gate that is open, or work for the machine."""
    tracks = session.scalars(select(Track).where(one_of(Track.campaign_id, campaign_ids), Track.stage.not_in(ENDS))).all()
    waits = blockers(session, tracks, at=at)
    return {t.campaign_id for t in tracks if not waits[t.id]} | work_waiting(session, {t.campaign_id for t in tracks})


def work_waiting(session: Session, campaign_ids: Collection[UUID]) -> set[UUID]:
    """The campaigns among these for which something is to be done by the machine."""
    return set().union(*(waiting(session, campaign_ids) for waiting in WORK_WAITING))

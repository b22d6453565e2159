"""The only code that changes where a deliverable stands: its gates, its moves, pause and end."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief import actions as brief_actions
from campaigns.brief import rules as brief_rules
from campaigns.client_delivery import rules as client_delivery_rules
from campaigns.client_delivery.packages import queries as package_queries
from campaigns.collaboration import actions as collaboration_actions
from campaigns.collaboration import rules as collaboration_rules
from campaigns.core import events
from campaigns.core.blockers import Blocker, BlockerCode
from campaigns.core.campaign import Campaign, Deliverable, Pause, StageVisit, deliverables_of, find_campaign, find_deliverable, require_live
from campaigns.core.db import held, one_of
from campaigns.core.errors import Invalid, NotPaused, Refusal, Stale
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Permission
from campaigns.core.stages import ENDS, MoveCause, Stage
from campaigns.core.words import _
from campaigns.curation import actions as curation_actions
from campaigns.curation import rules as curation_rules
from campaigns.open_call import actions as open_call_actions
from campaigns.open_call import queries as open_call_queries
from campaigns.open_call import rules as open_call_rules
from campaigns.payout import actions as payout_actions
from campaigns.payout import queries as payout_queries
from campaigns.payout import rules as payout_rules
from campaigns.payout.proposals import rules as proposal_rules

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
    package_queries.work_waiting,
    payout_queries.work_waiting,
    proposal_rules.work_waiting,
)


class IllegalMove(Refusal):
    """The deliverable cannot make this move."""


class GateClosed(Refusal):
    """The stage still has unmet requirements."""


class AlreadyPaused(Refusal):
    """The campaign is already paused."""


def blockers(session: Session, deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each live deliverable of one or many campaigns waits for, a pause first; the number of queries is fixed."""
    waits: dict[UUID, list[Blocker]] = {}
    for stage, gate in GATES.items():
        if here := [t for t in deliverables if t.stage is stage]:
            waits |= gate(session, here, at=at)
    for deliverable_id, pause in _pauses(session, deliverables).items():
        waits[deliverable_id] = [pause, *waits.get(deliverable_id, [])]
    return waits


def _pauses(session: Session, deliverables: Sequence[Deliverable]) -> dict[UUID, Blocker]:
    live = [t for t in deliverables if t.is_live]
    known = held(session, Campaign, {t.campaign_id for t in live})
    paused = {key: campaign for key, campaign in known.items() if campaign.paused_at is not None}
    if unknown := {t.campaign_id for t in live} - known.keys():
        asked = select(Campaign).where(one_of(Campaign.id, unknown), Campaign.paused_at.is_not(None))
        paused |= {campaign.id: campaign for campaign in session.scalars(asked)}
    return {t.id: _pause_of(paused[t.campaign_id]) for t in live if t.campaign_id in paused}


def _pause_of(campaign: Campaign) -> Blocker:
    message = _("The campaign is paused: {reason}", reason=campaign.pause_reason or _("no reason was given"))
    return Blocker(BlockerCode.PAUSED, message, campaign.paused_at)


def next_moves(session: Session, deliverable: Deliverable, *, at: datetime) -> list[Stage]:
    """The stages that this deliverable may go to now: back where the table allows it, forward when its gate is open."""
    open_gate = deliverable.is_live and not blockers(session, [deliverable], at=at)[deliverable.id]
    onward = [FORWARD[deliverable.stage]] if open_gate else []
    return [*sorted(BACK.get(deliverable.stage, frozenset())), *onward]


def move(session: Session, deliverable_id: UUID, frm: Stage, to: Stage, visit: int, reason: str, *, by: Actor, at: datetime) -> Deliverable:
    """Move the deliverable from `frm`, as it stood at `visit`, to `to`: the same call again does nothing, a stale one raises Stale.

    All deliverables of a campaign leave its brief and its open call together. Raises IllegalMove where MOVES has no such move or one
    would be cancelled without its campaign, and GateClosed where going forward still waits for something.
    """
    deliverable = find_deliverable(session, deliverable_id, by=by, lock=True)
    by.require(Permission.SEND_BACK if to in BACK.get(frm, frozenset()) else Permission.OPERATE, on=deliverable)
    if (deliverable.stage, deliverable.visit) == (to, visit + 1):
        return deliverable
    _require_legal(deliverable, frm, to, visit)
    if to is FORWARD[frm] and (waits := blockers(session, [deliverable], at=at)[deliverable.id]):
        raise GateClosed(waits[0].message)
    for leaving in deliverables_of(session, deliverable.campaign_id, lock=True) if frm in TOGETHER else [deliverable]:
        _enter(session, leaving, to, reason, by=by, at=at)
    if to is Stage.DONE:
        _close_when_done(session, deliverable.campaign_id, at=at)
    return deliverable


def _require_legal(deliverable: Deliverable, frm: Stage, to: Stage, visit: int) -> None:
    if (deliverable.stage, deliverable.visit) != (frm, visit):
        raise _stale(deliverable)
    if to not in MOVES.get(frm, frozenset()):
        raise IllegalMove(_("A deliverable cannot go from {frm} to {to}.", frm=frm.value, to=to.value))
    if to is Stage.CANCELLED:
        raise IllegalMove(_("A deliverable cannot be canceled on its own: cancel the campaign."))


def _stale(deliverable: Deliverable) -> Stale:
    return Stale(_("This deliverable has moved since you looked: it is now in {stage}.", stage=deliverable.stage.value))


def _enter(session: Session, deliverable: Deliverable, to: Stage, because: str | MoveCause, *, by: Actor, at: datetime) -> Deliverable:
    frm = deliverable.stage
    cause, reason = (because, None) if isinstance(because, MoveCause) else (None, because)
    deliverable.stage, deliverable.visit, deliverable.entered_at, deliverable.entered_because, deliverable.entered_cause = (
        to,
        deliverable.visit + 1,
        at,
        reason,
        cause,
    )
    session.add(StageVisit(deliverable_id=deliverable.id, number=deliverable.visit, stage=to, entered_at=at, reason=reason, cause=cause))
    session.flush()
    if to in ENTRANCES:
        ENTRANCES[to](session, deliverable, at=at)
    events.record(
        session,
        EventName.CAMPAIGN_MOVED,
        by=by,
        at=at,
        campaign_id=deliverable.campaign_id,
        deliverable_id=deliverable.id,
        reason=reason,
        frm=frm.value,
        to=to.value,
        visit=deliverable.visit,
        **({"cause": cause.value} if cause else {}),
    )
    return deliverable


def move_on(session: Session, campaign_id: UUID, *, at: datetime) -> list[Deliverable]:
    """Move every live deliverable of the campaign whose gate is open one stage forward; returns those that moved."""
    find_campaign(session, campaign_id, by=SYSTEM, lock=True)
    deliverables = [t for t in deliverables_of(session, campaign_id, lock=True) if t.is_live]
    waits = blockers(session, deliverables, at=at)
    moved = [_enter(session, t, FORWARD[t.stage], MoveCause.GATE_OPENED, by=SYSTEM, at=at) for t in deliverables if not waits[t.id]]
    if moved:
        _close_when_done(session, campaign_id, at=at)
    return moved


def _close_when_done(session: Session, campaign_id: UUID, *, at: datetime) -> None:
    campaign, deliverables = session.get_one(Campaign, campaign_id), deliverables_of(session, campaign_id)
    if any(t.is_live for t in deliverables):
        return
    campaign.done_at = at
    payout_actions.give_back_reserve(session, campaign, at=at)
    events.record(session, EventName.CAMPAIGN_DONE, by=SYSTEM, at=at, campaign_id=campaign.id)


def send_back(
    session: Session,
    deliverable_id: UUID,
    to: Stage,
    visit: int,
    reason: str,
    *,
    by: Actor,
    at: datetime,
    closes_at: datetime | None = None,
) -> Deliverable:
    """Send one deliverable back for a new visit; in collaboration it may be given a new close, else the manager's word closes it."""
    deliverable = find_deliverable(session, deliverable_id, by=by, lock=True)
    by.require(Permission.SEND_BACK, on=deliverable)
    if (deliverable.stage, deliverable.visit) == (to, visit + 1):
        return deliverable
    if not reason.strip():
        raise Invalid(_("Say why the deliverable goes back; the reason is shown with its stage."), field="reason")
    if deliverable.visit != visit:
        raise _stale(deliverable)
    if to not in BACK.get(deliverable.stage, frozenset()):
        raise IllegalMove(_("A deliverable cannot go back from {frm} to {to}.", frm=deliverable.stage.value, to=to.value))
    deliverable = move(session, deliverable_id, deliverable.stage, to, visit, reason.strip(), by=by, at=at)
    if to is Stage.COLLABORATION and closes_at is not None:
        collaboration_actions.set_close(session, deliverable, closes_at, by=by, at=at)
    return deliverable


def pause(session: Session, campaign_id: UUID, reason: str, *, by: Actor, at: datetime) -> Campaign:
    """Stop the campaign's clocks and its emails until the pause ends."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.PAUSE, on=campaign)
    require_live(campaign)
    if campaign.paused_at is not None:
        raise AlreadyPaused(_("The campaign has been paused since {since:%d %B %Y}.", since=campaign.paused_at))
    if not reason.strip():
        raise Invalid(_("Say why you are pausing the campaign; everyone in it can read the reason."), field="reason")
    campaign.paused_at, campaign.pause_reason = at, reason.strip()
    events.record(session, EventName.CAMPAIGN_PAUSED, by=by, at=at, campaign_id=campaign.id, reason=campaign.pause_reason)
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
    events.record(session, EventName.CAMPAIGN_RESUMED, by=by, at=at, campaign_id=campaign.id, seconds=int(pause.length.total_seconds()))
    return campaign


def end(session: Session, campaign: Campaign, final: Collection[UUID], reason: str, *, by: Actor, at: datetime) -> None:
    """End every live deliverable of a campaign that is cancelled: those whose proposal is `final` are done. A pause ends with it."""
    for deliverable in [t for t in deliverables_of(session, campaign.id, lock=True) if t.is_live]:
        to, because = (Stage.DONE, MoveCause.PROPOSAL_FINAL) if deliverable.id in final else (Stage.CANCELLED, reason)
        _enter(session, deliverable, to, because, by=by, at=at)
    campaign.cancelled_at = at
    campaign.paused_at = campaign.pause_reason = None  # the time for comments on its kill fees must run


def astir(session: Session, campaign_ids: Sequence[UUID], *, at: datetime) -> set[UUID]:
    """The live campaigns among these that have something to do now: a gate that is open, or work for the machine."""
    deliverables = session.scalars(
        select(Deliverable).where(one_of(Deliverable.campaign_id, campaign_ids), Deliverable.stage.not_in(ENDS))
    ).all()
    waits = blockers(session, deliverables, at=at)
    return {t.campaign_id for t in deliverables if not waits[t.id]} | work_waiting(session, {t.campaign_id for t in deliverables})


def work_waiting(session: Session, campaign_ids: Collection[UUID]) -> set[UUID]:
    """The campaigns among these for which something is to be done by the machine."""
    return set().union(*(waiting(session, campaign_ids) for waiting in WORK_WAITING))

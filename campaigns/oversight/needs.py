"""What waits for one person now, across all campaigns and beside them: each a sentence and the place where it is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief import needs as brief
from campaigns.brief import rules as brief_rules
from campaigns.client_delivery import needs as client_delivery
from campaigns.collaboration import needs as collaboration
from campaigns.core import dismissals
from campaigns.core import needs as core
from campaigns.core.attention import keep_count
from campaigns.core.blockers import Blocker, BlockerCode, Waited
from campaigns.core.campaign import Campaign, Deliverable, in_reach_of
from campaigns.core.db import one_of
from campaigns.core.dismissals import morning_of
from campaigns.core.emails import was_written_to
from campaigns.core.errors import NotFound, Refusal
from campaigns.core.needs import Need
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.curation.models import Review, ReviewAssignment, ReviewRound
from campaigns.curation.queries import GIVEN
from campaigns.open_call import needs as open_call
from campaigns.oversight.gates import ROLES, act_of
from campaigns.payments import needs as payments
from campaigns.payout import needs as payout
from campaigns.payout.earnings.queries import earns
from campaigns.payout.models import Finalization, Proposal, ProposalState


def _waited_in(role: Role) -> frozenset[Stage]:
    """The stages in which something waits for a holder of the role, whom it needs by that role."""
    acting = ((action.who, code.stages) for code in BlockerCode for action in code.actions if action.who is not Waited.BRAND)
    return frozenset(stage for who, stages in acting if role in ROLES.get(who, ()) for stage in stages)


WAITED_IN: Mapping[Role, frozenset[Stage]] = {role: _waited_in(role) for role in Role if _waited_in(role)}
LAST = frozenset({BlockerCode.NOT_LAUNCHED})  # a brief is launched once nothing else of it is left to do
# What each part has waiting for a person beside the gates of their deliverables.
OFFERS = (
    core.needs_of,
    payments.needs_of,
    brief.needs_of,
    open_call.needs_of,
    collaboration.needs_of,
    client_delivery.needs_of,
    payout.needs_of,
)


@dataclass(frozen=True, slots=True)
class Snoozed:
    """Something that still waits, and from when on it is shown again."""

    need: Need
    until: datetime


class StillWaits(Refusal):
    """A notification that still needs you cannot be marked as done."""


def needs(session: Session, *, by: Actor, at: datetime) -> Sequence[Need]:
    """What waits for the actor and is not snoozed, what is due first; the number of queries does not grow with the campaigns."""
    found = _all(session, by, at)
    asleep = {each.need.notification for each in _asleep(session, found, by, at)}
    shown = [need for need in found if need.notification not in asleep]
    keep_count(session, by.person, len(shown), earns=earns(session, by=by))
    return shown


def snoozed(session: Session, *, by: Actor, at: datetime) -> Sequence[Snoozed]:
    """What waits for the actor and is snoozed, what is shown again first before the rest."""
    return sorted(_asleep(session, _all(session, by, at), by, at), key=lambda each: each.until)


def dismiss(session: Session, notification: str, day: date | None, *, by: Actor, at: datetime) -> None:
    """Snooze one of the actor's notifications until the morning of `day`, or dismiss an email for good.

    Raises NotFound for what they were never told, StillWaits for what waits for them, Invalid about `until`.
    """
    waits = any(need.notification == notification for need in _all(session, by, at))
    if not waits and not was_written_to(session, notification, by=by):
        raise NotFound(_("There is no such notification, or it no longer needs you."))
    if waits and day is None:
        raise StillWaits(_("This needs you until it is done. You can snooze it to a day within the next month."))
    dismissals.dismiss(session, notification, morning_of(session, day, by=by, at=at) if day else None, by=by, at=at)


def _asleep(session: Session, found: Sequence[Need], by: Actor, at: datetime) -> Iterator[Snoozed]:
    """Those that are snoozed; what waits anew since then is not among them."""
    snoozes = dismissals.list_dismissals(session, [need.notification for need in found], by=by, at=at)
    for need in found:
        snooze = snoozes.get(need.notification)
        if snooze and snooze.until and not (need.since and need.since > snooze.dismissed_at):
            yield Snoozed(need, snooze.until)


def _all(session: Session, by: Actor, at: datetime) -> list[Need]:
    offered = (offer(session, by, at) for offer in OFFERS)
    found = [*_of_campaigns(session, by, at), *chain.from_iterable(offered)]
    return sorted(found, key=lambda need: (need.due is None, need.due or need.since or at, need.code))


def _of_campaigns(session: Session, by: Actor, at: datetime) -> Iterator[Need]:
    query = select(Campaign, Deliverable).outerjoin(Deliverable, Deliverable.campaign_id == Campaign.id).where(*_concerning(by))
    found: Sequence[tuple[Campaign, Deliverable | None]] = session.execute(query.order_by(Campaign.id, Deliverable.number)).all()
    if not found:
        return
    done = _done_by(session, by, [deliverable.id for _campaign, deliverable in found if deliverable])
    gathered: dict[tuple[UUID, str], Need] = {}
    for campaign, deliverable, wait in _waits(session, found, at):
        if _is_for(by, campaign, deliverable, wait) and (wait.code, deliverable and deliverable.id) not in done:
            need = gathered.setdefault((campaign.id, wait.gate), _need(campaign, wait))
            need.deliverables += [deliverable] if deliverable else []
    waiting = {campaign_id for campaign_id, gate in gathered if gate not in LAST}
    yield from (need for (campaign_id, gate), need in gathered.items() if gate not in LAST or campaign_id not in waiting)


def _concerning(by: Actor) -> tuple[ColumnElement[bool], ...]:
    """The deliverables that someone like the actor is waited for in, of campaigns that are live or owe kill fees.

    All of those that they run, and by their other roles.
    """
    reaches = [Campaign.owner_id == by.person]
    reaches += [in_reach_of(grant for grant in by.grants if grant.role is Role.MANAGER and (grant.brand_id or grant.campaign_id))]
    for role in sorted({grant.role for grant in by.grants} & WAITED_IN.keys()):
        within = in_reach_of(grant for grant in by.grants if grant.role is role)
        reaches.append(and_(within, Deliverable.stage.in_(sorted(WAITED_IN[role]))))
    return (Campaign.done_at.is_(None), Campaign.settled_at.is_(None), or_(*reaches))


def _waits(
    session: Session, found: Sequence[tuple[Campaign, Deliverable | None]], at: datetime
) -> Iterator[tuple[Campaign, Deliverable | None, Blocker]]:
    """Each wait of each deliverable; of a paused campaign the end of its pause alone, and of a brief without a deliverable its own."""
    waits = lifecycle.blockers(session, [deliverable for _campaign, deliverable in found if deliverable], at=at)
    empty = [campaign.id for campaign, deliverable in found if deliverable is None]
    of_briefs = brief_rules.waits(session, empty, at=at) if empty else {}
    for campaign, deliverable in found:
        of_deliverable = waits.get(deliverable.id, []) if deliverable else of_briefs[campaign.id]
        for wait in of_deliverable[:1] if deliverable and campaign.paused_at else of_deliverable:
            yield campaign, deliverable, wait


def _is_for(by: Actor, campaign: Campaign, deliverable: Deliverable | None, wait: Blocker) -> bool:
    act, on = act_of(wait), deliverable or campaign
    if act is None or not by.may(act.permission, on=on):
        return False
    runs_it = campaign.owner_id == by.person_id or any(
        grant.role is Role.MANAGER and grant.covers(on.scope) and (grant.brand_id or grant.campaign_id) for grant in by.grants
    )
    if wait.waits_for in {Waited.MANAGER, Waited.BRAND}:
        return runs_it
    holds = any(by.holds(role, on=on, sign_off_role=wait.params.get("sign_off_role")) for role in ROLES.get(wait.waits_for, ()))
    return holds or (wait.waits_for == Waited.LEADER and runs_it)


def _done_by(session: Session, by: Actor, deliverable_ids: Sequence[UUID]) -> set[tuple[BlockerCode, UUID | None]]:
    """What these deliverables wait for and the actor has done their part of: reviews written, proposals called final."""
    said = (
        select(Proposal.deliverable_id)
        .join(Finalization, Finalization.proposal_id == Proposal.id)
        .where(one_of(Proposal.deliverable_id, deliverable_ids), Proposal.state == ProposalState.OPEN, Finalization.person_id == by.person)
    )
    left = (
        select(Deliverable.id)
        .join(ReviewRound, and_(ReviewRound.deliverable_id == Deliverable.id, ReviewRound.visit == Deliverable.visit))
        .join(ReviewAssignment, ReviewAssignment.round_id == ReviewRound.id)
        .where(one_of(Deliverable.id, deliverable_ids), ReviewAssignment.curator_id == by.person, GIVEN)
        .where(~exists().where(Review.assignment_id == ReviewAssignment.id))
    )
    reviewed = set(deliverable_ids) - set(session.scalars(left))
    return {(BlockerCode.FINALIZATION, t) for t in session.scalars(said)} | {(BlockerCode.REVIEWS_OUTSTANDING, t) for t in reviewed}


def _need(campaign: Campaign, wait: Blocker) -> Need:
    act = act_of(wait)
    return Need(wait.code, wait.message, act.of(campaign.id) if act else "", wait.since, wait.due, campaign, gate=wait.gate)

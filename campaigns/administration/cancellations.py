"""Cancelling a campaign: what it would cost, who asks, who confirms, and what happens to its work and its money."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.budgets import fee_shares
from campaigns.brief.queries import WrittenBrief, cover, written_brief
from campaigns.brief.signatures.rules import agreed_to_few
from campaigns.core import events
from campaigns.core.appointing.rules import require_second_person
from campaigns.core.campaign import Campaign, Deliverable, Ended, deliverables_of, find_campaign, require_live
from campaigns.core.cancellations import Cancellation, find_cancellation
from campaigns.core.errors import Forbidden, Invalid, Refusal, Stale
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.role_grants import require_still_holding
from campaigns.core.words import _
from campaigns.payout.finalizations.actions import post_all_final
from campaigns.payout.kill_fees import actions as kill_fee_actions
from campaigns.payout.kill_fees import queries as kill_fee_queries
from campaigns.payout.kill_fees.queries import Owed
from campaigns.payout.queries import final_deliverables


class TakesTwoPeople(Forbidden):
    """Canceling a campaign that has received money takes two people, each signed in."""


class NotAsked(Refusal):
    """There is no open request to cancel the campaign."""


@dataclass(frozen=True, slots=True)
class CancellationPreview:
    """What a cancellation would do now, in minor units: kill fees and who shares them, our fee, what goes back, what the brand still owes.

    `hash` changes with any of it: whoever confirms names the one that they saw.
    """

    owed: Sequence[Owed]
    currency: str
    is_funded: bool
    kill_fees: int
    fee: int
    refund: int
    let_go: int
    still_owed: int
    hash: str


def preview(session: Session, campaign_id: UUID, *, by: Actor) -> CancellationPreview:
    """What cancelling the campaign would do now, for whoever may ask for it or confirm it."""
    campaign = find_campaign(session, campaign_id, by=by)
    if not by.may(Permission.CANCEL, on=campaign):
        by.require(Permission.CONFIRM_CANCEL, on=campaign)
    return preview_of(session, written_brief(session, campaign.id))


def preview_of(session: Session, written: WrittenBrief) -> CancellationPreview:
    """What cancelling this campaign would do now."""
    campaign, covered = written.campaign, cover(session, written)
    live = [deliverable for deliverable in deliverables_of(session, campaign.id) if deliverable.is_live]
    owed = kill_fee_queries.would_owe(session, written, live) if campaign.launched_at else []
    kill_fees, fee = sum(each.amount for each in owed), sum(each.fee for each in owed)
    back = max(covered.held - _to_post(session, written, live) - kill_fees - fee, 0)
    let_go = min(back, covered.receivable)
    sums = {"kill_fees": kill_fees, "fee": fee, "refund": back - let_go, "let_go": let_go, "still_owed": covered.receivable - let_go}
    seal = hashlib.sha256(json.dumps({**sums, "owed": [_shown(each) for each in owed]}, sort_keys=True).encode()).hexdigest()
    return CancellationPreview(owed, written.brief.currency, campaign.launched_at is not None or covered.held > 0, **sums, hash=seal)


def _shown(owed: Owed) -> list[Any]:
    """All that is decided about one deliverable: how much, and whom it goes to."""
    over = [str(owed.version_id), *(str(contribution) for contribution in owed.contributions)]
    return [str(owed.deliverable.id), owed.price, owed.bps, owed.amount, owed.fee, over]


def _to_post(session: Session, written: WrittenBrief, live: Sequence[Deliverable]) -> int:
    """What final proposals that are not posted yet take of what is held: their pools, and their parts of the fee."""
    final, parts = final_deliverables(session, live), fee_shares(written.brief, written.deliverables)
    return sum(each.price + parts[each.id] for each in written.deliverables if each.id in final)


def cancel(session: Session, campaign_id: UUID, reason: str, *, by: Actor, at: datetime) -> Campaign:
    """Cancel a campaign for which no money has come; for any other, ask another person to confirm it. Asking again changes nothing."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.CANCEL, on=campaign)
    _require_something_left(session, campaign)
    if not reason.strip():
        raise Invalid(_("Say why you are canceling the campaign; everyone in it can read the reason."), field="reason")
    if not preview_of(session, written_brief(session, campaign.id)).is_funded:
        return _end(session, campaign, reason.strip(), asked_by=by.person_id, by=by, at=at)
    if by.person_id is None:
        raise TakesTwoPeople(_("This campaign has received money, so canceling it takes two people, each signed in."))
    if find_cancellation(session, campaign.id) is None:
        asked = Cancellation(campaign_id=campaign.id, reason=reason.strip(), asked_by=by.person, asked_at=at)
        session.add(asked)
        session.flush()
        events.record(session, EventName.CAMPAIGN_CANCELLATION_ASKED, by=by, at=at, campaign_id=campaign.id, reason=asked.reason)
    return campaign


def confirm_cancel(session: Session, campaign_id: UUID, seen: str, *, by: Actor, at: datetime) -> Campaign:
    """End the partnership, as a second person who has seen what it does: `seen` is the hash of the preview.

    What is final is paid, open proposals are closed, what is certainly not owed goes back to the brand, and what may be owed as kill fees
    stays held until their own proposals are final. Refused while a payout of the campaign is being sent, and once every proposal is final.
    """
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.CONFIRM_CANCEL, on=campaign)
    _require_something_left(session, campaign)
    asked = _standing(session, campaign)
    require_second_person(session, [asked.asked_by], by=by, few=agreed_to_few(session, campaign.id))
    gone = _("The person who asked for this no longer runs the campaign; keep the campaign, or have someone else ask.")
    require_still_holding(session, asked.asked_by, Permission.CANCEL, campaign.scope, gone)
    if seen != preview_of(session, written_brief(session, campaign.id)).hash:
        raise Stale(_("What canceling does has changed since you looked; review it again, then confirm."))
    kill_fee_actions.require_nothing_being_sent(session, campaign)
    asked.confirm(by=by, at=at)
    session.flush()
    return _end(session, campaign, asked.reason, asked_by=asked.asked_by, by=by, at=at)


def keep_campaign(session: Session, campaign_id: UUID, *, by: Actor, at: datetime) -> Campaign:
    """Drop the request to cancel the campaign: whoever asked takes it back, or another person declines it."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.CANCEL if by.may(Permission.CANCEL, on=campaign) else Permission.CONFIRM_CANCEL, on=campaign)
    require_live(campaign)
    asked = _standing(session, campaign)
    asked.dropped_by, asked.dropped_at = by.person, at
    session.flush()
    events.record(session, EventName.CAMPAIGN_CANCELLATION_DROPPED, by=by, at=at, campaign_id=campaign.id)
    return campaign


def _standing(session: Session, campaign: Campaign) -> Cancellation:
    asked = find_cancellation(session, campaign.id)
    if asked is None:
        raise NotAsked(_("There is no longer a request to cancel this campaign."))
    return asked


def _require_something_left(session: Session, campaign: Campaign) -> None:
    require_live(campaign)
    live = [deliverable for deliverable in deliverables_of(session, campaign.id, lock=True) if deliverable.is_live]
    if live and len(final_deliverables(session, live)) == len(live):
        raise Ended(_("Every proposal of the campaign is final, so there is nothing left to cancel."))


def _end(session: Session, campaign: Campaign, reason: str, *, asked_by: UUID | None, by: Actor, at: datetime) -> Campaign:
    post_all_final(session, campaign.id, at=at)
    written = written_brief(session, campaign.id)
    live = [deliverable for deliverable in deliverables_of(session, campaign.id) if deliverable.is_live]
    owed, final = kill_fee_queries.would_owe(session, written, live) if campaign.launched_at else [], final_deliverables(session, live)
    kill_fee_actions.close_proposals(session, campaign)
    lifecycle.end(session, campaign, final, reason, by=by, at=at)
    kept = kill_fee_actions.owe(session, written, owed, asked_by=asked_by, at=at) if asked_by else 0
    fee = kill_fee_actions.earn_fee(session, written, owed, at=at)
    kill_fee_actions.give_back_rest(session, campaign, kept, at=at)
    events.record(
        session, EventName.CAMPAIGN_CANCELLED, by=by, at=at, campaign_id=campaign.id, reason=reason,
        kill_fees=kept, fee=fee, currency=written.brief.currency, asked_by=str(asked_by) if asked_by else None,
    )  # fmt: skip
    kill_fee_actions.settle(session, campaign, at=at)
    return campaign

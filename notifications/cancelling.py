"""The emails about the end of a partnership before its time: makers, the brand and staff are each told what it means for them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.budgets import balances_of
from campaigns.brief.models import Refund, RefundPart
from campaigns.brief.queries import written_brief
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.cancellations import find_cancellation
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.permissions import GRANTS, Permission
from campaigns.core.role_grants import holders
from campaigns.payout.models import Proposal, ProposalLine
from notifications.audiences import brand_people, finance, makers, managers, staff
from notifications.notification import EmailDraft, notification

REASON = "The brand has stopped the holiday line."
PATH = "/campaigns/0199a1b2"
SUMS = {
    "currency": "USD", "kill_fees": 250_000, "fee": 37_500, "refund": 1_192_500, "let_go": 0, "by_hand": 200_000, "still_owed": 0,
}  # fmt: skip


def _sums(session: Session, fact: Event, campaign: Campaign) -> dict[str, Any]:
    """What the cancellation keeps for kill fees and for the platform, what goes back and how, and what the brand still owes."""
    currency = fact.facts.get("currency", "USD")
    owed = balances_of(session, [campaign.id]).get((campaign.id, currency), {})
    refund = session.scalars(select(Refund).where(Refund.key == f"cancelled:{campaign.id}")).one_or_none()
    by_hand = select(func.coalesce(func.sum(RefundPart.amount), 0)).where(RefundPart.payment_id.is_(None))
    return {
        "currency": currency,
        "kill_fees": fact.facts.get("kill_fees", 0),
        "fee": fact.facts.get("fee", 0),
        "refund": refund.amount if refund else 0,
        "let_go": refund.let_go if refund else 0,
        "by_hand": int(session.scalars(by_hand.where(RefundPart.refund_id == refund.id)).one()) if refund else 0,
        "still_owed": owed.get("receivable", 0),
    }


@notification(stage="lifecycle", on=EventName.CAMPAIGN_CANCELLED, sample={"path": PATH, "reason": REASON})
def cancelled(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Who has made something in the campaign and has no role in it learns that it has ended, and what becomes of their work and money."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    with_a_role = brand_people(session, campaign) | staff(session, campaign)
    for person_id in sorted(makers(session, campaign) - with_a_role - {fact.actor_id}):
        yield EmailDraft(person_id, path=f"/campaigns/{fact.campaign_id}", reason=fact.reason)


@notification(stage="lifecycle", on=EventName.CAMPAIGN_CANCELLED, sample={"path": PATH, "reason": REASON, "has_contribution": True} | SUMS)
def cancelled_for_brand(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The brand's people learn what goes back to them, what is held for kill fees, what the platform keeps and what they still owe."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    yield from _to_a_side(session, fact, campaign, brand_people(session, campaign))


@notification(stage="lifecycle", on=EventName.CAMPAIGN_CANCELLED, sample={"path": PATH, "reason": REASON, "has_contribution": True} | SUMS)
def cancelled_for_staff(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The staff learns what is held for kill fees and waits for two people, what went back, and what must be sent by hand."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    yield from _to_a_side(session, fact, campaign, staff(session, campaign) - brand_people(session, campaign))


def _to_a_side(session: Session, fact: Event, campaign: Campaign, people: set[UUID]) -> Iterable[EmailDraft]:
    """Every sum, and to those who have made something in it too, in the same email, what becomes of that."""
    sums, have_made = _sums(session, fact, campaign), makers(session, campaign)
    for person_id in sorted(people - {fact.actor_id}):
        yield EmailDraft(person_id, path=f"/campaigns/{campaign.id}", reason=fact.reason, has_contribution=person_id in have_made, **sums)


def _still_asked(session: Session, fact: Event) -> bool:
    """Whether the request still waits for a second person."""
    asked = find_cancellation(session, session.get_one(Campaign, fact.campaign_id).id)
    return asked is not None and asked.confirmed_at is None


@notification(
    stage="lifecycle", on=EventName.CAMPAIGN_CANCELLATION_ASKED, through_pause=True, still_true=_still_asked,
    sample={"path": f"{PATH}/cancel", "by": "Mara Okafor", "reason": REASON},
)  # fmt: skip
def cancellation_asked(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Whoever may be the second person learns that someone asks for the campaign to be cancelled, and why."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    who = {person.id for role in GRANTS[Permission.CONFIRM_CANCEL] for person in holders(session, role, campaign.scope)}
    for person_id in sorted(who - {fact.actor_id}):
        yield EmailDraft(person_id, path=f"/campaigns/{campaign.id}/cancel", by=fact.actor_name, reason=fact.reason)


@notification(
    stage="lifecycle", on=EventName.PAYOUT_CANCELLATION_SETTLED, sample={"path": PATH, "paid": 250_000, "refund": 0, "currency": "USD"}
)
def cancellation_settled(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The brand's people and the staff learn what the kill fees of a cancelled campaign came to, and what went back at the end."""
    campaign = session.get_one(Campaign, fact.campaign_id)
    of_kill_fees = select(func.coalesce(func.sum(ProposalLine.amount), 0)).join(Proposal, Proposal.id == ProposalLine.proposal_id)
    of_kill_fees = of_kill_fees.join(Deliverable, Deliverable.id == Proposal.deliverable_id)
    mine = (Proposal.is_kill_fee, Proposal.posted_at.is_not(None), Deliverable.campaign_id == campaign.id)
    paid = int(session.scalars(of_kill_fees.where(*mine)).one())
    refund = session.scalars(select(Refund.amount).where(Refund.key == f"settled:{campaign.id}")).one_or_none() or 0
    currency = written_brief(session, campaign.id).brief.currency
    told = brand_people(session, campaign) | managers(session, campaign) | finance(session)
    for person_id in sorted(told) if paid or refund else ():
        yield EmailDraft(person_id, path=f"/campaigns/{campaign.id}", paid=paid, refund=refund, currency=currency)

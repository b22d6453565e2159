"""Why an email was no longer true when it was to go out: an event, or a row, at or before that moment, by the trial's own table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.collaboration.models import Source
from campaigns.core.campaign import Campaign
from campaigns.core.events import Event
from campaigns.core.people import Brand
from campaigns.payout.models import Proposal, ProposalLine
from campaigns.payout.runs.models import Payout, PayoutRun

# Whether something had happened by the moment that made the email about this event untrue.
Cause: TypeAlias = Callable[[Session, Event, datetime], bool]


def happened(*names: str, of_deliverable: bool = False, **same: str) -> Cause:
    """An event of one of these names, after the email's: of its deliverable, and about what it is about.

    `same` has what it is about by its name in the later event, and says by which name the email's event has it.
    """

    def has(session: Session, fact: Event, by: datetime) -> bool:
        later = select(Event).where(Event.chain_id == fact.chain_id, Event.number > fact.number, Event.name.in_(names), Event.at <= by)
        found = session.scalars(later.where(Event.deliverable_id == fact.deliverable_id) if of_deliverable else later)
        return any(all(each.facts.get(here) == fact.facts.get(there) for here, there in same.items()) for each in found)

    return has


def all_have_signed(session: Session, fact: Event, by: datetime) -> bool:
    """Somebody has signed under each sign-off role."""
    sign_off_roles = select(Brand.sign_off_roles).join(Campaign, Campaign.brand_id == Brand.id).where(Campaign.id == fact.campaign_id)
    signed = select(Event.facts["hat"].as_string()).where(Event.chain_id == fact.chain_id, Event.name == "brief.signed", Event.at <= by)
    return set(session.scalars(sign_off_roles).one()) <= set(session.scalars(signed))


def call_has_closed(session: Session, fact: Event, by: datetime) -> bool:
    return session.scalar(select(exists().where(Brief.campaign_id == fact.campaign_id, Brief.call_closes_at <= by))) or False


def all_are_decided(session: Session, fact: Event, by: datetime) -> bool:
    """Of what the contribution is said to have been led to by, or to contain, nothing is open."""
    contribution = fact.facts.get("contribution") or fact.facts["work"]
    decided = session.scalars(select(Source.decided_at).where(Source.contribution_id == UUID(contribution))).all()
    return bool(decided) and all(at is not None and at <= by for at in decided)


def is_final(session: Session, fact: Event, by: datetime) -> bool:
    """Two people have finalized the proposal."""
    final_at = session.get_one(Proposal, UUID(fact.facts["proposal"])).final_at
    return final_at is not None and final_at <= by


def time_is_over(_session: Session, fact: Event, by: datetime) -> bool:
    """What the money waited for was a moment, which has come."""
    return fact.facts.get("until") is not None and datetime.fromisoformat(fact.facts["until"]) <= by


def was_collected(session: Session, fact: Event, by: datetime) -> bool:
    """The money was taken into a payout run since."""
    theirs = (Payout.person_id == UUID(fact.facts["person"]), Payout.currency == fact.facts["currency"])
    since = select(exists().where(Payout.run_id == PayoutRun.id, *theirs, PayoutRun.quoted_at > fact.at, PayoutRun.quoted_at <= by))
    return session.scalar(since) or False


def has_earned(session: Session, fact: Event, by: datetime) -> bool:
    """Something more came to the balance since."""
    since = (Proposal.posted_at > fact.at, Proposal.posted_at <= by, Proposal.currency == fact.facts["currency"])
    more = exists().where(
        ProposalLine.proposal_id == Proposal.id, ProposalLine.person_id == UUID(fact.facts["person"]), ProposalLine.amount > 0, *since
    )
    return session.scalar(select(more)) or False


OF_CONTRIBUTION = ("open_call.screened", "open_call.screening_taken_back", "open_call.contribution_withdrawn")
OF_SOURCE = ("collaboration.source_confirmed", "collaboration.source_declined")
OF_ACCOUNT = (
    "payout.account_promised", "payout.account_onboarding", "payout.account_active", "payout.account_refused", "payout.account_asked",
    "payout.destination_changed",
)  # fmt: skip
OF_BALANCE = ("payout.cannot_pay", "payout.sent", "payout.item_failed", "payout.returned", "payout.payments_held", "payout.hold_lifted")
OF_INVOICE = (
    "brief.invoice_sent", "brief.invoice_paid", "brief.invoice_voided", "brief.invoice_credited", "brief.invoice_withdrawn",
    "brief.invoice_refused", "brief.invoice_uncertain",
)  # fmt: skip
OF_REFUND = ("brief.refund_settled", "brief.refund_by_hand_due", "brief.refund_asked", "brief.refund_on_cash")
ENDED = happened("campaign.done", "campaign.cancelled")
HAS_MOVED = happened("campaign.moved", of_deliverable=True)
WORD_OF_PAUSE = happened("campaign.paused", "campaign.resumed", "campaign.cancelled")
UNTRUE: Mapping[str, Sequence[Cause]] = {
    "brief_ready": (all_have_signed, happened("brief.launched"), ENDED),
    "signature_fell": (all_have_signed, happened("brief.launched"), ENDED),
    "launch": (call_has_closed, ENDED),
    "contribution_received": (happened("open_call.contribution_withdrawn", contribution="contribution"),),
    "screened": (happened(*OF_CONTRIBUTION, contribution="contribution"),),
    "question_asked": (happened("open_call.question_answered", question="question"), ENDED),
    "your_contribution_was_used": (
        happened(*OF_CONTRIBUTION, contribution="contribution"), happened("collaboration.source_declined", work="contribution"),
    ),
    "influence_claimed": (all_are_decided, happened(*OF_CONTRIBUTION, contribution="contribution"), ENDED),
    "influence_decided": (happened(*OF_SOURCE, work="work", source="source"),),
    "reviews_asked": (HAS_MOVED,),
    "version_names_you": (happened("client_delivery.maker_confirmed", cut="cut"),),
    "version_ready": (happened("client_delivery.decided", cut="cut"), happened("client_delivery.cut_made", of_deliverable=True), HAS_MOVED),
    "proposal": (is_final, happened("payout.proposed", of_deliverable=True), happened("campaign.cancelled")),
    "arrived": (happened("payout.bank_returned", item="item"),),
    "cannot_pay": (happened(*OF_ACCOUNT, *OF_BALANCE, person="person"), time_is_over, was_collected, has_earned),
    "account_needs_more": (happened(*OF_ACCOUNT, person="person"),),
    "run_paused": (happened("payout.run_resumed", "payout.run_closed", run="run"),),
    "left_open": (
        happened(*OF_INVOICE, invoice="invoice"), happened(*OF_REFUND, part="part"),
        happened("payout.discrepancy_resolved", subject="transfer"),
    ),
    "paused": (WORD_OF_PAUSE,), "resumed": (WORD_OF_PAUSE,),
}  # fmt: skip


def had_become_untrue(session: Session, notification: str, fact: Event, by: datetime) -> bool:
    """Whether anything by that moment made an email of this kind about the event untrue."""
    return any(cause(session, fact, by) for cause in UNTRUE.get(notification, ()))

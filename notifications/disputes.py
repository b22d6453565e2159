"""The emails of disputes: that a bank questions a payment, that an answer is due, what was decided; and early warnings of fraud."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.brief.disputes.models import Dispute, FraudWarning
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from notifications.audiences import finance, managers
from notifications.notification import EmailDraft, notification

ABOUT: dict[str, Any] = {"path": "/disputes/0199a1b2", "amount": 7_400_000, "currency": "USD", "title": "Holiday traditions"}


def _dispute(session: Session, fact: Event) -> Dispute:
    return session.get_one(Dispute, UUID(fact.facts["dispute"]))


def _campaign(session: Session, fact: Event) -> Campaign | None:
    return session.get(Campaign, fact.campaign_id) if fact.campaign_id else None


def _emails(session: Session, fact: Event, *, to_managers: bool, **more: Any) -> Iterable[EmailDraft]:
    """To everyone in finance, and who runs the campaign where they need to know; each with the page that is theirs."""
    dispute, campaign = _dispute(session, fact), _campaign(session, fact)
    said = {"amount": dispute.amount, "currency": dispute.currency, "title": campaign.title if campaign else None, **more}
    paying = finance(session)
    for person_id in sorted(paying):
        yield EmailDraft(person_id, path=f"/disputes/{dispute.id}", pays=True, **said)
    for person_id in sorted(managers(session, campaign) - paying) if campaign and to_managers else ():
        yield EmailDraft(person_id, path=f"/campaigns/{fact.campaign_id}/funding", pays=False, **said)


def _is_open(session: Session, fact: Event) -> bool:
    return _dispute(session, fact).closed_at is None


def _is_unanswered(session: Session, fact: Event) -> bool:
    return _dispute(session, fact).is_answerable


@notification(
    stage="brief", on=EventName.BRIEF_DISPUTE_OPENED, still_true=_is_open,
    sample=ABOUT | {"pays": True, "is_inquiry": False, "due_by": "2026-12-24T23:59:00+00:00"},
)  # fmt: skip
def dispute_opened(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that a bank questions a payment and until when to answer; who runs the campaign, that it is paused in part."""
    dispute = _dispute(session, fact)
    yield from _emails(session, fact, to_managers=True, is_inquiry=dispute.is_inquiry, due_by=dispute.due_by)


@notification(
    stage="brief", on=EventName.BRIEF_DISPUTE_DUE_SOON, still_true=_is_unanswered,
    sample=ABOUT | {"pays": True, "due_by": "2026-12-24T23:59:00+00:00"},
)  # fmt: skip
def dispute_due(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that an answer to a bank is due within two days."""
    yield from _emails(session, fact, to_managers=False, due_by=_dispute(session, fact).due_by)


@notification(
    stage="brief", on=EventName.BRIEF_DISPUTE_ANSWER_REFUSED, still_true=_is_unanswered,
    sample=ABOUT | {"pays": True, "reason": "The evidence has too many pages."},
)  # fmt: skip
def dispute_answer_refused(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that Stripe did not take an answer, and why."""
    yield from _emails(session, fact, to_managers=False, reason=fact.reason)


@notification(
    stage="brief", on={EventName.BRIEF_DISPUTE_WON, EventName.BRIEF_DISPUTE_LOST, EventName.BRIEF_DISPUTE_CLOSED},
    sample=ABOUT | {"pays": True, "outcome": "lost"},
)  # fmt: skip
def dispute_decided(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance and who runs the campaign learn what the bank has decided, and what follows."""
    outcome = "lost" if _dispute(session, fact).lost else fact.name.rpartition("_")[2]  # a closed inquiry, too, may have cost its money
    yield from _emails(session, fact, to_managers=True, outcome=outcome)


def _is_actionable(session: Session, fact: Event) -> bool:
    return session.get_one(FraudWarning, UUID(fact.facts["warning"])).is_actionable


@notification(
    stage="brief", on=EventName.BRIEF_FRAUD_WARNED, still_true=_is_actionable,
    sample={"path": "/disputes", "title": "Holiday traditions"},
)  # fmt: skip
def fraud_warned(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance learns that a bank warns of a payment, and what can be done before it becomes a dispute."""
    campaign = _campaign(session, fact)
    for person_id in sorted(finance(session)):
        yield EmailDraft(person_id, path="/disputes", title=campaign.title if campaign else None)

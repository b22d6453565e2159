"""Our answer to a bank: evidence written and handed in once, or the dispute accepted; enqueued here, done by the relay."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.brief.disputes import files
from campaigns.brief.disputes.errors import DisputeOver, NothingToHandIn
from campaigns.brief.disputes.models import ANSWERABLE, Dispute
from campaigns.brief.disputes.noting import record
from campaigns.brief.disputes.queries import find_answerable
from campaigns.core import events, outbox
from campaigns.core.errors import Invalid
from campaigns.core.event_names import EventName
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.core.words import _

# What can be said of a service, and in how many characters; Stripe takes more, about parcels and subscriptions
# (https://docs.stripe.com/api/disputes/update).
FIELDS: Mapping[str, int] = {
    "customer_name": 5_000, "customer_email_address": 5_000, "billing_address": 5_000, "service_date": 5_000,
    "product_description": 20_000, "access_activity_log": 20_000, "refund_policy_disclosure": 20_000, "refund_refusal_explanation": 20_000,
    "cancellation_policy_disclosure": 20_000, "duplicate_charge_explanation": 20_000, "uncategorized_text": 20_000,
}  # fmt: skip
MOST_CHARACTERS = 150_000


def write_evidence(session: Session, dispute_id: UUID, evidence: Mapping[str, str], *, by: Actor, at: datetime) -> Dispute:
    """Keep a draft of the evidence, in the place of the one before; the same once more changes nothing. The bank reads none of it yet."""
    dispute, said = find_answerable(session, dispute_id, by=by, at=at), _read(evidence)
    if dispute.drafted_at and said == dispute.evidence:
        return dispute
    dispute.evidence = said
    dispute.drafted_by, dispute.drafted_at = by.person, at
    session.flush()
    return dispute


def hand_in(session: Session, dispute_id: UUID, evidence: Mapping[str, str] | None = None, *, by: Actor, at: datetime) -> Dispute:
    """Enqueue that the evidence, or the draft that is kept, goes to the bank: once, and for good."""
    dispute = find_answerable(session, dispute_id, by=by, at=at)
    if evidence is not None:
        write_evidence(session, dispute_id, evidence, by=by, at=at)
    if not dispute.evidence and not files.has_files(session, dispute.id):
        raise NothingToHandIn(_("Add text or a file for the bank first."), field="uncategorized_text")
    dispute.handed_in_by, dispute.handed_in_at, dispute.refusal = by.person, at, None
    _enqueue(session, dispute, EventName.BRIEF_DISPUTE_ANSWERED, by, at)
    return dispute


def accept(session: Session, dispute_id: UUID, *, by: Actor, at: datetime) -> Dispute:
    """Enqueue that the bank keeps the money: the dispute is lost, for good. An inquiry is answered."""
    dispute = find_answerable(session, dispute_id, by=by, at=at)
    if dispute.is_inquiry:
        raise DisputeOver(_("An inquiry takes no money, so there is nothing to accept. Answer it instead."))
    dispute.accepted_by, dispute.accepted_at, dispute.refusal = by.person, at, None
    _enqueue(session, dispute, EventName.BRIEF_DISPUTE_ACCEPTED, by, at)
    return dispute


def _read(evidence: Mapping[str, str]) -> dict[str, str]:
    """What is said, without what is empty; raises Invalid for what the bank would not take."""
    said = {name: words.strip() for name, words in evidence.items() if words and words.strip()}
    for name, words in said.items():
        if name not in FIELDS:
            raise Invalid(_("The bank has no such field."), field=name)
        if len(words) > FIELDS[name]:
            raise Invalid(_("This is longer than the {count} characters that the bank accepts.", count=FIELDS[name]), field=name)
    if sum(len(words) for words in said.values()) > MOST_CHARACTERS:
        sentence = _("The text as a whole is longer than the {count} characters that the bank accepts.", count=MOST_CHARACTERS)
        raise Invalid(sentence, field="uncategorized_text")
    return said


def _enqueue(session: Session, dispute: Dispute, name: EventName, by: Actor, at: datetime) -> None:
    """Each answer under a key of its own: one that Stripe refuses, or that was given to an inquiry, is followed by another."""
    outbox.enqueue(session, OutboxKind.DISPUTE_ANSWER, key=f"{dispute.id}:{at.isoformat()}", dispute=str(dispute.id))
    events.record(session, name, by=by, at=at, campaign_id=dispute.campaign_id, dispute=str(dispute.id))


def note_refused(session: Session, dispute_id: UUID, reason: str, at: datetime) -> None:
    """What Stripe did not take was not said: as long as the dispute waits for an answer, it can be answered again."""
    dispute = session.get_one(Dispute, dispute_id, with_for_update=True, populate_existing=True)
    if dispute.status not in ANSWERABLE:
        return
    dispute.refusal = reason
    dispute.handed_in_by = dispute.handed_in_at = dispute.accepted_by = dispute.accepted_at = None
    files.forget_sent(session, dispute_id)
    record(session, EventName.BRIEF_DISPUTE_ANSWER_REFUSED, dispute, at, reason=reason)

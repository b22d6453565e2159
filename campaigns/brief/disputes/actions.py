"""What is lost and the brand does not pay again: we bear it, and what it covered is paid out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.brief.disputes.errors import NothingToBear
from campaigns.brief.disputes.models import Dispute
from campaigns.brief.disputes.queries import find_dispute
from campaigns.core import events
from campaigns.core.campaign import find_campaign
from campaigns.core.errors import Invalid
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.ledger.accounts import Entry, dispute_losses, unrecovered
from campaigns.ledger.actions import hold_ledger, post
from campaigns.ledger.queries import balance


def bear(session: Session, dispute_id: UUID, reason: str, *, by: Actor, at: datetime) -> Dispute:
    """Bear what of a lost dispute the brand has not paid again: it is our loss, and what people earned of it goes out."""
    dispute = find_dispute(session, dispute_id, by=by)
    if dispute.campaign_id:
        find_campaign(session, dispute.campaign_id, by=SYSTEM, lock=True)
    dispute = find_dispute(session, dispute_id, by=by, lock=True)
    by.require(Permission.BEAR_LOSS)
    if not reason.strip():
        raise Invalid(_("Give a reason. Your colleagues will read it."), field="reason")
    hold_ledger(session)
    amount = to_bear(session, dispute)
    if not amount or dispute.campaign_id is None:
        raise NothingToBear(_("Nothing is owed to us for this dispute."))
    debt = unrecovered(dispute.campaign_id, dispute.currency)
    dispute.turns += 1
    entries = [Entry(dispute_losses(dispute.currency), debt, amount)]
    post(session, "brief.dispute_borne", f"dispute:{dispute.id}:{dispute.turns}", entries, at=at)
    events.record(
        session, EventName.BRIEF_DISPUTE_BORNE, by=by, at=at, campaign_id=dispute.campaign_id, reason=reason.strip(),
        dispute=str(dispute.id), amount=amount, currency=dispute.currency,
    )  # fmt: skip
    return dispute


def to_bear(session: Session, dispute: Dispute) -> int:
    """What of a lost dispute is still owed to us: at most what it lost, and what the brand has not paid again since."""
    if dispute.campaign_id is None or not dispute.lost:
        return 0
    return min(dispute.lost, balance(session, unrecovered(dispute.campaign_id, dispute.currency)))

"""The email about what Stripe refused or never answered: money waits there for finance, and nothing goes on by itself."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.models import Invoice, RefundPart
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EVENTS, EventName
from campaigns.core.events import Event
from campaigns.payments.models import TopUp
from campaigns.payout.reconciliations.models import Discrepancy
from notifications.audiences import finance, managers
from notifications.notification import EmailDraft, notification

WHAT = {
    EventName.BRIEF_INVOICE_REFUSED: "invoice_refused", EventName.BRIEF_INVOICE_UNCERTAIN: "invoice_uncertain",
    EventName.BRIEF_INVOICE_STILL_PAYABLE: "invoice_still_payable", EventName.BRIEF_REFUND_UNCERTAIN: "refund_uncertain",
    EventName.PAYOUT_TOP_UP_FAILED: "top_up_failed", EventName.PAYOUT_TOP_UP_CANCELED: "top_up_failed",
    EventName.PAYOUT_TOP_UP_REVERSED: "top_up_reversed",
    EventName.PAYOUT_REVERSAL_REFUSED: "reversal_refused",
}  # fmt: skip


def _still_open(session: Session, fact: Event) -> bool:
    """Whether it is still as the email says."""
    what, about = WHAT[EVENTS[fact.name]], fact.facts
    if what.startswith("invoice_"):
        invoice = session.get_one(Invoice, UUID(about["invoice"]))
        is_payable = invoice.state in ("open", "void") and invoice.refusal is not None
        return is_payable if what == "invoice_still_payable" else invoice.state == what.removeprefix("invoice_")
    if what == "refund_uncertain":
        return session.get_one(RefundPart, UUID(about["part"])).state == "uncertain"
    return what.startswith("top_up_") or _discrepancy(session, about["transfer"]).resolved_at is None


@notification(
    stage="payout", on=WHAT, still_true=_still_open,
    sample={
        "path": "/campaigns/0199a1b2/funding#invoices", "what": "invoice_still_payable", "amount": 600_000, "currency": "USD",
        "reason": "invoice_not_editable",
    },
)  # fmt: skip
def left_open(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Finance, and of an invoice that was not sent the campaign's managers, learn what Stripe refused or did not answer, and what to do."""
    what = WHAT[EVENTS[fact.name]]
    people = finance(session)
    if what in ("invoice_refused", "invoice_uncertain"):
        people |= managers(session, session.get_one(Campaign, fact.campaign_id))
    about = _about(session, fact, what)
    for person_id in sorted(people):
        yield EmailDraft(person_id, what=what, reason=fact.reason, **about)


def _about(session: Session, fact: Event, what: str) -> dict[str, Any]:
    """How much it is about, and where one goes on with it."""
    if what.startswith("top_up_"):
        asked = session.get_one(TopUp, UUID(fact.facts["top_up"]))
        return {"path": "/runs", "amount": asked.amount, "currency": asked.currency}
    if what == "reversal_refused":
        return {"path": "/runs", "amount": fact.facts["amount"], "currency": _discrepancy(session, fact.facts["transfer"]).currency}
    funding = f"/campaigns/{fact.campaign_id}/funding"
    path = f"{funding}/refunds/{fact.facts['part']}" if what == "refund_uncertain" else f"{funding}#invoices"
    return {"path": path, "amount": fact.facts["amount"], "currency": fact.facts["currency"]}


def _discrepancy(session: Session, transfer_id: str) -> Discrepancy:
    mine = select(Discrepancy).where(Discrepancy.subject == transfer_id).order_by(Discrepancy.resolved_at.is_(None).desc()).limit(1)
    return session.scalars(mine).one()

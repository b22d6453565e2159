"""Finance asks that the books be compared with the provider's now, instead of at night."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core import events, outbox
from campaigns.core.event_names import EventName
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission

RECONCILE = "reconcile/reconcile"


def ask_reconciliation(session: Session, key: str, *, by: Actor, at: datetime) -> None:
    """Enqueue a comparison of every recent payout and of the balance with the provider; under the same key one comparison."""
    by.require(Permission.VIEW_MONEY)
    name = f"reconcile by hand {key}"
    outbox.enqueue(session, OutboxKind.START_FLOW, key=f"{RECONCILE}:{key}", deployment=RECONCILE, name=name, parameters={})
    events.record(session, EventName.PAYOUT_RECONCILIATION_ASKED, by=by, at=at, key=key)

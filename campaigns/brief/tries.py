"""What is asked of the provider: which row it is about, and how long the same request may be repeated."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.brief.models import Invoice, RefundPart
from campaigns.core.campaign import find_campaign
from campaigns.core.people import SYSTEM

# Stripe forgets an idempotency key after 24 hours: what was first tried longer ago must not be tried again blindly.
SAFE_TO_REPEAT = timedelta(hours=23)
Tried = TypeVar("Tried", Invoice, RefundPart)


def locked(session: Session, kind: type[Tried], row_id: UUID) -> Tried:
    """The row as it stands once its campaign is locked: that lock always comes first, or two transactions could wait for each other."""
    row = session.get_one(kind, row_id)
    find_campaign(session, row.campaign_id, by=SYSTEM, lock=True)
    session.refresh(row)
    return row


def begin_try(
    session: Session, kind: type[Tried], row_id: UUID, tell_uncertain: Callable[[Session, Tried, datetime], None], *, at: datetime
) -> bool:
    """Whether it is still only enqueued and the provider would know a second try for what it is; notes the first try.

    What was first tried too long ago becomes uncertain, and is told: a person must look.
    """
    row = locked(session, kind, row_id)
    was, may = row.state, _may_try(row, at)
    if row.state != was:
        tell_uncertain(session, row, at)
    return may


def _may_try(row: Invoice | RefundPart, at: datetime) -> bool:
    if row.state != "promised":
        return False
    row.tried_at = row.tried_at or at
    if at - row.tried_at >= SAFE_TO_REPEAT:
        row.state = "uncertain"
    return row.state == "promised"

"""Payments that were sent long ago and that no payout to a bank names: listed for finance, for nobody else will ever tell of them.

Stripe does not say what a payout contains that was made by hand or at once, so of an account that is paid out so nothing arrives here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.payout.runs.models import Item, PayoutRun
from campaigns.payout.runs.queries import PAGE

# A daily schedule pays out within days, and the longest route takes six more.
OVERDUE_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A payment that was transferred long ago and is not said to have arrived: whose it is, and the number of its run."""

    item: Item
    name: str
    run_number: int


def overdue(session: Session, *, by: Actor, at: datetime, before: UUID | None = None, limit: int = PAGE) -> Sequence[Overdue]:
    """The payments that are overdue at `at`, the newest first, up to `limit` made before `before`."""
    by.require(Permission.VIEW_MONEY)
    query = (
        select(Item, Person.name, PayoutRun.number).join(Person, Person.id == Item.person_id).join(PayoutRun, PayoutRun.id == Item.run_id)
    )
    query = query.where(*_overdue(at)).order_by(Item.id.desc()).limit(limit)
    return [Overdue(*row) for row in session.execute(query.where(Item.id < before) if before else query)]


def count_overdue(session: Session, at: datetime) -> tuple[int, datetime | None]:
    """How many payments are overdue at `at`, and since when the first is."""
    count, first = session.execute(select(func.count(), func.min(Item.settled_at)).where(*_overdue(at))).one()
    return count, first + OVERDUE_AFTER if first else None


def _overdue(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return Item.state == "sent", Item.settled_at < at - OVERDUE_AFTER

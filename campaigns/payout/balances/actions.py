"""The people whose balance is not paid out for a new reason are told."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.event_names import EventName
from campaigns.core.people import CLOCK
from campaigns.ledger.actions import hold_ledger
from campaigns.payout.balances.queries import PayeeBalance, changed_blocked

QUIET_REASONS = frozenset({"on_its_way"})


def note_blocked(session: Session, currency: str, *, at: datetime) -> None:
    """Note why each balance stays where it is, and tell whoever's reason is new."""
    hold_ledger(session)
    for standing in changed_blocked(session, currency, at, but=QUIET_REASONS):
        _tell_unpayable(session, standing, at)


def _tell_unpayable(session: Session, standing: PayeeBalance, at: datetime) -> None:
    dropped: dict[str, Any] = {"is_dropped": True} if standing.is_dropped else {}
    events.record(
        session, EventName.PAYOUT_CANNOT_PAY, by=CLOCK, at=at, person=str(standing.person_id), amount=standing.amount,
        currency=standing.currency, code=standing.reason, country=standing.country, minimum=standing.minimum, withheld=standing.withheld,
        until=standing.until.isoformat() if standing.until else None, **dropped,
    )  # fmt: skip

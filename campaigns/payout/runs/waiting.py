"""What of the payouts waits for somebody in finance to see to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.payments.countries import OPEN
from campaigns.payments.models import CountryChange
from campaigns.payout.runs.models import Run


@dataclass(frozen=True, slots=True)
class PausedRun:
    """A run that stands still; `is_short` where our balance does not cover it."""

    run_id: UUID
    number: int
    is_short: bool


def paused_runs(session: Session) -> Sequence[PausedRun]:
    """The runs that stand still, in their order."""
    rows = session.execute(select(Run.id, Run.number, Run.cause).where(Run.state == "paused").order_by(Run.number))
    return [PausedRun(run_id, number, cause == "balance_insufficient") for run_id, number, cause in rows]


def moved_people(session: Session, *, by: Actor) -> tuple[int, datetime | None]:
    """How many people's change of country the actor can look at, and since when the first waits."""
    row = session.execute(select(func.count(), func.min(CountryChange.changed_at)).where(OPEN, CountryChange.person_id != by.person)).one()
    return int(row[0]), row[1]

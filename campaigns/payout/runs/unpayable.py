"""How many balances stay where they are, and why: counted from the very rows that the list of them shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.payout.runs.reasons import STANDINGS, Reason
from campaigns.payout.runs.rules import columns_of_routes, payee_currencies

COUNTED = text(f"""
    with {STANDINGS} select currency, reason, count(*) as people from standing
    where reason is not null group by currency, reason order by currency, reason
""")  # nosec B608  # noqa: S608 - constant


@dataclass(frozen=True, slots=True)
class Unpayable:
    """How many people have a balance in a currency that stays where it is for one reason."""

    currency: str
    reason: Reason
    people: int


def unpayable(session: Session, at: datetime) -> Sequence[Unpayable]:
    """How many balances stay now, by currency and reason."""
    rows = session.execute(COUNTED, columns_of_routes(session, payee_currencies(session), at))
    return [Unpayable(row.currency, Reason(row.reason), row.people) for row in rows]

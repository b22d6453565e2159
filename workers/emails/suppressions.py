"""The carrier's own lists of who must not be written to, pulled once a day, so that an event that never came is made good."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from campaigns.core import clock
from campaigns.core.emails import Suppression
from notifications.sendgrid_sender import sender
from notifications.suppressing import OURS_ALONE
from workers.transactions import unit_of_work

LAG = timedelta(hours=1)  # before the carrier's lists show what its events have told


@dataclass(frozen=True, slots=True)
class Pulled:
    """What the carrier's lists knew better than our table: how many reasons are new to it, how many are gone."""

    new: int
    gone: int


def pull_suppressions() -> Pulled:
    """Bring our table up to the carrier's own lists, so that an event that never came is made good; opens its own transactions."""
    with unit_of_work() as session:
        at = clock.business_now(session)
    listed = {(address.lower(), reason) for reason, address in sender().suppressed()}
    with unit_of_work() as session:
        known = {(row.address, row.reason): row.since for row in session.scalars(select(Suppression))}
        new = listed - known.keys()
        gone = [key for key, since in known.items() if key not in listed and key[1] not in OURS_ALONE and since < at - LAG]
        session.execute(delete(Suppression).where(tuple_(Suppression.address, Suppression.reason).in_(gone)))
        if new:
            rows = [{"address": address, "reason": reason, "since": at} for address, reason in sorted(new)]
            session.execute(insert(Suppression).on_conflict_do_nothing(), rows)
    return Pulled(len(new), len(gone))

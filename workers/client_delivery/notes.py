"""Notes told by email once their writer has added none for a while."""

from uuid import UUID

from campaigns.client_delivery.telling import gather, gone_quiet
from campaigns.core import clock
from workers.transactions import unit_of_work


def tell_of_notes() -> int:
    """Have every note told whose writer has added none to the version for ten minutes; returns of how many."""
    with unit_of_work() as session:
        quiet = gone_quiet(session, at=clock.business_now(session))
    return sum(_gathered(version_id, person_id) for version_id, person_id in quiet)


def _gathered(version_id: UUID, person_id: UUID) -> int:
    with unit_of_work() as session:
        return len(gather(session, version_id, person_id, at=clock.business_now(session)))

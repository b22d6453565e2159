"""A proposal that has been posted and names as many people as a figure asks for: each is to be told."""

from datetime import timedelta
from uuid import UUID

from campaigns.core import clock, events, outbox
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM
from tests.bench import money
from tests.campaigns.payout.sharing import proposed
from workers.emails.announce import announce
from workers.transactions import unit_of_work


def enqueued_for(people: int) -> outbox.Claimed:
    """The message of their emails, as the relay holds it."""
    with unit_of_work() as session:
        money.run(session, "payees", people=people)
        shared, proposal = proposed(session)
        money.run(session, "lines", proposal=proposal.id, contribution=shared.unused.id)
        at = clock.business_now(session) + timedelta(seconds=1)
        event_id = events.record(
            session, EventName.PAYOUT_POSTED, by=SYSTEM, at=at, campaign_id=shared.made.id, deliverable_id=shared.deliverable.id,
            proposal=str(proposal.id), pool=proposal.pool, fee=0, currency=proposal.currency,
        )  # fmt: skip
    return _claimed(event_id)


def _claimed(event_id: UUID) -> outbox.Claimed:
    return outbox.Claimed(new_id(), OutboxKind.EVENT, str(event_id), {"event": str(event_id)}, 1)


def build(message: outbox.Claimed) -> None:
    """Write all of them, and enqueue each."""
    announce(message)

"""Claiming the payouts of a run and writing down that each was paid, in batches as they are sent, without the provider between."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from campaigns.core import clock
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.payouts import Paid, claim_payouts, record_outcomes
from tests.bench import money
from tests.bench.databases import migrated, running
from tests.bench.figure import Figure, seconds
from workers.payout.sending import BATCH
from workers.transactions import unit_of_work

ITEMS = 20_000
LEAST = 5000
STRIPE = 25
WHY = "It is one process on one core. The real limit is Stripe, which takes 25 a second."


def measure(scale: float) -> Figure:
    items = int(ITEMS * scale)
    with running() as cluster, migrated(cluster) as url:
        money.earned_by(items)
        run_id = released()
        money.analysed(url)
        took = seconds(lambda: finish_all(run_id))
        with unit_of_work() as session:
            assert session.query(Payout).filter_by(state="sent").count() == items
    return Figure(
        f"Claim and finish of {items:,} payments, in batches of {BATCH}",
        f"{items / took:,.0f}/s",
        f"Stripe takes {STRIPE} a second",
        f"≥ {LEAST:,}/s",
        items / took >= LEAST,
        {"seconds": took, "per_second": items / took},
        WHY,
    )


def released() -> UUID:
    """A run over all that can be paid, as two people's words leave it."""
    run_id = money.quoted()
    with unit_of_work() as session:
        run = session.get_one(PayoutRun, run_id)
        run.state, run.released_at, run.generation = "released", clock.business_now(session), 1
    return run_id


def finish_all(run_id: UUID) -> None:
    for batch in batches(run_id):
        with unit_of_work() as session:
            paid = [Paid(item, f"tr_{item.id}") for item in batch]
            record_outcomes(session, run_id, paid, at=clock.business_now(session), now=clock.process_now())


def batches(run_id: UUID) -> Iterator[Sequence[Payout]]:
    """Batch after batch, claimed and committed, until none is left."""
    while True:
        with unit_of_work() as session:
            batch = claim_payouts(session, run_id, 1, BATCH, at=clock.business_now(session), now=clock.process_now())
        if not batch:
            return
        yield batch

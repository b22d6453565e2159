"""The steps of a payout run, as the tests of runs take them."""

from uuid import UUID

from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.people import SYSTEM
from campaigns.core.permissions import Role
from campaigns.ledger import checks as ledger_checks
from campaigns.payout.runs import checks
from campaigns.payout.runs.actions import approve_run, quote_run
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.payouts import close_run
from tests.treasury import Treasury
from workers.payout import sending
from workers.transactions import unit_of_work


def quote(sequence: str = "2026-11-02", currency: str = "USD") -> UUID | None:
    with unit_of_work() as session:
        run = quote_run(session, currency, "stripe_connect", sequence, by=SYSTEM, at=clock.business_now(session))
        return run.id if run else None


def release(treasury: Treasury, run_id: UUID) -> None:
    """Two people in finance let it go."""
    for _word in range(2):
        finance = treasury.person(role=Role.FINANCE)
        with unit_of_work() as session:
            approve_run(session, run_id, by=finance, at=clock.business_now(session))


def released(treasury: Treasury) -> UUID:
    run_id = quote()
    assert run_id
    release(treasury, run_id)
    return run_id


def send(run_id: UUID, generation: int = 1) -> None:
    """Send what is due now, once through."""
    while (due := sending.send_batch(run_id, generation)) and due <= clock.process_now():
        pass


def due_now(run_id: UUID) -> None:
    """Process time has passed: what waits for it is due, and every lease is over."""
    with unit_of_work() as session:
        for item in session.scalars(select(Payout).where(Payout.run_id == run_id)):
            item.due_at = item.leased_until = None


def close(run_id: UUID) -> bool:
    with unit_of_work() as session:
        return close_run(session, run_id, at=clock.business_now(session))


def items(run_id: UUID) -> list[tuple[int, str, int]]:
    """Amount, state and attempt of each payout, in their order."""
    with unit_of_work() as session:
        found = session.scalars(select(Payout).where(Payout.run_id == run_id).order_by(Payout.amount))
        return [(i.amount, i.state, i.attempt) for i in found]


def run_state(run_id: UUID) -> tuple[str, int]:
    with unit_of_work() as session:
        run = session.get_one(PayoutRun, run_id)
        return run.state, run.generation


def all_is_well() -> list[str]:
    """The names of the broken invariants of the ledger and the runs."""
    with unit_of_work() as session:
        return [b.invariant.name for b in ledger_checks.broken(session, (*ledger_checks.INVARIANTS, *checks.INVARIANTS))]
